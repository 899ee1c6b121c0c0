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

/// A list of activities page by page: which page to request next, and what of a page is new. No
/// I/O.
///
/// The API lists the newest first. The next page starts at the `created_at` of the oldest activity
/// so far (`starts_at`), so it begins with activities that are known already; their ids tell. The
/// list ends with an empty page, with one that has nothing new and nothing older, or with one
/// shorter than requested.
///
/// - A page full of one moment leads no further: a wider page is requested, up to `widest`; what is
/// beyond that is skipped.
/// - Pages with nothing new but something older are followed, at most `most_idle` in a row, in case
/// the server changes its mind about times.
/// - Activities newer than requested are dropped: a server that ignores `starts_at`, or goes back
/// and forth in time, yields no activity twice.
/// - Memory: the ids of the last page's oldest moment; of a server that keeps no order, the last
/// `most_remembered`.
class activity_paging {
 public:
  using page = std::vector<result<activity>>;

  explicit activity_paging(activity_filter filter) : filter_(std::move(filter)) {}

  [[nodiscard]] bool over() const noexcept { return over_; }
  /// What to request. The same again after a failure. \pre not over
  [[nodiscard]] activity_filter next() const;
  /// What of a page is new, in its order; an element that cannot be decoded is new once. Where a
  /// full page has no `created_at` to continue from, an error that says so comes last.
  [[nodiscard]] page take(page received);

  [[nodiscard]] std::size_t remembered() const noexcept { return seen_.size(); }

  static constexpr std::size_t usual_page = 25;  ///< The API's default.
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
