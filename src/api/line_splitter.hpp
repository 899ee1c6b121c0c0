#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace upsun::api {

/// Splits a stream into lines. Beside the bytes of the last `feed` it holds at most `longest` bytes
/// of an incomplete line.
class line_splitter {
 public:
  struct line {
    std::string_view text;  ///< Without its end. Refers to this object, until it is changed.
    bool too_long =
        false;  ///< It has more than `longest` bytes: `text` is empty, and all of it is skipped.
  };

  explicit line_splitter(std::size_t longest) noexcept : longest_(longest) {}

  void feed(std::string_view bytes);
  /// The stream ended. A last line without an end counts if the stream is complete, else it is
  /// dropped.
  void end(bool complete);
  /// The next line; nothing when there is none that is complete. Empty ones are left out.
  [[nodiscard]] std::optional<line> next();

 private:
  const std::size_t longest_;
  std::string bytes_;
  std::size_t begin_ = 0;     // of the next line
  std::size_t searched_ = 0;  // up to here there is no end of it
  bool skipping_ = false;     // the rest of a line that is too long
};

}  // namespace upsun::api
