#pragma once

#include <cstddef>
#include <string>

#include <upsun/model/integration.hpp>

namespace upsun::testing {

/// A made-up integration whose members all have values, by its number: kinds come in turn, and
/// every fourth round leaves out what may be left out.
[[nodiscard]] upsun::integration sample_integration(std::string id, std::size_t number);

}  // namespace upsun::testing
