#pragma once

#include <cstddef>
#include <exception>
#include <optional>
#include <vector>

#include <upsun/error.hpp>
#include <upsun/model/integration.hpp>
#include <upsun/result.hpp>

namespace upsun {

/// How far a bulk operation is.
struct bulk_progress {
  std::size_t done = 0;                ///< Results so far, whatever they are.
  std::size_t failed = 0;              ///< Those of them that are errors.
  std::optional<std::size_t> total{};  ///< How many there will be, when that is known: not of a
                                       ///< source that is asked for one ref after the other.
};

/// How a bulk operation ended.
struct bulk_report {
  std::size_t fetched = 0;    ///< Integrations.
  std::size_t failed = 0;     ///< Errors of their own.
  std::size_t cancelled = 0;  ///< Ended, or never begun, because the whole was stopped.
  error stopped_by{};  ///< Why the whole was stopped before its end; no code when it was not. With
                       ///< `bulk_options::fail_fast` the first error.
  std::exception_ptr
      thrown{};  ///< What a function of the caller's threw, which stopped the whole; null: nothing.
};

/// What `client::async_get_integrations` gives.
struct bulk_outcome {
  std::vector<result<integration>> results;   ///< In the order of the refs, one for each.
  bulk_report report{};                       ///< Its counts add up to `results.size()`.
  std::optional<std::size_t> first_failed{};  ///< Index of the error that came first; not of one by
                                              ///< which the whole was stopped from outside.
};

}  // namespace upsun
