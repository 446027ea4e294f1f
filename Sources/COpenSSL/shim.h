#pragma once
// SHA-256 alone is used, through the EVP interface.
#include <openssl/evp.h>
#include <openssl/sha.h>
