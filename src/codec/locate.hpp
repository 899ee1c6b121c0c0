#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace upsun::codec {

/// A place in a document.
struct location {
  std::string pointer;  ///< JSON pointer (RFC 6901) of the value there; for a bracket that closes,
                        ///< of what it closes.
  std::size_t token_begin =
      0;  ///< Where the last token that begins at or before the position begins.
};

/// Finds out where in a document a byte stands, by reading it again from the start: only failures
/// pay for it. \param json text that is valid JSON before `position`; when it is not, the answer is
/// as good as can be.
[[nodiscard]] location locate(std::string_view json, std::size_t position);

}  // namespace upsun::codec
