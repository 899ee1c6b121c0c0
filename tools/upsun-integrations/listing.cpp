#include "listing.hpp"

#include <algorithm>
#include <ostream>

#include "output.hpp"

namespace upsun::tool {
namespace {

std::string csv_name(std::string_view head) {
  std::string name(head);
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == ' ') c = '_';
  }
  return name;
}

}  // namespace

std::string csv_line(const std::vector<std::string>& cells) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) line += ',';
    const std::string& cell = cells[i];
    if (cell.find_first_of(",\"\r\n") == std::string::npos) {
      line += cell;
      continue;
    }
    line += '"';
    for (const char c : cell) line.append(c == '"' ? 2 : 1, c);
    line += '"';
  }
  return line;
}

listing::listing(std::ostream& to, list_format how, std::vector<column> columns, std::size_t width,
                 bool to_terminal, bool with_head)
    : to_(to),
      format_(how),
      columns_(std::move(columns)),
      width_(width),
      to_terminal_(to_terminal) {
  std::vector<std::string> head;
  for (const column& each : columns_)
    head.push_back(format_ == list_format::csv ? csv_name(each.name) : std::string(each.name));
  if (format_ == list_format::table || (format_ == list_format::csv && with_head))
    add_row(std::move(head));
}

void listing::add_row(std::vector<std::string> row) {
  if (format_ == list_format::table) return rows_.add(std::move(row));
  if (to_terminal_) {
    for (std::string& cell : row) cell = printable(cell);
  }
  print_line(csv_line(row));
}

void listing::print_line(const std::string& line) {
  if (!(to_ << line << '\n').flush()) throw write_error();
}

void listing::finish(const std::vector<std::size_t>& sorted_by) {
  rows_.sort(sorted_by);
  std::vector<std::size_t> may_be_shortened;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i].shortened) may_be_shortened.push_back(i);
  }
  rows_.fit(width_, may_be_shortened);
  rows_.print(to_);
  if (!to_.flush()) throw write_error();
}

}  // namespace upsun::tool
