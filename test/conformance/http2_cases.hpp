#pragma once

#include <functional>
#include <string>
#include <vector>

#include "unit/http/http2/scripted_peer.hpp"

namespace upsun::http::http2_cases {

/// What becomes of the request on stream 1, and of the connection. A request on stream 3 goes on
/// whenever the connection does.
enum class outcome {
  success,           ///< A response with the body "ok".
  failed,            ///< An error; the connection goes on.
  refused,           ///< Not processed: it may be sent again. The connection goes on.
  waits,             ///< Nothing yet: a good response that follows counts.
  connection_ended,  ///< For breaking the rules.
};

struct http2_case {
  const char* section;  ///< Of RFC 9113, unless it says otherwise.
  const char* what;
  std::function<std::string(test::scripted_peer&)> bytes;  ///< What the server sends.
  outcome expected;
  bool greeted = true;  ///< Both have exchanged their settings before.
};

/// Every rule for a client about what a server sends. Where the rules ask for an error of the
/// stream and nghttp2 ends the connection, which they allow (RFC 9113 section 5.4.2), that is
/// expected.
[[nodiscard]] std::vector<http2_case> all();

}  // namespace upsun::http::http2_cases
