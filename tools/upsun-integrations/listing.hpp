#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "table.hpp"

namespace upsun::tool {

/// A column of a list.
struct column {
  std::string_view name;   ///< As in the head of a table; in CSV in lower case.
  bool shortened = false;  ///< Where a table is wider than the terminal: not for ids.
};

enum class list_format { table, csv, json };

/// A list of any length. Lines of JSON and CSV go out as they come; a table is collected, since the
/// widths of its columns are not known before.
class listing {
 public:
  /// Prints the header line of CSV.
  /// \param width of the terminal that a table goes to; zero: none, or not known
  /// \param to_terminal texts of CSV are made printable
  /// \param with_head off: CSV goes on where it was, without its header line
  /// \throws write_error, as every function here
  listing(std::ostream& to, list_format how, std::vector<column> columns, std::size_t width = 0,
          bool to_terminal = false, bool with_head = true);

  [[nodiscard]] list_format format() const noexcept { return format_; }

  /// Adds an element. \param to_row makes its cells \param to_json makes its JSON text
  template <class ToRow, class ToJson>
  void add(ToRow to_row, ToJson to_json) {
    if (format_ == list_format::json)
      print_line(to_json());
    else
      add_row(to_row());
  }
  /// Adds an element that only JSON shows, such as an error in its place.
  template <class ToJson>
  void add_to_json(ToJson to_json) {
    if (format_ == list_format::json) print_line(to_json());
  }

  /// Prints what was collected.
  /// \param sorted_by the columns by which a table is sorted; empty: as added
  void finish(const std::vector<std::size_t>& sorted_by = {});

 private:
  void add_row(std::vector<std::string> row);
  void print_line(const std::string& line);

  std::ostream& to_;
  list_format format_;
  std::vector<column> columns_;
  std::size_t width_;
  bool to_terminal_;
  table rows_;
};

/// A line of CSV, quoted as RFC 4180 says.
[[nodiscard]] std::string csv_line(const std::vector<std::string>& cells);

}  // namespace upsun::tool
