#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <utility>

#include <upsun/bulk_report.hpp>
#include <upsun/call_options.hpp>

namespace upsun {

/// Settings of one bulk operation. A class with fluent setters, so that temporaries are safe beside
/// `co_await`. What cannot be used ends the operation with `errc::invalid_argument` before it
/// begins.
class bulk_options {
 public:
  using progress_function = std::function<void(const bulk_progress&)>;

  bulk_options() = default;

  /// The most that are under way at once: being fetched, or handled by an asynchronous handler. At
  /// most 65,536. Zero, the default: `pool.max_connections`, which is 64 unless set. More than that
  /// only wait, in the pool's queue.
  bulk_options& window(std::size_t most) & { return window_ = most, *this; }
  bulk_options&& window(std::size_t most) && { return std::move(window(most)); }

  /// The deadline of the whole, from its start. What is not there by then is
  /// `errc::deadline_exceeded`. At most 24 h. Zero, the default: for `async_get_integrations` the
  /// client's `timeouts.total`, as for every operation; for `async_for_each_integration`, whose
  /// length nobody knows, none.
  bulk_options& timeout(std::chrono::milliseconds whole) & { return timeout_ = whole, *this; }
  bulk_options&& timeout(std::chrono::milliseconds whole) && { return std::move(timeout(whole)); }

  /// The options of each fetch, shared by all. Its `timeout` counts from the fetch's own start, and
  /// ends no later than the whole. `info` must be null.
  bulk_options& each(call_options options) & { return each_ = std::move(options), *this; }
  bulk_options&& each(call_options options) && { return std::move(each(std::move(options))); }

  /// Whether the first error stops the whole: what is under way is cancelled, no more is begun.
  /// Off: each result stands for itself.
  bulk_options& fail_fast(bool on = true) & { return fail_fast_ = on, *this; }
  bulk_options&& fail_fast(bool on = true) && { return std::move(fail_fast(on)); }

  /// Is told after each result, on the executor of the operation's completion handler, never twice
  /// at once, and not from within the initiating function. What it throws stops the whole, see
  /// `bulk_report::thrown`. Empty, the default: nobody is told.
  bulk_options& progress(progress_function told) & { return progress_ = std::move(told), *this; }
  bulk_options&& progress(progress_function told) && {
    return std::move(progress(std::move(told)));
  }

  [[nodiscard]] std::size_t window() const noexcept { return window_; }
  [[nodiscard]] std::chrono::milliseconds timeout() const noexcept { return timeout_; }
  [[nodiscard]] const call_options& each() const noexcept { return each_; }
  [[nodiscard]] bool fail_fast() const noexcept { return fail_fast_; }
  [[nodiscard]] const progress_function& progress() const noexcept { return progress_; }

 private:
  std::size_t window_ = 0;
  std::chrono::milliseconds timeout_{0};
  call_options each_;
  bool fail_fast_ = false;
  progress_function progress_;
};

}  // namespace upsun
