#pragma once

#include <optional>
#include <string>
#include <vector>

#include "unit/http/http1/parse_outcome.hpp"

namespace upsun::http::test {

/// What must become of a response.
struct framing_verdict {
  std::optional<errc> refused{};  ///< Absent: accepted, with what follows.
  int status = 0;
  std::string body{};
  bool reusable = false;  ///< The connection may carry another exchange.
};

/// A response as a server may send it, and its verdict by RFC 9112, or by a limit.
struct framing_case {
  std::string name;
  std::string bytes;
  framing_verdict verdict;
  stream_end end = stream_end::open;  ///< How the stream ends after the last byte.
  limit_options limits{};
};

/// All of them; no two have the same name.
const std::vector<framing_case>& framing_cases();

}  // namespace upsun::http::test
