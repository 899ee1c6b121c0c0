#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// \file
/// What the programs know about terminals.

namespace upsun::terminal {

/// Whether a line on this descriptor can be drawn over: it is a terminal, and not a dumb one.
[[nodiscard]] bool can_redraw(int descriptor);

/// How many columns the terminal behind the descriptor has. Zero: not known.
[[nodiscard]] std::size_t columns(int descriptor);

/// How many columns UTF-8 text takes: none for a combining character, two for a wide one. Bytes
/// that are not UTF-8 and control characters count as one.
[[nodiscard]] std::size_t width(std::string_view text);

/// The beginning of UTF-8 text that fits into so many columns.
[[nodiscard]] std::string_view fitted(std::string_view text, std::size_t columns);

}  // namespace upsun::terminal
