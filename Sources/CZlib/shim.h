#pragma once
// Raw inflate (RFC 1951) and CRC-32, which the entries of a zip archive need. inflateInit2 is a macro, so it is given a
// function here.
#include <zlib.h>

static inline int fumikura_inflate_init_raw(z_stream *stream) { return inflateInit2(stream, -MAX_WBITS); }
