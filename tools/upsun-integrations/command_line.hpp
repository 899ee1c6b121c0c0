#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "members.hpp"

namespace upsun::tool {

/// Which part of the fleet a command walks over, and how. `settings::project` is a glob then.
struct walk_options {
  bool all = false;
  std::vector<std::string> organizations{};  ///< Ids or names; any makes the command walk.
  std::vector<std::string> kinds{};
  std::vector<std::string> regions{};   ///< Globs.
  std::vector<std::string> statuses{};  ///< Of projects.
  bool shared = true;
  std::size_t concurrency = 0;  ///< Zero: the library's.
  std::string resume_file{};    ///< Empty: none.

  [[nodiscard]] bool on() const noexcept { return all || !organizations.empty(); }
};

struct get_command {
  std::vector<std::string> ids{};
  walk_options walk{};
};
struct list_command {
  walk_options walk{};
};
struct organizations_command {};
struct projects_command {
  std::vector<std::string> organizations{};  ///< Ids or names; empty: all.
};
struct report_command {
  walk_options walk{};
  int days = 30;
  bool validate = false;
  std::string html_file{};
};
struct kinds_command {
  std::string kind{};
};
struct create_command {
  std::string kind{};
  member_arguments members{};
  bool wait = true;
};
struct update_command {
  std::string id{};
  std::string kind{};
  member_arguments members{};
  bool wait = true;
};
struct delete_command {
  std::string id{};
  bool yes = false;
};
struct validate_command {
  std::string id{};
  walk_options walk{};
};
struct hook_command {
  std::string id{};
};
struct hook_url_command {
  std::string id{};
};
struct activities_command {
  std::string id{};
  std::vector<std::string> states{};
  std::vector<std::string> types{};
  std::size_t limit = 0;
};
struct wait_command {
  std::string id{};
  std::vector<std::string> activities{};  ///< Empty: those that have not ended.
};
struct cancel_command {
  std::string id{};
  std::string activity{};
};
struct log_command {
  std::string id{};
  std::string activity{};
  bool follow = false;
};
using command = std::variant<get_command, list_command, organizations_command, projects_command,
                             report_command, kinds_command, create_command, update_command,
                             delete_command, validate_command, hook_command, hook_url_command,
                             activities_command, wait_command, cancel_command, log_command>;

/// Whether a command is about the project of `settings`, and not about several.
[[nodiscard]] bool is_of_project(const command& what);

/// The options of every command.
struct settings {
  std::string project{};  ///< Id or title; a glob where a command walks.
  std::string url{};      ///< Empty: that of the environment.
  std::string ca_file{};  ///< Empty: the system's authorities.
  std::optional<std::chrono::milliseconds> timeout{};
  bool json = false;
  bool csv = false;
  bool show_secrets = false;
};

struct request {
  tool::settings settings{};
  tool::command command{};
};

/// The request, or the exit status when help was printed. \throws usage_error
[[nodiscard]] std::variant<request, int> read_command_line(int argc, const char* const* argv);

}  // namespace upsun::tool
