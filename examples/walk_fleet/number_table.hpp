#pragma once

#include <string>
#include <utility>
#include <vector>

/// Rows on standard output: a name, which is cut where the terminal ends, and numbers.
class number_table {
 public:
  /// \param head the names of the columns
  explicit number_table(std::vector<std::string> head) : rows_{std::move(head)} {}

  /// Adds a row. What is not printable ASCII is shown as '?', since names come from a server.
  void add(std::vector<std::string> row);
  /// Prints a blank line, and the rows. Nothing when there are none but the head.
  void print() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};
