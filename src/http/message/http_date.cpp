#include "http/message/http_date.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace upsun::http {
namespace {

using namespace std::chrono;

constexpr std::array<std::string_view, 7> day_names{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                    "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// Takes a text apart from its front; once something did not fit, nothing does any more.
class reader {
 public:
  explicit reader(std::string_view text) noexcept : rest_(text) {}

  [[nodiscard]] bool at_end() const noexcept { return ok_ && rest_.empty(); }

  reader& literal(std::string_view expected) noexcept {
    ok_ = ok_ && rest_.starts_with(expected);
    if (ok_) rest_.remove_prefix(expected.size());
    return *this;
  }

  /// A day's name, cut to `length` when that is not zero.
  reader& day_name(std::size_t length) noexcept {
    const auto* const found =
        std::find_if(day_names.begin(), day_names.end(), [&](std::string_view day) {
          return rest_.starts_with(length == 0 ? day : day.substr(0, length));
        });
    ok_ = ok_ && found != day_names.end();
    if (ok_) rest_.remove_prefix(length == 0 ? found->size() : length);
    return *this;
  }

  reader& month_name(unsigned& month) noexcept {
    const auto* const found =
        std::find_if(months.begin(), months.end(),
                     [&](std::string_view name) { return rest_.starts_with(name); });
    ok_ = ok_ && found != months.end();
    if (!ok_) return *this;
    month = static_cast<unsigned>(found - months.begin()) + 1;
    rest_.remove_prefix(found->size());
    return *this;
  }

  /// Exactly `digits` of them; the first may be a blank when `padded`.
  reader& number(unsigned& value, std::size_t digits, bool padded = false) noexcept {
    ok_ = ok_ && rest_.size() >= digits;
    value = 0;
    for (std::size_t i = 0; ok_ && i < digits; ++i) {
      const char c = padded && i == 0 && rest_[0] == ' ' ? '0' : rest_[i];
      ok_ = c >= '0' && c <= '9';
      value = value * 10 + static_cast<unsigned>(c - '0');
    }
    if (ok_) rest_.remove_prefix(digits);
    return *this;
  }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

struct parts {
  unsigned year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
};

std::optional<sys_seconds> time_of(const parts& p) noexcept {
  const year_month_day date(year(static_cast<int>(p.year)), month(p.month), day(p.day));
  if (!date.ok() || p.hour > 23 || p.minute > 59 || p.second > 60)
    return std::nullopt;  // 60: a leap second
  return sys_days(date) + hours(p.hour) + minutes(p.minute) + seconds(std::min(p.second, 59U));
}

/// Of a year's last two digits: the latest time that is not more than 50 years after `now`.
std::optional<sys_seconds> latest_century(parts p, sys_seconds now) noexcept {
  const auto today = floor<days>(now);
  const year_month_day date(today);
  const sys_seconds latest = sys_days(date + years(50)) + (now - today);
  const auto last_year = static_cast<unsigned>(static_cast<int>(date.year())) + 50;
  p.year += last_year - last_year % 100;
  if (p.year > last_year) p.year -= 100;
  const auto time = time_of(p);
  if (!time || *time <= latest) return time;
  p.year -= 100;
  return time_of(p);
}

reader& time_of_day(reader& text, parts& p) noexcept {
  return text.number(p.hour, 2).literal(":").number(p.minute, 2).literal(":").number(p.second, 2);
}

}  // namespace

std::optional<sys_seconds> parse_http_date(std::string_view text, sys_seconds now) noexcept {
  parts p;
  reader fixed(text);
  fixed.day_name(3)
      .literal(", ")
      .number(p.day, 2)
      .literal(" ")
      .month_name(p.month)
      .literal(" ")
      .number(p.year, 4)
      .literal(" ");
  if (time_of_day(fixed, p).literal(" GMT").at_end()) return time_of(p);

  reader ansi(text);
  ansi.day_name(3)
      .literal(" ")
      .month_name(p.month)
      .literal(" ")
      .number(p.day, 2, true)
      .literal(" ");
  if (time_of_day(ansi, p).literal(" ").number(p.year, 4).at_end()) return time_of(p);

  reader two_digits(text);
  two_digits.day_name(0)
      .literal(", ")
      .number(p.day, 2)
      .literal("-")
      .month_name(p.month)
      .literal("-")
      .number(p.year, 2)
      .literal(" ");
  if (!time_of_day(two_digits, p).literal(" GMT").at_end()) return std::nullopt;
  return latest_century(p, now);
}

std::optional<seconds> parse_seconds(std::string_view text) noexcept {
  constexpr std::uint64_t most = 9'999'999'999;
  std::uint64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem == std::errc::invalid_argument || end != text.data() + text.size())
    return std::nullopt;
  return seconds(problem == std::errc::result_out_of_range ? most : std::min(value, most));
}

}  // namespace upsun::http
