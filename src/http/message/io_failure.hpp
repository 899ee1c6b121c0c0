#pragma once

#include <string>

#include <upsun/error.hpp>

namespace upsun::http {

/// Why bytes did not become what they should: from the socket, TLS, or the framing of a response.
struct io_failure {
  errc code = errc::connection_reset;
  std::string cause;
};

enum class parse_status {
  need_more,  ///< Feed it more.
  complete,
  failed,  ///< `failure` says why. The connection is of no further use.
};

}  // namespace upsun::http
