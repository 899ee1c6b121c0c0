#pragma once

#include <upsun/error.hpp>

#include <string_view>

namespace upsun::auth {

/// Why no token came, as the calls that waited for it get it: in `phase::token`, with a cause that
/// begins with `source`.
[[nodiscard]] error token_failure(std::string_view source, const error& why);

}  // namespace upsun::auth
