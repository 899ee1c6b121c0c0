#include "http/message/http_date.hpp"

#include <algorithm>
#include <array>

#include "util/ascii.hpp"

namespace upsun::http {
namespace {

using namespace std::chrono;

constexpr std::array<std::string_view, 7> day_names{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                    "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::size_t short_name = 3;

struct parts {
  unsigned year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
};

/// Takes the name that `text` begins with off its front, and returns its number; the count of
/// `names` when it is none of them.
template <std::size_t Count>
unsigned take_name(std::string_view& text, const std::array<std::string_view, Count>& names,
                   std::size_t length) noexcept {
  unsigned i = 0;
  while (i < Count && !text.starts_with(names[i].substr(0, length))) ++i;
  if (i < Count) text.remove_prefix(std::min(length, names[i].size()));
  return i;
}

bool take_number(std::string_view& text, std::size_t digits, unsigned& value) noexcept {
  if (text.size() < digits) return false;
  value = 0;
  for (const char c : text.substr(0, digits)) {
    if (!util::is_digit(c)) return false;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  text.remove_prefix(digits);
  return true;
}

/// Takes a field of `strptime` off the front of `text`, in which every digit has to be there.
bool take_field(char field, std::string_view& text, parts& p) noexcept {
  switch (field) {
    case 'a': return take_name(text, day_names, short_name) < day_names.size();
    case 'A': return take_name(text, day_names, std::string_view::npos) < day_names.size();
    case 'b': p.month = take_name(text, months, short_name) + 1; return p.month <= months.size();
    case 'e':  // padded with a blank
      if (!text.starts_with(' ')) return take_number(text, 2, p.day);
      text.remove_prefix(1);
      return take_number(text, 1, p.day);
    case 'd': return take_number(text, 2, p.day);
    case 'Y': return take_number(text, 4, p.year);
    case 'y': return take_number(text, 2, p.year);
    case 'H': return take_number(text, 2, p.hour);
    case 'M': return take_number(text, 2, p.minute);
    default: return take_number(text, 2, p.second);  // 'S'
  }
}

/// Whether the whole `text` has the form, in the notation of `strptime`.
bool has_form(std::string_view text, std::string_view form, parts& p) noexcept {
  for (std::size_t i = 0; i < form.size(); ++i) {
    if (form[i] == '%') {
      if (!take_field(form[++i], text, p)) return false;
    } else {
      if (!text.starts_with(form[i])) return false;
      text.remove_prefix(1);
    }
  }
  return text.empty();
}

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

}  // namespace

std::optional<sys_seconds> parse_http_date(std::string_view text, sys_seconds now) noexcept {
  parts p;
  if (has_form(text, "%a, %d %b %Y %H:%M:%S GMT", p)) return time_of(p);
  if (has_form(text, "%a %b %e %H:%M:%S %Y", p)) return time_of(p);
  if (has_form(text, "%A, %d-%b-%y %H:%M:%S GMT", p)) return latest_century(p, now);
  return std::nullopt;
}

}  // namespace upsun::http
