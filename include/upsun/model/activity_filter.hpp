#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <upsun/model/activity.hpp>

namespace upsun {

/// Which activities to list. What is not set does not restrict. A class with fluent setters, so
/// that temporaries are safe beside `co_await`:
/// `upsun::activity_filter().type("integration.add").state(upsun::activity_state::pending)`.
/// Checked before anything is sent (`errc::invalid_argument`).
class activity_filter {
 public:
  activity_filter() = default;

  /// Activities of this type, such as "integration.add"; called again, of this type, too. An empty
  /// one is refused.
  activity_filter& type(std::string name) & { return types_.push_back(std::move(name)), *this; }
  activity_filter&& type(std::string name) && { return std::move(type(std::move(name))); }

  /// Activities in this state; called again, in this state, too. One known by its text only is sent
  /// as it is; an empty text is refused.
  activity_filter& state(open_enum<activity_state> value) & {
    return states_.push_back(std::move(value)), *this;
  }
  activity_filter&& state(open_enum<activity_state> value) && {
    return std::move(state(std::move(value)));
  }

  /// Activities that ended so. An empty text is refused.
  activity_filter& result(open_enum<activity_result> value) & {
    return result_ = std::move(value), *this;
  }
  activity_filter&& result(open_enum<activity_result> value) && {
    return std::move(result(std::move(value)));
  }

  /// How many activities to ask for at once, from 1 on: the size of a page, not a limit to the
  /// whole. Not set: as many as the server likes, about 25.
  activity_filter& count(std::int64_t per_page) & { return count_ = per_page, *this; }
  activity_filter&& count(std::int64_t per_page) && { return std::move(count(per_page)); }

  /// Activities created at this moment or before it: lists go back in time. In the years 0 to 9999,
  /// else it is refused.
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
