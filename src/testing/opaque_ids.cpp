#include "testing/opaque_ids.hpp"

namespace upsun::testing {
namespace {

constexpr std::uint64_t odd = 0x9E3779B97F4A7C15;

/// By Newton's method, which doubles the bits that are right: an odd number begins with three.
constexpr std::uint64_t inverse_of(std::uint64_t number) {
  std::uint64_t inverse = number;
  for (int round = 0; round < 5; ++round) inverse *= 2 - number * inverse;
  return inverse;
}
static_assert(odd * inverse_of(odd) == 1);

constexpr std::uint64_t folded(std::uint64_t number) { return number ^ (number >> 32); }

}  // namespace

std::uint64_t mixed(std::uint64_t key, std::uint64_t number) noexcept {  // SplitMix64
  std::uint64_t z = (key ^ number * 0xD1342543DE82EF95) + odd;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

std::string opaque_ids::encode(std::uint64_t number) const {
  std::uint64_t rest = folded(folded((number ^ key_) * odd) * odd);
  std::string id(length, ' ');
  for (char& c : id) {
    c = alphabet_[rest % 32];
    rest /= 32;
  }
  return id;
}

std::optional<std::uint64_t> opaque_ids::decode(std::string_view id) const noexcept {
  if (id.size() != length) return std::nullopt;
  std::uint64_t number = 0;
  for (std::size_t i = length; i-- > 0;) {
    const std::size_t digit = alphabet_.find(id[i]);
    if (digit == std::string_view::npos || number >> 59 != 0) return std::nullopt;
    number = number * 32 + digit;
  }
  return (folded(folded(number) * inverse_of(odd)) * inverse_of(odd)) ^ key_;
}

}  // namespace upsun::testing
