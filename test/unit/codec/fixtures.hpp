#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <upsun/model/integration.hpp>

namespace upsun::testing {

/// A document of test/fixtures/<kind>/<name>.json, without white space at its end.
std::string fixture(std::string_view kind, std::string_view name);

/// The names of every kind's documents: `minimal` has the required members, `full` has all and
/// `type` anywhere, `nulls` has null wherever that is legal, `links` has bulky HAL links and
/// unknown members before the minimal ones.
inline constexpr std::string_view fixture_names[] = {"minimal", "full", "nulls", "links"};

/// What `full` holds, written down by hand.
std::vector<integration> expected_integrations();

}  // namespace upsun::testing
