#pragma once

#include <cstddef>
#include <exception>
#include <optional>
#include <vector>

#include <upsun/error.hpp>
#include <upsun/model/integration.hpp>
#include <upsun/result.hpp>

namespace upsun {

/// How far a bulk operation has come, for `bulk_options::on_progress`.
struct bulk_progress {
  /// Results so far, errors included.
  std::size_t done = 0;
  /// Those of them that are errors.
  std::size_t failed = 0;
  /// How many results there will be. Empty when that is not known: with a source of
  /// `client::async_for_each_integration`.
  std::optional<std::size_t> total{};
  /// Projects that are done, also those without integrations. Zero unless the source is a `fleet`.
  std::size_t projects = 0;
  /// How many projects there are by what the API said so far. It grows while organizations are
  /// found. Zero unless the source is a `fleet`.
  std::size_t projects_found = 0;
};

/// How a bulk operation ended: what `client::async_for_each_integration` completes with, and part
/// of `bulk_results`.
struct bulk_report {
  /// Integrations that were fetched.
  std::size_t fetched = 0;
  /// Refs or projects whose own fetch failed.
  std::size_t failed = 0;
  /// Fetches that were ended, or never begun, because the whole operation was stopped.
  std::size_t cancelled = 0;
  /// Why the operation was stopped before its end; without a code when it was not. With
  /// `bulk_options::fail_fast` this is the first error.
  error stopped_by{};
  /// What a function of the user's (source, handler, `bulk_options::on_progress`) threw, which
  /// stopped the operation. Null: none has thrown.
  std::exception_ptr thrown{};
};

/// What `client::async_get_integrations` completes with.
struct bulk_results {
  /// A result for each ref, in the order of the refs.
  std::vector<result<integration>> results;
  /// How the operation ended. Its counts add up to `results.size()`.
  bulk_report report{};
  /// The index of the error that came first. Empty: there is none. Errors of fetches that were
  /// cancelled or not begun because the operation was stopped do not count.
  std::optional<std::size_t> first_failed{};
};

}  // namespace upsun
