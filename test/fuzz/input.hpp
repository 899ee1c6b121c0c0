#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace upsun::fuzz {

/// The bytes of one run, taken from the front: as choices, then as text.
class input {
 public:
  input(const std::uint8_t* data, std::size_t size) noexcept
      : rest_(reinterpret_cast<const char*>(data), size) {}

  [[nodiscard]] bool empty() const noexcept { return rest_.empty(); }
  /// The next byte; 0 once all are used up.
  std::size_t byte() noexcept {
    return rest_.empty() ? 0 : static_cast<unsigned char>(take(1).front());
  }
  /// A number below `below`, by as many bytes as it takes.
  std::size_t pick(std::size_t below) noexcept {
    std::size_t number = 0;
    for (std::size_t reach = 1; reach < below && !empty(); reach *= 256)
      number = number * 256 + byte();
    return number % below;
  }
  /// At most `size` bytes.
  std::string_view take(std::size_t size) noexcept {
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(taken.size());
    return taken;
  }
  /// All bytes up to the next `end`, which is dropped, or to the last.
  std::string_view until(char end) noexcept {
    const std::string_view taken = take(rest_.find(end));
    take(1);
    return taken;
  }
  std::string_view rest() noexcept { return take(rest_.size()); }

 private:
  std::string_view rest_;
};

}  // namespace upsun::fuzz
