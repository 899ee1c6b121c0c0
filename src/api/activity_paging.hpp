#pragma once

#include <upsun/model/activity_filter.hpp>
#include <upsun/result.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace upsun::api {

/// A list of activities page by page: what to ask for next, and what of an answer is new. No I/O.
///
/// The API gives the newest first, and of `starts_at` the oldest page asked so far ends with; so a
/// page begins with what the one before ended with, and is told from it by the ids. The list is
/// over with an empty page, one with nothing new that leads no further, or one shorter than asked
/// for.
///
/// - Pages full of one moment lead no further: more is asked for at once, up to `widest`, and what
/// then is still out of reach is passed over.
/// - Pages with nothing new that lead further are read on, but no more than `most_idle`: a server
/// may change its mind about times.
/// - What is newer than asked for is left out: a server that ignores `starts_at`, or goes back and
/// forth in time, gives no activity twice.
/// - Memory: the ids of the moment the last page ended with, or of a server that keeps no order,
/// the last `most_remembered`.
class activity_paging {
 public:
  using page = std::vector<result<activity>>;

  explicit activity_paging(activity_filter filter) : filter_(std::move(filter)) {}

  [[nodiscard]] bool over() const noexcept { return over_; }
  /// What to ask for. The same again after a failure. \pre not over
  [[nodiscard]] activity_filter next() const;
  /// What of the answer is new, in its order; an element that cannot be read is new once. Where a
  /// full page has no `created_at` to go on from, an error that says so comes last.
  [[nodiscard]] page take(page answer);

  [[nodiscard]] std::size_t remembered() const noexcept { return seen_.size(); }

  static constexpr std::size_t usual_page = 25;  ///< What the API gives unasked.
  static constexpr std::size_t widest = 1600;
  static constexpr std::size_t most_remembered = 4096;
  static constexpr std::size_t most_idle = 16;  ///< Pages with nothing new, one after another.

 private:
  [[nodiscard]] std::optional<std::int64_t> asked() const noexcept {
    return wider_ ? wider_ : filter_.count();
  }
  [[nodiscard]] bool is_short(std::size_t size) const noexcept;
  void go_on_from(timestamp last, std::size_t broken);
  void pass_by(std::size_t size, bool anything_new);

  activity_filter filter_;
  bool over_ = false;
  std::optional<timestamp> at_;        // the `created_at` to go on from; none before the first page
  std::optional<std::int64_t> wider_;  // what is asked for in place of the filter's count
  bool passed_by_ = false;             // the moment before `at_`, for good
  std::map<std::string, timestamp> seen_;  // what can come again, by id
  std::size_t broken_ = 0;                 // how many unreadable ones can come again
  std::size_t idle_ = 0;                   // pages with nothing new, one after another
  std::size_t largest_ = 0;                // page, of those not asked to be wider
};

}  // namespace upsun::api
