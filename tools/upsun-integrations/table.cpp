#include "table.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace upsun::tool {
namespace {

/// The width on a terminal, one column for each UTF-8 character: counts bytes that are no
/// continuation bytes.
std::size_t width_of(std::string_view line) {
  return static_cast<std::size_t>(std::count_if(line.begin(), line.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80;
  }));
}

std::vector<std::string_view> lines_of(std::string_view cell) {
  std::vector<std::string_view> lines;
  for (;;) {
    const std::size_t end = cell.find('\n');
    lines.push_back(cell.substr(0, end));
    if (end == std::string_view::npos) return lines;
    cell.remove_prefix(end + 1);
  }
}

}  // namespace

std::string printable(std::string_view text) {
  constexpr std::string_view hex = "0123456789abcdef";
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool c1 = byte == 0xC2 && i + 1 < text.size() &&
                    static_cast<unsigned char>(text[i + 1]) < 0xA0;  // U+0080 to U+009F
    if ((byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7f || c1) {
      const auto shown = c1 ? static_cast<unsigned char>(text[++i]) : byte;
      out.append("\\x").append(1, hex[shown >> 4U]).append(1, hex[shown & 15U]);
    } else {
      out += text[i];
    }
  }
  return out;
}

void table::add(std::vector<std::string> row) {
  for (std::string& cell : row) cell = printable(cell);
  rows_.push_back(std::move(row));
}

void table::print(std::ostream& out) const {
  if (rows_.empty()) return;
  std::vector<std::size_t> widths(rows_.front().size());
  for (const auto& row : rows_) {
    for (std::size_t column = 0; column < row.size(); ++column) {
      for (const std::string_view line : lines_of(row[column]))
        widths[column] = std::max(widths[column], width_of(line));
    }
  }
  for (const auto& row : rows_) {
    std::vector<std::vector<std::string_view>> cells;
    std::size_t height = 0;
    for (const std::string& cell : row)
      height = std::max(height, cells.emplace_back(lines_of(cell)).size());
    for (std::size_t i = 0; i < height; ++i) {
      std::string line;
      std::size_t blanks = 0;
      for (std::size_t column = 0; column < cells.size(); ++column) {
        const std::string_view text =
            i < cells[column].size() ? cells[column][i] : std::string_view();
        if (!text.empty()) line.append(blanks, ' ').append(text);
        blanks = (text.empty() ? blanks : 0) + widths[column] - width_of(text) + 2;
      }
      out << line << '\n';
    }
  }
}

}  // namespace upsun::tool
