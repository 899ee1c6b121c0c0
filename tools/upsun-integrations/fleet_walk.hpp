#pragma once

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <string>

#include <upsun/client.hpp>

#include "commands.hpp"
#include "fleet_account.hpp"

namespace upsun::tool {

/// What a handler throws to end a walk that needs to see no more.
struct seen_enough {};

/// A walk over the fleet for a command, with its progress, its account and its resume file.
class fleet_walk {
 public:
  /// Takes each integration, and an error for what is none. Ends when `bulk_done` is called or
  /// destroyed.
  using on_result =
      std::function<void(const fleet_project&, const result<integration>&, bulk_done)>;

  /// Reads the resume file if there is one. Must not outlive the arguments.
  /// \throws usage_error when it cannot be read, std::runtime_error when it could not be written
  fleet_walk(session& with, const walk_options& wanted);

  /// Whether it goes on where another one was interrupted.
  [[nodiscard]] bool goes_on() const noexcept { return !resume_.empty(); }

  /// Clears the line of the progress. To be called before something else is printed.
  void clear_line() { shown_.clear(); }

  /// Walks. What a handler throws ends the walk, and comes out here but for `seen_enough`.
  [[nodiscard]] boost::asio::awaitable<result<fleet_account>> run(const on_result& handler);

  /// Prints the account, and writes or removes the resume file. To be called once everything else
  /// is printed, since a walk that goes on does not print it again.
  [[nodiscard]] exit_status finish(const fleet_account& account);

 private:
  session& with_;
  const walk_options& wanted_;
  std::string resume_;
  fleet_progress shown_;
};

}  // namespace upsun::tool
