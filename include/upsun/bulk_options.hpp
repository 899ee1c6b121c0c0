#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <utility>

#include <upsun/bulk_report.hpp>
#include <upsun/call_options.hpp>

namespace upsun {

/// Settings of one bulk operation: `client::async_get_integrations` and
/// `client::async_for_each_integration`. A class with fluent setters, so that temporaries are safe
/// beside `co_await`.
///
/// They are checked when the operation starts. A value out of its range ends it with
/// `errc::invalid_argument` before anything is fetched.
class bulk_options {
 public:
  /// What `on_progress` takes.
  using progress_function = std::function<void(const bulk_progress&)>;

  /// Every setting at its default.
  bulk_options() = default;

  /// The most integrations that are being fetched, or handled by an asynchronous handler, at once.
  ///
  /// Range: 0 to 65,536. Default: zero, which stands for the client's `pool.max_connections` (64
  /// unless set), as many as are sent at once; what exceeds that waits in the pool's queue.
  bulk_options& concurrency(std::size_t most) & { return concurrency_ = most, *this; }
  bulk_options&& concurrency(std::size_t most) && { return std::move(concurrency(most)); }

  /// The deadline of the whole operation, counted from its start. What is not there by then is
  /// `errc::deadline_exceeded`; what was fetched stays.
  ///
  /// Range: 0 to 24 h. Default: zero, which stands for the client's `timeouts.total` with
  /// `async_get_integrations`, as with every operation, and for no deadline with
  /// `async_for_each_integration`, since its source may be endless.
  bulk_options& timeout(std::chrono::milliseconds total) & { return timeout_ = total, *this; }
  bulk_options&& timeout(std::chrono::milliseconds total) && { return std::move(timeout(total)); }

  /// The options of each fetch, shared by all of them. Their `timeout` counts from the start of the
  /// fetch, and ends no later than the whole. Their `info` must be null: it could not say which
  /// fetch it is about.
  ///
  /// Default: those of a call without options.
  bulk_options& fetch(call_options options) & { return fetch_ = std::move(options), *this; }
  bulk_options&& fetch(call_options options) && { return std::move(fetch(std::move(options))); }

  /// Whether the first error stops the whole operation: fetches under way are cancelled and no more
  /// are begun.
  ///
  /// Default: off, each result stands for itself.
  bulk_options& fail_fast(bool on = true) & { return fail_fast_ = on, *this; }
  bulk_options&& fail_fast(bool on = true) && { return std::move(fail_fast(on)); }

  /// Called after each result, and after each project of a `fleet`, with the counts so far. It runs
  /// on the executor of the operation's completion handler, never twice at once, never within the
  /// initiating function, and not after the completion. What it throws stops the whole operation,
  /// see `bulk_report::thrown`.
  ///
  /// Default: empty, nothing is called.
  bulk_options& on_progress(progress_function callback) & {
    return on_progress_ = std::move(callback), *this;
  }
  bulk_options&& on_progress(progress_function callback) && {
    return std::move(on_progress(std::move(callback)));
  }

  [[nodiscard]] std::size_t concurrency() const noexcept { return concurrency_; }
  [[nodiscard]] std::chrono::milliseconds timeout() const noexcept { return timeout_; }
  [[nodiscard]] const call_options& fetch() const noexcept { return fetch_; }
  [[nodiscard]] bool fail_fast() const noexcept { return fail_fast_; }
  [[nodiscard]] const progress_function& on_progress() const noexcept { return on_progress_; }

 private:
  std::size_t concurrency_ = 0;
  std::chrono::milliseconds timeout_{0};
  call_options fetch_;
  bool fail_fast_ = false;
  progress_function on_progress_;
};

}  // namespace upsun
