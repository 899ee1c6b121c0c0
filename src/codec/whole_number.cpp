#include "codec/whole_number.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <string>
#include <system_error>

namespace upsun::codec {
namespace {

/// What moves the decimal point, to the right when it is positive.
std::int64_t read_exponent(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int64_t exponent = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), exponent);
  if (failure != std::errc::result_out_of_range) return exponent;
  constexpr std::int64_t far_out = std::numeric_limits<std::int64_t>::max() / 2;
  return text.starts_with('-') ? -far_out : far_out;
}

}  // namespace

std::optional<whole_number> whole_part(std::string_view text) {
  const std::size_t letter = std::min(text.find_first_of("eE"), text.size());
  const std::string_view mantissa = text.substr(0, letter);
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  const std::string_view fraction = mantissa.substr(std::min(point + 1, mantissa.size()));

  // The number is these digits, times ten to the power of `shift`.
  std::string digits(mantissa.substr(0, point));
  digits += fraction;
  std::int64_t shift = letter < text.size() ? read_exponent(text.substr(letter + 1)) : 0;
  shift -= static_cast<std::int64_t>(fraction.size());
  const std::size_t sign = text.starts_with('-') ? 1 : 0;
  for (; digits.size() > sign && digits.back() == '0'; ++shift) digits.pop_back();
  if (digits.size() == sign) return whole_number{0, true};

  const bool exact = shift >= 0;
  if (exact) {
    if (shift > std::numeric_limits<std::int64_t>::digits10) return std::nullopt;
    digits.append(static_cast<std::size_t>(shift), '0');
  } else {
    const auto count = static_cast<std::int64_t>(digits.size() - sign);
    digits.resize(digits.size() - static_cast<std::size_t>(std::min(-shift, count)));
    if (digits.size() == sign) return whole_number{0, false};
  }
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return failure == std::errc() ? std::optional(whole_number{value, exact}) : std::nullopt;
}

}  // namespace upsun::codec
