#include <upsun/model/timestamp.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace upsun {
namespace {

using namespace std::chrono;

/// Takes parts off the front of a text; after the first that does not fit, `ok` stays false.
struct reader {
  std::string_view rest;
  bool ok = true;

  int digits(std::size_t count) noexcept {
    int value = 0;
    if (rest.size() < count) return fail();
    for (const char c : rest.substr(0, count)) {
      if (c < '0' || c > '9') return fail();
      value = value * 10 + (c - '0');
    }
    rest.remove_prefix(count);
    return value;
  }

  /// The character taken, which is one of `any`.
  char one_of(std::string_view any) noexcept {
    if (rest.empty() || any.find(rest.front()) == any.npos) return static_cast<char>(fail());
    const char taken = rest.front();
    rest.remove_prefix(1);
    return taken;
  }

  int fail() noexcept {
    ok = false;
    rest = {};
    return 0;
  }
};

/// What follows the seconds: nothing, or a point and one to nine digits.
microseconds read_fraction(reader& in) noexcept {
  if (!in.rest.starts_with('.')) return {};
  in.rest.remove_prefix(1);
  std::int64_t value = 0;
  std::size_t count = 0;
  for (; count < 9 && !in.rest.empty() && in.rest.front() >= '0' && in.rest.front() <= '9'; ++count) {
    value = value * 10 + (in.rest.front() - '0');
    in.rest.remove_prefix(1);
  }
  if (count == 0) in.fail();
  for (; count < 9; ++count) value *= 10;
  return microseconds(value / 1000);
}

minutes read_offset(reader& in) noexcept {
  const char sign = in.one_of("Zz+-");
  if (sign != '+' && sign != '-') return {};
  const int hour = in.digits(2);
  in.one_of(":");
  const int minute = in.digits(2);
  if (hour > 23 || minute > 59) in.fail();
  const minutes offset = hours(hour) + minutes(minute);
  return sign == '-' ? -offset : offset;
}

}  // namespace

std::optional<timestamp> parse_timestamp(std::string_view text) noexcept {
  reader in{text};
  const year y{in.digits(4)};
  in.one_of("-");
  const month m{static_cast<unsigned>(in.digits(2))};
  in.one_of("-");
  const day d{static_cast<unsigned>(in.digits(2))};
  in.one_of("Tt");
  const int hour = in.digits(2);
  in.one_of(":");
  const int minute = in.digits(2);
  in.one_of(":");
  const int second = in.digits(2);
  const microseconds fraction = read_fraction(in);
  const minutes offset = read_offset(in);

  const year_month_day date = y / m / d;
  if (!in.ok || !in.rest.empty() || !date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  const auto whole = sys_days(date) + hours(hour) + minutes(minute) + seconds(second) - offset;
  if (second == 60) {
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
