#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "members.hpp"

namespace upsun::tool {

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
using command =
    std::variant<get_command, list_command, kinds_command, create_command, update_command,
                 delete_command, validate_command, hook_command, hook_url_command,
                 activities_command, wait_command, cancel_command, log_command>;

/// The options of every command.
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

/// The request, or the exit status when help was printed. \throws usage_error
[[nodiscard]] std::variant<request, int> read_command_line(int argc, const char* const* argv);

}  // namespace upsun::tool
