#pragma once

#include <string>
#include <string_view>

#if UPSUN_ZSTD
#include <zstd.h>
#endif

#include "testing/gzip.hpp"

// Bodies as a server codes them.

namespace upsun::test {

using upsun::testing::gzip;

#if UPSUN_ZSTD
/// With a checksum, as the tool zstd writes it. \param window_log of the memory that decoding takes
inline std::string zstd(std::string_view body, int window_log = 0) {
  ZSTD_CCtx* const context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log);
  std::string out(ZSTD_compressBound(body.size()), '\0');
  ZSTD_inBuffer in{body.data(), body.size(), 0};
  ZSTD_outBuffer to{out.data(), out.size(), 0};
  // The size is not known at the beginning, as when a server sends what it makes.
  ZSTD_compressStream2(context, &to, &in, ZSTD_e_continue);
  ZSTD_compressStream2(context, &to, &in, ZSTD_e_end);
  out.resize(to.pos);
  ZSTD_freeCCtx(context);
  return out;
}
#endif

}  // namespace upsun::test
