#pragma once
#include "CFastKernels.h"

// One for each kind of processor, each in a file of its own; null where this is no such compiler target.
extern const struct fumikura_fast_kernels fumikura_fast_512_bf16, fumikura_fast_512_vnni, fumikura_fast_512,
    fumikura_fast_256_vnni, fumikura_fast_256;
