#include "http/net/connect_response.hpp"

#include <algorithm>
#include <utility>

#include "config/header_field.hpp"
#include "util/ascii.hpp"

namespace upsun::http {

parse_status connect_response::feed(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (++bytes_ > max_bytes_)
      return fail(errc::header_limit, "limits.header_bytes, in the proxy's response");
    const char c = bytes[i];
    const bool after_cr = !line_.empty() && line_.back() == '\r';
    if (after_cr != (c == '\n'))
      return fail(errc::bad_response, "a line of the proxy's response does not end in CRLF");
    if (c != '\n') {
      line_.push_back(c);
      continue;
    }
    line_.pop_back();
    const parse_status status = take_line(line_);
    line_.clear();
    if (status == parse_status::need_more) continue;
    if (status == parse_status::complete && i + 1 < bytes.size())
      return fail(errc::bad_response, "the proxy sent bytes of its own into the tunnel");
    return status;
  }
  return parse_status::need_more;
}

parse_status connect_response::end_of_stream() {
  return fail(errc::connection_closed,
              "the proxy closed the connection before its response was complete");
}

parse_status connect_response::take_line(std::string_view line) {
  if (std::any_of(line.begin(), line.end(), util::is_field_control))
    return fail(errc::bad_response, "a control character in the proxy's response");
  if (status_ == 0) return take_status_line(line);
  if (!line.empty()) {
    const bool continues_a_field = fields_ > 0 && (line[0] == ' ' || line[0] == '\t');
    if (continues_a_field) return parse_status::need_more;  // RFC 9112 section 5.2
    ++fields_;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !config::is_token(line.substr(0, colon)))
      return fail(errc::bad_response, "a bad field in the proxy's response");
    return parse_status::need_more;
  }
  if (status_ >= 200) return parse_status::complete;
  status_ = 0;
  fields_ = 0;
  if (++informational_ > max_informational_)
    return fail(errc::header_limit, "limits.informational_responses, in the proxy's response");
  return parse_status::need_more;
}

// RFC 9112 section 4: HTTP-version SP status-code SP [ reason-phrase ]; the second space is left
// out by some.
parse_status connect_response::take_status_line(std::string_view line) {
  constexpr std::size_t version_size = std::string_view("HTTP/1.1 ").size();
  const bool version = line.starts_with("HTTP/1.1 ") || line.starts_with("HTTP/1.0 ");
  const std::string_view code = version ? line.substr(version_size, 3) : std::string_view();
  const bool number =
      code.size() == 3 && std::all_of(code.begin(), code.end(), util::is_digit) && code[0] != '0';
  if (!number || (line.size() > version_size + 3 && line[version_size + 3] != ' ')) {
    return fail(errc::bad_response, "the proxy's response has no valid status line");
  }
  status_ = (code[0] - '0') * 100 + (code[1] - '0') * 10 + (code[2] - '0');
  if (status_ == 101) return fail(errc::unexpected_protocol, "the proxy switches protocols");
  if (status_ < 300) return parse_status::need_more;
  const std::string said = "the proxy answered " + std::to_string(status_);
  const bool may_pass = status_ == 408 || status_ == 429 || (status_ >= 500 && status_ < 600);
  return fail(may_pass ? errc::connect_failed : errc::proxy_refused,
              status_ == 407 ? said + ": it demands credentials" : said);
}

parse_status connect_response::fail(errc code, std::string cause) {
  failure_ = {code, std::move(cause)};
  return parse_status::failed;
}

}  // namespace upsun::http
