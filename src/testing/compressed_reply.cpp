#include "testing/compressed_reply.hpp"

#include <stdexcept>
#include <string>
#include <utility>

#if UPSUN_GZIP
#include <zlib.h>
#endif

namespace upsun::testing {
namespace {

#if UPSUN_GZIP
std::string gzip(std::string_view body) {
  constexpr int gzip_format = 16;
  constexpr int memory_level = 8;  // zlib's default
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, MAX_WBITS + gzip_format,
                   memory_level, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::runtime_error("zlib cannot begin to compress");
  std::string out(deflateBound(&stream, body.size()), '\0');
  // zlib does not write to what it reads.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
  stream.avail_in = static_cast<uInt>(body.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}
#endif

}  // namespace

reply_ptr compressed(reply_ptr original, [[maybe_unused]] std::string_view accept_encoding) {
#if UPSUN_GZIP
  constexpr std::size_t shortest = 1'000;
  const std::string_view text = original->text;
  if (text.size() - original->body_at < shortest || original->stream ||
      accept_encoding.find("gzip") == std::string_view::npos)
    return original;
  reply made{.text = std::string(text.substr(0, original->body_at)), .body_at = original->body_at};
  made.text += gzip(text.substr(original->body_at));
  return std::make_shared<const reply>(
      with_header(with_excess_length(made, 0), "Content-Encoding", "gzip"));
#else
  return original;
#endif
}

}  // namespace upsun::testing
