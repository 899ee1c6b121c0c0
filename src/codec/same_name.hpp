#pragma once

#include <boost/config.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace upsun::codec {

/// The same as `==`, for the few characters of a name: that calls `memcmp`, which costs more than
/// to compare them.
[[nodiscard]] BOOST_FORCEINLINE bool is_same_name(std::string_view a, std::string_view b) noexcept {
  const auto differ = [&]<class Word>(Word x, std::size_t at) {
    Word y{};
    std::memcpy(&x, a.data() + at, sizeof x);
    std::memcpy(&y, b.data() + at, sizeof y);
    return x != y;
  };
  const auto same = [&]<class Word>(Word word) {
    std::size_t at = 0;
    for (; at + sizeof word < a.size(); at += sizeof word) {
      if (differ(word, at)) return false;
    }
    return !differ(word, a.size() - sizeof word);  // which may overlap
  };
  if (a.size() != b.size()) return false;
  if (a.size() >= sizeof(std::uint64_t)) return same(std::uint64_t{});
  if (a.size() >= sizeof(std::uint32_t)) return same(std::uint32_t{});
  return a == b;
}

}  // namespace upsun::codec
