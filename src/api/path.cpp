#include "api/path.hpp"

#include <array>
#include <cstddef>

namespace upsun::api {
namespace {

// How a character is written in a path. Those of a text are combined by OR, which is faster than
// looking for the first of a kind.
constexpr unsigned char as_it_is = 0;
constexpr unsigned char encoded = 1;
constexpr unsigned char refused = 3;

constexpr std::array<unsigned char, 256> ways = [] {
  std::array<unsigned char, 256> table{};
  for (std::size_t c = 0; c < table.size(); ++c)
    table[c] = c < 0x20 || c == 0x7f ? refused : encoded;
  for (const char c :
       std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"))
    table[static_cast<unsigned char>(c)] = as_it_is;
  return table;
}();

unsigned char way_of(char c) noexcept { return ways[static_cast<unsigned char>(c)]; }

unsigned char ways_of(std::string_view text) noexcept {
  unsigned char all = as_it_is;
  for (const char c : text) all |= way_of(c);
  return all;
}

}  // namespace

std::optional<std::string> refuse_segment(std::string_view segment) {
  if (segment.empty()) return "is empty";
  if (segment == "." || segment == "..")
    return "is a dot segment, which would name another resource";
  if (ways_of(segment) == refused) return "holds a control character";
  return std::nullopt;
}

void append_segment(std::string& path, std::string_view segment) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  if (ways_of(segment) == as_it_is) {
    path.append(segment);
    return;
  }
  for (const char c : segment) {
    const auto byte = static_cast<unsigned char>(c);
    way_of(c) == as_it_is ? path.append(1, c)
                          : path.append({'%', digits[byte >> 4U], digits[byte & 15U]});
  }
}

}  // namespace upsun::api
