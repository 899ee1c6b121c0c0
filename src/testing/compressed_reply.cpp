#include "testing/compressed_reply.hpp"

#include <string>
#include <utility>

#include "testing/gzip.hpp"

namespace upsun::testing {

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
