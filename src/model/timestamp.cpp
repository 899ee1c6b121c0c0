#include <upsun/model/timestamp.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace upsun {
namespace {

using namespace std::chrono;

/// Reads digits, and remembers whether all were some.
class digit_reader {
 public:
  explicit constexpr digit_reader(const char* text) noexcept : text_(text) {}

  constexpr unsigned two(std::size_t at) noexcept { return one(at) * 10 + one(at + 1); }
  [[nodiscard]] constexpr bool ok() const noexcept { return ok_; }

 private:
  constexpr unsigned one(std::size_t at) noexcept {
    const unsigned digit = static_cast<unsigned char>(text_[at]) - unsigned{'0'};
    ok_ &= digit <= 9;
    return digit;
  }

  const char* text_;
  bool ok_ = true;
};

/// Takes the fraction off the front: nothing, or a point and one to nine digits. Below zero when it is malformed.
microseconds take_fraction(std::string_view& rest) noexcept {
  if (!rest.starts_with('.')) return {};
  constexpr std::array<std::uint32_t, 10> powers{1, 10, 100, 1'000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000, 1'000'000'000};
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
  rest.remove_prefix(end);
  return microseconds(count <= 6 ? digits * powers[6 - count] : digits / powers[count - 6]);
}

/// The offset from UTC that a text is.
std::optional<minutes> read_offset(std::string_view text) noexcept {
  if (text == "Z" || text == "z") return minutes(0);
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
  digit_reader digits(text.data());
  const unsigned hour = digits.two(1);
  const unsigned minute = digits.two(4);
  if (!digits.ok() || hour > 23 || minute > 59) return std::nullopt;
  const minutes offset = hours(hour) + minutes(minute);
  return text[0] == '-' ? -offset : offset;
}

}  // namespace

std::optional<timestamp> parse_timestamp(std::string_view text) noexcept {
  constexpr std::string_view layout = "0000-00-00T00:00:00";
  if (text.size() <= layout.size() || text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != 't') || text[13] != ':' || text[16] != ':') {
    return std::nullopt;
  }
  digit_reader digits(text.data());
  const year_month_day date{year(static_cast<int>(digits.two(0) * 100 + digits.two(2))), month(digits.two(5)), day(digits.two(8))};
  const unsigned hour = digits.two(11);
  const unsigned minute = digits.two(14);
  const unsigned second = digits.two(17);
  if (!digits.ok() || !date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;

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
  const auto put = [&text](std::size_t begin, std::size_t end, std::int64_t value) {  // the last digits of `value`
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
