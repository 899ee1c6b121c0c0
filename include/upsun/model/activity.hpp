#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <upsun/model/described.hpp>

namespace upsun {

/// The state of an activity. Unknown ones are kept by `open_enum`.
enum class activity_state { pending, in_progress, complete, cancelled, scheduled, staged };
template <>
inline constexpr std::array<std::string_view, 6> wire_names<activity_state>{
    "pending", "in_progress", "complete", "cancelled", "scheduled", "staged"};

/// The result of an activity that has ended.
enum class activity_result { success, failure };
template <>
inline constexpr std::array<std::string_view, 2> wire_names<activity_result>{"success", "failure"};

/// Why an activity failed: by an error of the platform, or a command of the project's. Unknown ones
/// are kept by `open_enum`.
enum class failure_reason { error, shell };
template <>
inline constexpr std::array<std::string_view, 2> wire_names<failure_reason>{"error", "shell"};

/// A command that an activity has run, such as a hook.
struct activity_command {
  std::string app{};
  std::string type{};
  std::int64_t exit_code = 0;
};
BOOST_DESCRIBE_STRUCT(activity_command, (), (app, type, exit_code))

/// Work of the platform, such as a deployment, or what a change of an integration sets off. Members
/// have the API's names. `id`, `type`, `state` and `completion_percent` are required.
struct activity {
  std::string id{};
  /// What it does, such as "integration.add".
  std::string type{};
  open_enum<activity_state> state{};
  /// Null: it has not ended.
  std::optional<open_enum<activity_result>> result{};
  /// 0 to 100; 100 when it has ended. A fraction is cut: 99.9 is 99.
  std::int64_t completion_percent = 0;
  /// What it has written so far, perhaps shortened. For all of it see
  /// `client::async_open_activity_log`.
  std::optional<std::string> log{};
  /// A sentence for people that says what it does.
  std::optional<std::string> text{};
  /// The same sentence with HTML.
  std::optional<std::string> description{};
  /// The id of the integration that it belongs to. Empty: it belongs to none.
  std::optional<std::string> integration{};
  /// The id of the project.
  std::optional<std::string> project{};
  /// The ids of the environments that it works on.
  std::vector<std::string> environments{};
  std::optional<timestamp> created_at{};
  std::optional<timestamp> updated_at{};
  /// Empty: it has not begun.
  std::optional<timestamp> started_at{};
  /// Empty: it has not ended, or was cancelled.
  std::optional<timestamp> completed_at{};
  /// Empty: it was not cancelled.
  std::optional<timestamp> cancelled_at{};
  /// When the platform deletes it.
  std::optional<timestamp> expires_at{};
  std::optional<open_enum<upsun::failure_reason>> failure_reason{};
  /// How long its steps took, in seconds by name.
  std::map<std::string, double> timings{};
  std::vector<activity_command> commands{};
  raw_json parameters{};
  /// What it works with. Large, and different for each type.
  raw_json payload{};

  /// Whether it has ended: it is complete (`completion_percent` 100) or was cancelled.
  [[nodiscard]] bool done() const noexcept {
    return completion_percent >= 100 || state == activity_state::cancelled;
  }
  /// Whether it has ended, with the result `success`.
  [[nodiscard]] bool succeeded() const noexcept {
    return done() && result && *result == activity_result::success;
  }
};
BOOST_DESCRIBE_STRUCT(activity, (),
                      (id, type, state, result, completion_percent, log, text, description,
                       integration, project, environments, created_at, updated_at, started_at,
                       completed_at, cancelled_at, expires_at, failure_reason, timings, commands,
                       parameters, payload))

}  // namespace upsun
