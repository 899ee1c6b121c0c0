#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <upsun/testing/sandbox.hpp>

namespace upsun::testing {

/// What `sandbox::inject` takes.
struct fault_order {
  fault what;
  std::size_t count = 0;
};

/// Reads `KIND[=VALUE][*COUNT]`, as in "status=503*2": the fault kind by its name, the bytes,
/// milliseconds or status it needs, and how many requests meet it; without a count, all. \throws
/// std::invalid_argument that says what is wrong.
[[nodiscard]] fault_order parse_fault(std::string_view text);

/// The kinds `parse_fault` knows, each with what it needs, as in "status=CODE".
[[nodiscard]] std::string fault_kinds();

}  // namespace upsun::testing
