#pragma once

namespace upsun::http {

enum class parse_status {
  need_more,  ///< Feed it more.
  complete,
  failed,  ///< `failure` says why. The connection is of no further use.
};

}  // namespace upsun::http
