#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <upsun/model/described.hpp>

namespace upsun {

/// Where an activity stands.
enum class activity_state { pending, in_progress, complete, cancelled, scheduled, staged };
template <>
inline constexpr std::array<std::string_view, 6> wire_names<activity_state>{
    "pending", "in_progress", "complete", "cancelled", "scheduled", "staged"};

/// How an activity ended.
enum class activity_result { success, failure };
template <>
inline constexpr std::array<std::string_view, 2> wire_names<activity_result>{"success", "failure"};

/// Work of the platform, such as a deployment or what a change of an integration sets off. Members
/// carry the API's names; its `payload`, which is large and differs by type, is not kept.
struct activity {
  std::string id{};                                    ///< Its id.
  std::string type{};                                  ///< What it does, such as "integration.add".
  open_enum<activity_state> state{};                   ///< Where it stands.
  std::optional<open_enum<activity_result>> result{};  ///< How it ended; null until it has.
  std::int64_t completion_percent = 0;                 ///< 100 when it ended.
  std::optional<std::string> log{};                    ///< What it wrote, perhaps cut short.
  std::optional<std::string> text{};                   ///< What it does, for people.
  std::optional<std::string> description{};            ///< The same with HTML.
  std::optional<std::string> integration{};            ///< The integration it belongs to.
  std::vector<std::string> environments{};             ///< The environments it works on.
  std::optional<timestamp> created_at{};               ///< When it was asked for.
  std::optional<timestamp> updated_at{};               ///< When it last changed.
  std::optional<timestamp> started_at{};               ///< When it began.
  std::optional<timestamp> completed_at{};             ///< When it ended.
  std::optional<timestamp> cancelled_at{};             ///< When it was cancelled.
  std::optional<timestamp> expires_at{};               ///< When it is forgotten.

  /// Whether it ended: nothing more will happen.
  [[nodiscard]] bool done() const noexcept {
    return completion_percent >= 100 || state == activity_state::cancelled;
  }
  /// Whether it ended well.
  [[nodiscard]] bool succeeded() const noexcept {
    return done() && result && *result == activity_result::success;
  }
};
BOOST_DESCRIBE_STRUCT(activity, (),
                      (id, type, state, result, completion_percent, log, text, description,
                       integration, environments, created_at, updated_at, started_at, completed_at,
                       cancelled_at, expires_at))

}  // namespace upsun
