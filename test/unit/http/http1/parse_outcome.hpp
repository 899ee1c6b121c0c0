#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/http1/response_parser.hpp"

namespace upsun::http::test {

/// How the stream ends after the last byte.
enum class stream_end { open, announced, cut_off };

/// What became of a response, without the wording of a failure.
struct parse_outcome {
  parse_status status = parse_status::need_more;
  std::optional<errc> failure;
  int http_status = 0;
  std::string body;
  std::string content_type;
  std::string request_id;
  std::string www_authenticate;
  std::string etag;
  bool no_store = false;
  std::optional<std::chrono::seconds> retry_after;
  std::optional<std::chrono::seconds> keep_alive_timeout;
  bool reusable = false;  // by its own word, and with nothing left over
  friend bool operator==(const parse_outcome&, const parse_outcome&) = default;
};
std::ostream& operator<<(std::ostream& out, const parse_outcome& o);

/// Feeds `pieces` to `parser`, which is reset before.
parse_outcome parse(response_parser& parser, const std::vector<std::string_view>& pieces,
                    stream_end end = stream_end::open);

/// Feeds `bytes` whole, in two parts cut at every place, and byte by byte, and expects the same
/// outcome each time. Returns it.
parse_outcome parse_however_cut(const std::string& bytes, stream_end end = stream_end::open,
                                const limit_options& limits = {});

}  // namespace upsun::http::test
