#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <upsun/error.hpp>

#include "support/planned_server.hpp"

namespace upsun::http::test {

/// A way in which a server can respond: what it sends, what a client has to make of it, and nothing
/// else. A column for each protocol that can say it: another one's server takes another column.
struct manner {
  const char* name;
  int status;                    ///< What the client gets; zero: a failure.
  bool with_body;                ///< The client gets the body, else an empty one.
  std::vector<errc> fails_with;  ///< What may become of it: always when `status` is zero.
  /// The bytes over HTTP/1.1 of the response with this request id and body.
  upsun::test::planned_reply (*over_http1)(const std::string& id, const std::string& body);

  [[nodiscard]] bool stalls() const {
    return fails_with == std::vector<errc>{errc::attempt_timeout};
  }
  [[nodiscard]] bool may_fail_with(const error& failure) const;
};

/// All of them. The first few are the ordinary ones.
[[nodiscard]] std::span<const manner> manners();

}  // namespace upsun::http::test
