#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace upsun::tool {

/// Text for a terminal: control characters, which could move its cursor or worse, are escaped, line
/// breaks and tabs kept.
[[nodiscard]] std::string printable(std::string_view text);

/// The same for a log: colours pass, and a carriage return, alone or before a line feed, ends the
/// line.
[[nodiscard]] std::string printable_log(std::string_view text);

/// Rows of text in columns as wide as they need to be, parted by two blanks. A cell may have
/// several lines.
class table {
 public:
  /// A row; the first one decides how many columns there are. Texts are made printable.
  void add(std::vector<std::string> row);
  [[nodiscard]] bool empty() const noexcept { return rows_.empty(); }
  void print(std::ostream& out) const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace upsun::tool
