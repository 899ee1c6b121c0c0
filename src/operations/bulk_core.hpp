#pragma once

#include <cstddef>
#include <exception>
#include <optional>

#include <upsun/bulk_report.hpp>
#include <upsun/error.hpp>

namespace upsun::operations {

/// What a bulk operation decides: what may begin, when to stop, when it is over, and the counts;
/// without refs, clock, lock or I/O.
///
/// A piece of work is open from its beginning until all its results were handled. See doc/bulk.md.
class bulk_core {
 public:
  /// \param window how many pieces may be open at once; at least 1.
  bulk_core(std::size_t window, bool fail_fast) noexcept : window_(window), fail_fast_(fail_fast) {}

  /// Whether to begin one more.
  [[nodiscard]] bool wants_more() const noexcept {
    return !exhausted_ && !stopped() && open_ < window_;
  }
  void begun() noexcept { ++open_; }
  /// There are no more to begin.
  void exhausted() noexcept { exhausted_ = true; }
  /// A piece has a result; `failure` is null for a value. Returns whether that stops the whole, so
  /// that what is under way is to be cancelled.
  [[nodiscard]] bool ended(const error* failure);
  /// All results of a piece were handled.
  void handled() noexcept { --open_; }
  /// Begins no more. Returns whether that is news.
  bool stop(const error& why);
  /// A function of the caller's threw: stops, too.
  bool threw(std::exception_ptr what);

  [[nodiscard]] bool stopped() const noexcept {
    return static_cast<bool>(report_.stopped_by.code());
  }
  [[nodiscard]] bool over() const noexcept { return open_ == 0 && (exhausted_ || stopped()); }
  [[nodiscard]] std::size_t results() const noexcept {
    return report_.fetched + report_.failed + report_.cancelled;
  }
  [[nodiscard]] bulk_progress progress(std::optional<std::size_t> total) const noexcept;
  [[nodiscard]] const bulk_report& report() const noexcept { return report_; }

  /// The result of what was never begun, `count` times: it was not because the whole was stopped.
  [[nodiscard]] error skip(std::size_t count);

 private:
  const std::size_t window_;
  const bool fail_fast_;
  std::size_t open_ = 0;
  bool exhausted_ = false;
  bool failed_fast_ = false;
  bulk_report report_;
};

}  // namespace upsun::operations
