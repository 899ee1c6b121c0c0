#pragma once

#include <cstddef>
#include <iosfwd>
#include <stdexcept>
#include <string>
#include <vector>

#include <upsun/error.hpp>
#include <upsun/log_line.hpp>
#include <upsun/model/accepted_change.hpp>
#include <upsun/model/activity.hpp>
#include <upsun/model/integration.hpp>
#include <upsun/model/validation.hpp>
#include <upsun/result.hpp>

#include "exit_status.hpp"
#include "fleet_account.hpp"
#include "fleet_progress.hpp"
#include "listing.hpp"
#include "progress.hpp"
#include "survey.hpp"

namespace upsun::tool {

/// How things are printed.
struct output_style {
  bool json = false;          ///< One JSON document instead of tables and text for people.
  bool csv = false;           ///< Lists as CSV instead of tables.
  bool show_secrets = false;  ///< As they are, not as `***`.
  bool to_terminal = false;   ///< Results go to a terminal.
  progress_style waiting = progress_style::lines;  ///< How activities that are waited for appear.
  std::size_t columns = 0;                         ///< Of the errors' terminal; zero: not known.
  std::size_t result_columns = 0;                  ///< Of the results' terminal; zero: none.
};

/// What the validation of many integrations came to.
struct verdict_counts {
  std::size_t valid = 0;
  std::size_t invalid = 0;
  std::size_t unsupported = 0;  ///< Of kinds that are not validated.
  std::size_t failed = 0;       ///< There is no verdict.
};

/// Nobody takes the results: a full disk, or a pipe whose reader is gone.
class write_error : public std::runtime_error {
 public:
  write_error() : std::runtime_error("cannot write the results") {}
};

/// Prints results and errors. Functions return the exit status.
class output {
 public:
  output(output_style how, std::ostream& results, std::ostream& errors)
      : how_(how), results_(results), errors_(errors) {}

  /// Says why the settings are those of an unknown kind, if they are.
  exit_status print(const integration& value);
  /// Prints a list in its order. An element that is an error is printed as an error, too, with its
  /// name.
  /// \param names of the elements; empty: their numbers
  exit_status print(const std::vector<result<integration>>& values,
                    const std::vector<std::string>& names = {});
  exit_status print(const std::vector<result<activity>>& values);
  exit_status print(const validation& verdict, const std::string& id);
  exit_status print(const accepted_change& change);
  /// Prints at once, for `log --follow`. With JSON an object on each line. To a terminal without
  /// what could harm it, elsewhere as received. \throws write_error
  void print(const log_line& line);
  /// Prints why an item of a log cannot be read, in its place with JSON. \throws write_error
  exit_status print_unread(const error& failure);
  /// The result of an operation without a value: `{"status": "triggered"}`.
  exit_status print_done(const std::string& what, const std::string& id);
  /// Prints the URL of a hook: `{"url": ...}`.
  exit_status print_url(const std::string& url);
  /// Prints the verdict on an integration that is one of many, in a line.
  /// \throws write_error
  void print_invalid(const fleet_project& of, const integration& value, const validation& verdict);
  /// Prints an integration with the project that it was found in.
  exit_status print_found(const fleet_project& of, const integration& value);
  exit_status print(const survey& seen, const fleet_account& account);
  exit_status print_kinds();
  exit_status print_members(std::size_t kind);

  /// Prints at once that a change was made, before its activities are waited for. Nothing with
  /// JSON, where `print` prints all. \param verb what was done, such as "created"
  void announce(const accepted_change& change, const std::string& verb, const std::string& id);
  /// Prints a line for people to standard error. Nothing with JSON.
  void note(const std::string& text);
  /// Shows activities that are waited for on standard error. Nothing with JSON.
  [[nodiscard]] progress make_progress();
  [[nodiscard]] bool is_on_terminal() const noexcept { return how_.to_terminal; }
  /// Shows how far a walk has come on standard error, if that is a terminal.
  [[nodiscard]] fleet_progress make_fleet_progress();
  /// A list in the format that was asked for. \param with_head whether CSV has its header line
  [[nodiscard]] listing make_listing(std::vector<column> columns, bool with_head = true);
  /// The JSON of an integration in a list of a fleet, with its project.
  [[nodiscard]] std::string document_of(const fleet_project& of, const integration& value) const;
  /// The JSON of an error in the place of an integration.
  [[nodiscard]] static std::string document_of(const fleet_project& of, const error& failure);
  /// Prints to standard error what a walk has seen, and what could not be read, by name.
  exit_status print(const fleet_account& account);
  void print(const verdict_counts& counts);

  /// \param what failed, for people; empty: the command
  exit_status fail(const error& failure, const std::string& what = {});
  exit_status fail(const usage_error& failure);
  /// Any other failure.
  exit_status fail(exit_status status, const std::string& message);

 private:
  [[nodiscard]] integration shown(const integration& value) const;
  template <class T, class ToRow>
  exit_status print_list(const std::vector<result<T>>& values,
                         const std::vector<std::string>& names, std::vector<std::string> heads,
                         ToRow to_row);

  output_style how_;
  std::ostream& results_;
  std::ostream& errors_;
};

}  // namespace upsun::tool
