#pragma once

#include <vector>

#include <upsun/model/integration_input.hpp>

namespace upsun::testing {

// Requests of every kind, in the order of `kind_names`; what they encode to was written by hand in
// test/fixtures/<kind>/<name>.json.

/// `create_minimal`: what the constructors demand.
std::vector<integration_input> minimal_inputs();
/// `create_full`: every member.
std::vector<integration_input> full_inputs();
/// `patch`: every member, null where that is legal.
std::vector<integration_patch> full_patches();

}  // namespace upsun::testing
