#pragma once

#include <string>
#include <string_view>

namespace upsun::testing {

/// The data as gzip (RFC 1952), at zlib's default level. Needs UPSUN_GZIP.
[[nodiscard]] std::string gzip(std::string_view data);

}  // namespace upsun::testing
