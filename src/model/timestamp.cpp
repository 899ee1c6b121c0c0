#include <upsun/model/timestamp.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace upsun {
namespace {

using namespace std::chrono;

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// The number that two digits make; something over 99 when they are none.
constexpr int two_digits(const char* at) noexcept { return is_digit(at[0]) && is_digit(at[1]) ? (at[0] - '0') * 10 + (at[1] - '0') : 100; }

/// Takes the fraction off the front: nothing, or a point and one to nine digits. Below zero when it is malformed.
microseconds take_fraction(std::string_view& rest) noexcept {
  if (!rest.starts_with('.')) return {};
  constexpr std::size_t most = 9;
  std::int64_t nanoseconds = 0;
  std::size_t count = 0;
  while (count < most && count + 1 < rest.size() && is_digit(rest[count + 1])) nanoseconds = nanoseconds * 10 + (rest[++count] - '0');
  if (count == 0) return microseconds(-1);
  rest.remove_prefix(count + 1);
  for (; count < most; ++count) nanoseconds *= 10;
  return microseconds(nanoseconds / 1000);
}

/// The offset from UTC that a text is.
std::optional<minutes> read_offset(std::string_view text) noexcept {
  if (text == "Z" || text == "z") return minutes(0);
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
  const int hour = two_digits(&text[1]);
  const int minute = two_digits(&text[4]);
  if (hour > 23 || minute > 59) return std::nullopt;
  const minutes offset = hours(hour) + minutes(minute);
  return text[0] == '-' ? -offset : offset;
}

}  // namespace

std::optional<timestamp> parse_timestamp(std::string_view text) noexcept {
  constexpr std::string_view layout = "0000-00-00T00:00:00";
  if (text.size() <= layout.size() || text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != 't') || text[13] != ':' || text[16] != ':') {
    return std::nullopt;
  }
  const int century = two_digits(text.data());
  const int year_of_century = two_digits(&text[2]);
  const int hour = two_digits(&text[11]);
  const int minute = two_digits(&text[14]);
  const int second = two_digits(&text[17]);
  const year_month_day date{year(century * 100 + year_of_century), month(static_cast<unsigned>(two_digits(&text[5]))),
                            day(static_cast<unsigned>(two_digits(&text[8])))};
  if (century > 99 || year_of_century > 99 || !date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;

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
