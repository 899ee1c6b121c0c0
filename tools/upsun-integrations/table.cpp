#include "table.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>

#include "common/terminal.hpp"

namespace upsun::tool {
namespace {

std::vector<std::string_view> lines_of(std::string_view cell) {
  std::vector<std::string_view> lines;
  for (;;) {
    const std::size_t end = cell.find('\n');
    lines.push_back(cell.substr(0, end));
    if (end == std::string_view::npos) return lines;
    cell.remove_prefix(end + 1);
  }
}

/// How many bytes of text that is not empty make a control character: C0 but for line breaks and
/// tabs, DEL, or C1 (U+0080 to U+009F). None: zero.
std::size_t control_at(std::string_view text) {
  const auto byte = [text](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  if (byte(0) == 0xC2 && text.size() > 1 && byte(1) < 0xA0) return 2;
  return (byte(0) < 0x20 && text[0] != '\n' && text[0] != '\t') || byte(0) == 0x7f ? 1 : 0;
}

void append_escaped(std::string& out, std::string_view control) {
  constexpr std::string_view hex = "0123456789abcdef";
  const auto shown = static_cast<unsigned char>(control.back());
  out.append("\\x").append(1, hex[shown >> 4U]).append(1, hex[shown & 15U]);
}

/// How many bytes at the beginning of the text set colours (ECMA-48, SGR). None: zero.
std::size_t colour_at(std::string_view text) {
  if (!text.starts_with("\x1b[")) return 0;
  const std::size_t end = text.find_first_not_of("0123456789;:", 2);
  return end != std::string_view::npos && text[end] == 'm' ? end + 1 : 0;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t control = control_at(text);
    if (control > 0)
      append_escaped(out, text.substr(0, control));
    else
      out += text.front();
    text.remove_prefix(std::max<std::size_t>(control, 1));
  }
  return out;
}

std::string printable_log(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t colour = colour_at(text);
    const std::size_t control = control_at(text);
    std::size_t taken = std::max(colour, std::max<std::size_t>(control, 1));
    if (text.front() == '\r') {
      out += '\n';
      taken = text.starts_with("\r\n") ? 2 : 1;
    } else if (colour > 0 || control == 0) {
      out.append(text.substr(0, taken));
    } else {
      append_escaped(out, text.substr(0, taken));
    }
    text.remove_prefix(taken);
  }
  return out;
}

void table::add(std::vector<std::string> row) {
  for (std::string& cell : row) cell = printable(cell);
  rows_.push_back(std::move(row));
}

void table::sort(const std::vector<std::size_t>& by) {
  if (rows_.empty() || by.empty()) return;
  std::stable_sort(rows_.begin() + 1, rows_.end(), [&by](const auto& a, const auto& b) {
    for (const std::size_t column : by) {
      if (a[column] != b[column]) return a[column] < b[column];
    }
    return false;
  });
}

std::vector<std::size_t> table::widths() const {
  std::vector<std::size_t> widths(rows_.empty() ? 0 : rows_.front().size());
  for (const auto& row : rows_) {
    for (std::size_t column = 0; column < row.size(); ++column) {
      for (const std::string_view line : lines_of(row[column]))
        widths[column] = std::max(widths[column], terminal::width(line));
    }
  }
  return widths;
}

void table::fit(std::size_t width, const std::vector<std::size_t>& shortened) {
  constexpr std::size_t least = 8;
  std::vector<std::size_t> widths = this->widths();
  if (width == 0 || widths.empty() || shortened.empty()) return;
  const auto total = [&] {
    return std::accumulate(widths.begin(), widths.end(), 2 * (widths.size() - 1));
  };
  while (total() > width) {  // the widest one first
    const auto widest =
        *std::max_element(shortened.begin(), shortened.end(),
                          [&](std::size_t a, std::size_t b) { return widths[a] < widths[b]; });
    if (widths[widest] <= least) break;
    --widths[widest];
  }
  for (auto& row : rows_) {
    for (const std::size_t column : shortened) {
      std::string text;
      for (const std::string_view line : lines_of(row[column])) {
        text.append(text.empty() ? "" : "\n");
        if (terminal::width(line) <= widths[column])
          text.append(line);
        else
          text.append(terminal::fitted(line, widths[column] - 1)).append("\u2026");
      }
      row[column] = std::move(text);
    }
  }
}

void table::print(std::ostream& out) const {
  const std::vector<std::size_t> widths = this->widths();
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
        blanks = (text.empty() ? blanks : 0) + widths[column] - terminal::width(text) + 2;
      }
      out << line << '\n';
    }
  }
}

}  // namespace upsun::tool
