#include "number_table.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <utility>

#include "common/terminal.hpp"

void number_table::add(std::vector<std::string> row) {
  for (std::string& cell : row)
    std::replace_if(
        cell.begin(), cell.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  rows_.push_back(std::move(row));
}

void number_table::print() const {
  if (rows_.size() == 1) return;
  std::vector<std::size_t> widths(rows_.front().size());
  for (const auto& row : rows_) {
    for (std::size_t column = 0; column < row.size(); ++column)
      widths[column] = std::max(widths[column], row[column].size());
  }
  std::size_t numbers = 0;
  for (std::size_t column = 1; column < widths.size(); ++column) numbers += 2 + widths[column];
  constexpr std::size_t narrowest = 8;
  if (const std::size_t columns = upsun::terminal::columns(STDOUT_FILENO); columns > 0)
    widths[0] = std::min(widths[0], std::max(narrowest, columns - std::min(columns, numbers)));

  std::puts("");
  for (const auto& row : rows_) {
    std::printf("%-*.*s", static_cast<int>(widths[0]), static_cast<int>(widths[0]),
                row.front().c_str());
    for (std::size_t column = 1; column < row.size(); ++column)
      std::printf("  %*s", static_cast<int>(widths[column]), row[column].c_str());
    std::puts("");
  }
}
