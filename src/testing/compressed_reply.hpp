#pragma once

#include <string_view>

#include "testing/reply.hpp"

namespace upsun::testing {

/// The same by gzip, where the request's `Accept-Encoding` allows that and the body is long enough
/// for it to be worth while. A build without zlib leaves every response as it is.
[[nodiscard]] reply_ptr compressed(reply_ptr original, std::string_view accept_encoding);

}  // namespace upsun::testing
