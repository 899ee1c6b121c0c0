#pragma once

#include <string>
#include <string_view>

namespace upsun::testing {

/// The integration's JSON object with the `_links` the API adds: `self` absolute and on another,
/// regional host, the others relative to `path`, one of them with a bulky `meta`. \param region
/// such as "https://localhost:8443".
[[nodiscard]] std::string with_links(std::string object, std::string_view path,
                                     std::string_view region);

}  // namespace upsun::testing
