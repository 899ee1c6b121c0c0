#include <upsun/model/timestamp.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace upsun {
namespace {

using namespace std::chrono;

/// Eight characters in one number, the first in its lowest byte.
std::uint64_t word_of(const char* eight) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, eight, sizeof word);
  return std::endian::native == std::endian::little ? word : __builtin_bswap64(word);
}

/// What eight characters look like: digits where this has a zero, and the same everywhere else.
struct pattern {
  std::uint64_t word = 0;
  /// Added to a character's difference from the pattern's, sets the top bit where it does not fit.
  std::uint64_t bias = 0;

  consteval explicit pattern(std::string_view eight) {
    for (std::size_t i = 0; i < sizeof word; ++i) {
      word |= std::uint64_t{static_cast<unsigned char>(eight[i])} << 8 * i;
      bias |= std::uint64_t{eight[i] == '0' ? 0x80U - 10U : 0x80U - 1U} << 8 * i;
    }
  }
};

/// The numbers of two digits in eight characters.
class digit_pairs {
 public:
  /// \param same bits that make no difference. \param fits becomes false unless the characters fit
  /// the pattern
  digit_pairs(const char* eight, const pattern& like, bool& fits, std::uint64_t same = 0) noexcept {
    const std::uint64_t values = (word_of(eight) ^ like.word) & ~same;
    fits &= (((values + like.bias) | values) & 0x8080808080808080U) == 0;
    pairs_ = values * 10 + (values >> 8U);
  }

  [[nodiscard]] unsigned at(std::size_t first) const noexcept {
    return static_cast<unsigned>(pairs_ >> 8 * first & 0xffU);
  }

 private:
  std::uint64_t pairs_;  // each byte together with the next one
};

/// Takes the fraction off the front: nothing, or a point and digits. Below zero when it is
/// malformed.
microseconds take_fraction(std::string_view& rest) noexcept {
  if (!rest.starts_with('.')) return {};
  constexpr std::array<std::uint32_t, 10> powers{
      1, 10, 100, 1'000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000, 1'000'000'000};
  const std::size_t most = std::min(rest.size(), powers.size());
  std::uint32_t digits = 0;
  std::size_t end = 1;
  for (; end < most; ++end) {
    const unsigned digit = static_cast<unsigned char>(rest[end]) - unsigned{'0'};
    if (digit > 9) break;
    digits = digits * 10 + digit;
  }
  const std::size_t count = end - 1;
  if (count == 0) return microseconds(-1);
  while (end < rest.size() && rest[end] >= '0' && rest[end] <= '9') ++end;
  rest.remove_prefix(end);
  return microseconds(count <= 6 ? digits * powers[6 - count] : digits / powers[count - 6]);
}

/// The offset from UTC that a text is.
std::optional<minutes> read_offset(std::string_view text) noexcept {
  if (text == "+00:00" || text == "Z" || text == "z") return minutes(0);
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
  const auto value = [&](std::size_t at) {
    return static_cast<unsigned char>(text[at]) - unsigned{'0'};
  };
  if (value(1) > 9 || value(2) > 9 || value(4) > 9 || value(5) > 9) return std::nullopt;
  const unsigned hour = value(1) * 10 + value(2);
  const unsigned minute = value(4) * 10 + value(5);
  if (hour > 23 || minute > 59) return std::nullopt;
  const minutes offset = hours(hour) + minutes(minute);
  return text[0] == '-' ? -offset : offset;
}

}  // namespace

std::optional<timestamp> parse_timestamp(std::string_view text) noexcept {
  constexpr std::string_view layout = "0000-00-00T00:00:00";
  if (text.size() <= layout.size()) return std::nullopt;
  bool fits = true;
  constexpr pattern month_pattern("0000-00-");
  constexpr pattern day_pattern("0-00-00T");
  constexpr pattern time_pattern("00:00:00");
  const digit_pairs of_month(text.data(), month_pattern, fits);
  const digit_pairs of_day(text.data() + 3, day_pattern, fits, std::uint64_t{'T' ^ 't'} << 56U);
  const digit_pairs of_time(text.data() + 11, time_pattern, fits);
  if (!fits) return std::nullopt;
  const year_month_day date{year(static_cast<int>(of_month.at(0) * 100 + of_month.at(2))),
                            month(of_month.at(5)), day(of_day.at(5))};
  const unsigned hour = of_time.at(0);
  const unsigned minute = of_time.at(3);
  const unsigned second = of_time.at(6);
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;

  std::string_view rest = text.substr(layout.size());
  const microseconds fraction = take_fraction(rest);
  const std::optional<minutes> offset = read_offset(rest);
  if (fraction < microseconds(0) || !offset) return std::nullopt;

  const auto whole = sys_days(date) + hours(hour) + minutes(minute) + seconds(second) - *offset;
  if (second == 60) {  // only where a leap second can be
    const auto midnight = floor<days>(whole);
    if (whole != midnight || year_month_day(midnight).day() != day(1)) return std::nullopt;
  }
  return whole + fraction;
}

std::string format_timestamp(timestamp t) {
  const auto midnight = floor<days>(t);
  const year_month_day date{midnight};
  const hh_mm_ss time{t - midnight};
  std::string text = "0000-00-00T00:00:00.000000+00:00";
  const auto put = [&text](std::size_t begin, std::size_t end,
                           std::int64_t value) {  // the last digits of `value`
    for (; end > begin; value /= 10) text[--end] = static_cast<char>('0' + value % 10);
  };
  put(0, 4, std::max(0, static_cast<int>(date.year())));
  put(5, 7, static_cast<unsigned>(date.month()));
  put(8, 10, static_cast<unsigned>(date.day()));
  put(11, 13, time.hours().count());
  put(14, 16, time.minutes().count());
  put(17, 19, time.seconds().count());
  put(20, 26, time.subseconds().count());
  return text;
}

}  // namespace upsun
