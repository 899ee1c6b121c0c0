#pragma once

#include <string>

namespace upsun::transports {

/// What is asked for: one integration of one project.
struct item {
  std::string project;
  std::string integration;
  // NOLINTNEXTLINE(modernize-use-nullptr): taken for a 0
  friend auto operator<=>(const item&, const item&) = default;
};

}  // namespace upsun::transports
