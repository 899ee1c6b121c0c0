#pragma once

#include <nghttp2/nghttp2.h>

#include <string>
#include <string_view>
#include <vector>

namespace upsun::http {

/// A request as HTTP/2 sends it. Refers to the text it was read from.
struct request_fields {
  std::vector<nghttp2_nv> list;  ///< Pseudo-header fields first (RFC 9113 section 8.3).
  std::size_t body_at = 0;       ///< Where in the text the body begins, if there is one.
};

/// Reads the fields of `text`, a request for HTTP/1.1 as `request_text` makes it. The names in it
/// are put into lower case (RFC 9113 section 8.2.1), which means the same in HTTP/1.1.
void read_request(std::string& text, bool tls, request_fields& out);

}  // namespace upsun::http
