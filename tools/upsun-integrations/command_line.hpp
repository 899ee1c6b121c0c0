#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "members.hpp"

namespace upsun::tool {

/// Which integrations: one or more of a project.
struct get_command {
  std::vector<std::string> ids{};
};
struct list_command {};
struct kinds_command {
  std::string kind{};
};
struct create_command {
  std::string kind{};
  member_arguments members{};
};
struct update_command {
  std::string id{};
  std::string kind{};
  member_arguments members{};
};
struct delete_command {
  std::string id{};
  bool yes = false;
};
using command = std::variant<get_command, list_command, kinds_command, create_command, update_command, delete_command>;

/// Which server, and what for.
struct settings {
  std::string project{};
  std::string url{};      ///< Empty: that of the environment.
  std::string ca_file{};  ///< Empty: the system's authorities.
  std::optional<std::chrono::milliseconds> timeout{};
  bool json = false;
  bool show_secrets = false;
};

struct request {
  tool::settings settings{};
  tool::command command{};
};

/// What to do, or the exit status when that is done: help was printed. \throws usage_error
[[nodiscard]] std::variant<request, int> read_command_line(int argc, const char* const* argv);

}  // namespace upsun::tool
