#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <upsun/model/activity.hpp>

namespace upsun {

/// Which activities to list. What is not set does not restrict the list. A class with fluent
/// setters, so that temporaries are safe beside `co_await`:
/// `upsun::activity_filter().type("integration.add").state(upsun::activity_state::pending)`.
///
/// It is checked by the first read. A value out of its range ends that with
/// `errc::invalid_argument` before anything is sent.
class activity_filter {
 public:
  /// All activities.
  activity_filter() = default;

  /// Adds a type, such as "integration.add": activities of any of the types are listed. An empty
  /// one is refused.
  ///
  /// Default: none, any type.
  activity_filter& type(std::string name) & { return types_.push_back(std::move(name)), *this; }
  activity_filter&& type(std::string name) && { return std::move(type(std::move(name))); }

  /// Adds a state: activities in any of the states are listed. One known by its text only is sent
  /// as it is; an empty text is refused.
  ///
  /// Default: none, any state.
  activity_filter& state(open_enum<activity_state> value) & {
    return states_.push_back(std::move(value)), *this;
  }
  activity_filter&& state(open_enum<activity_state> value) && {
    return std::move(state(std::move(value)));
  }

  /// The result of the activities. An empty text is refused.
  ///
  /// Default: not set, any result, and none.
  activity_filter& result(open_enum<activity_result> value) & {
    return result_ = std::move(value), *this;
  }
  activity_filter&& result(open_enum<activity_result> value) && {
    return std::move(result(std::move(value)));
  }

  /// How many activities a page has. It does not limit the list.
  ///
  /// Range: 1 and more. Default: not set, the server decides (about 25).
  activity_filter& count(std::int64_t per_page) & { return count_ = per_page, *this; }
  activity_filter&& count(std::int64_t per_page) && { return std::move(count(per_page)); }

  /// The newest activities to list: those created at this time or before.
  ///
  /// Range: the years 0 to 9999. Default: not set, the list begins with the newest one.
  activity_filter& starts_at(timestamp newest) & { return starts_at_ = newest, *this; }
  activity_filter&& starts_at(timestamp newest) && { return std::move(starts_at(newest)); }

  [[nodiscard]] const std::vector<std::string>& types() const noexcept { return types_; }
  [[nodiscard]] const std::vector<open_enum<activity_state>>& states() const noexcept {
    return states_;
  }
  [[nodiscard]] const std::optional<open_enum<activity_result>>& result() const noexcept {
    return result_;
  }
  [[nodiscard]] std::optional<std::int64_t> count() const noexcept { return count_; }
  [[nodiscard]] std::optional<timestamp> starts_at() const noexcept { return starts_at_; }

 private:
  std::vector<std::string> types_;
  std::vector<open_enum<activity_state>> states_;
  std::optional<open_enum<activity_result>> result_;
  std::optional<std::int64_t> count_;
  std::optional<timestamp> starts_at_;
};

}  // namespace upsun
