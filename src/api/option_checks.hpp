#pragma once

#include <upsun/bulk_options.hpp>
#include <upsun/call_options.hpp>
#include <upsun/error.hpp>
#include <upsun/log_options.hpp>
#include <upsun/wait.hpp>

#include <cstddef>
#include <optional>

namespace upsun::api {

/// The most that `bulk_options::concurrency` may be.
inline constexpr std::size_t widest_bulk = 65'536;

// What is wrong with an operation's options, if anything: `errc::invalid_argument` with a cause
// that names the option.

[[nodiscard]] std::optional<error> check(const call_options& options);
[[nodiscard]] std::optional<error> check(const bulk_options& options);
[[nodiscard]] std::optional<error> check(const log_options& options);
[[nodiscard]] std::optional<error> check(const wait_options& options);

}  // namespace upsun::api
