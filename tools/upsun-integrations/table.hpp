#pragma once

#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace upsun::tool {

/// Text for a terminal: control characters, which could move its cursor or worse, are escaped,
/// except line breaks and tabs.
[[nodiscard]] std::string printable(std::string_view text);

/// The same for a log: colours pass, and a carriage return, alone or before a line feed, ends the
/// line.
[[nodiscard]] std::string printable_log(std::string_view text);

/// Rows of text in columns of the width they need, separated by two blanks. A cell may have several
/// lines.
class table {
 public:
  /// Adds a row; the first one sets the number of columns. Texts are made printable.
  void add(std::vector<std::string> row);
  [[nodiscard]] bool empty() const noexcept { return rows_.empty(); }
  [[nodiscard]] const std::vector<std::vector<std::string>>& rows() const noexcept { return rows_; }
  /// Sorts the rows behind the first one by these columns.
  void sort(const std::vector<std::size_t>& by);
  /// Shortens cells of these columns until a line fits into the width, as far as that goes; a
  /// shortened cell ends with an ellipsis. Zero: does nothing.
  void fit(std::size_t width, const std::vector<std::size_t>& shortened);
  void print(std::ostream& out) const;

 private:
  [[nodiscard]] std::vector<std::size_t> widths() const;

  std::vector<std::vector<std::string>> rows_;
};

}  // namespace upsun::tool
