#pragma once

#include <boost/asio/awaitable.hpp>

#include <upsun/client.hpp>

#include "command_line.hpp"
#include "exit_status.hpp"
#include "output.hpp"

namespace upsun::tool {

/// What every command needs. Must outlive the coroutines.
struct session {
  client& api;
  const settings& wanted;
  output& out;
  std::string project = wanted.project;  ///< The id, once it is looked up.

  [[nodiscard]] integration_ref ref(const std::string& id) const {
    return {project_id(project), integration_id(id)};
  }
};

/// What a command returns: the exit status. Every command prints its results and errors.
using outcome = boost::asio::awaitable<exit_status>;

/// Looks up the project if it is given by its title, then runs one of the commands below.
[[nodiscard]] outcome run(session& with, const command& what);

[[nodiscard]] outcome run(session& with, const get_command& wanted);
[[nodiscard]] outcome run(session& with, const list_command& wanted);
[[nodiscard]] outcome run(session& with, const organizations_command& wanted);
[[nodiscard]] outcome run(session& with, const projects_command& wanted);
/// \throws std::runtime_error when the page cannot be written
[[nodiscard]] outcome run(session& with, const report_command& wanted);
[[nodiscard]] outcome run(session& with, const kinds_command& wanted);
/// \throws usage_error for members that cannot be sent, as `make_input` and `make_patch`.
[[nodiscard]] outcome run(session& with, const create_command& wanted);
[[nodiscard]] outcome run(session& with, const update_command& wanted);
[[nodiscard]] outcome run(session& with, const delete_command& wanted);
[[nodiscard]] outcome run(session& with, const validate_command& wanted);
[[nodiscard]] outcome run(session& with, const hook_command& wanted);
[[nodiscard]] outcome run(session& with, const hook_url_command& wanted);
[[nodiscard]] outcome run(session& with, const activities_command& wanted);
[[nodiscard]] outcome run(session& with, const wait_command& wanted);
[[nodiscard]] outcome run(session& with, const cancel_command& wanted);
[[nodiscard]] outcome run(session& with, const log_command& wanted);

// The same commands over the fleet.
[[nodiscard]] outcome list_fleet(session& with, const walk_options& wanted);
[[nodiscard]] outcome get_fleet(session& with, const get_command& wanted);
[[nodiscard]] outcome validate_fleet(session& with, const walk_options& wanted);

/// Waits for activities, and shows their progress.
[[nodiscard]] boost::asio::awaitable<result<wait_report>> wait_for(session& with,
                                                                   const integration_ref& ref,
                                                                   awaited_activities what);
/// `fine` only when all activities succeeded.
[[nodiscard]] exit_status exit_status_of(wait_outcome how) noexcept;

}  // namespace upsun::tool
