#pragma once

#include <chrono>
#include <cstdint>

namespace upsun::http {

using time_point = std::chrono::steady_clock::time_point;
using duration = std::chrono::steady_clock::duration;

/// A dial, and the connection it becomes. Never zero, never used again.
enum class connection_id : std::uint64_t {};

}  // namespace upsun::http
