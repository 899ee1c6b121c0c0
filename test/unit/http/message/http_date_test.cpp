#include "http/message/http_date.hpp"

#include <gtest/gtest.h>

#include <array>
#include <ctime>
#include <string>
#include <vector>

namespace upsun::http {
namespace http_date_test {

using namespace std::chrono;
using namespace std::chrono_literals;

constexpr sys_seconds now = sys_days(2026y / November / 24) + 12h;

struct date_case {
  const char* text;
  std::optional<sys_seconds> expected;
};

constexpr sys_seconds rfc_example = sys_days(1994y / November / 6) + 8h + 49min + 37s;

TEST(HttpDate, ReadsItsThreeForms) {
  const std::vector<date_case> cases{
      {"Sun, 06 Nov 1994 08:49:37 GMT", rfc_example},
      {"Sunday, 06-Nov-94 08:49:37 GMT", rfc_example},
      {"Sun Nov  6 08:49:37 1994", rfc_example},
      {"Thu Nov 16 08:49:37 1995", sys_days(1995y / November / 16) + 8h + 49min + 37s},
      {"Thu, 29 Feb 2024 23:59:59 GMT", sys_days(2024y / February / 29) + 23h + 59min + 59s},
      {"Sat, 31 Dec 2016 23:59:60 GMT", sys_days(2016y / December / 31) + 23h + 59min + 59s},
      {"Fri, 01 Jan 0001 00:00:00 GMT", sys_days(1y / January / 1)},
      {"Mon, 06 Nov 1994 08:49:37 GMT", rfc_example},  // not that day's name, but one
  };
  for (const date_case& c : cases) EXPECT_EQ(parse_http_date(c.text, now), c.expected) << c.text;
}

TEST(HttpDate, TakesTwoDigitYearsAsTheLatestAtMostFiftyYearsAhead) {
  const auto year_of = [](const std::string& date, sys_seconds when = now) {
    const auto parsed = parse_http_date("Monday, " + date + " GMT", when);
    return parsed ? static_cast<int>(year_month_day(floor<days>(*parsed)).year()) : 0;
  };
  EXPECT_EQ(year_of("01-Jan-26 00:00:00"), 2026);
  EXPECT_EQ(year_of("01-Jan-76 00:00:00"), 2076);
  EXPECT_EQ(year_of("24-Nov-76 12:00:00"), 2076);
  EXPECT_EQ(year_of("24-Nov-76 12:00:01"), 1976);
  EXPECT_EQ(year_of("31-Dec-76 00:00:00"), 1976);
  EXPECT_EQ(year_of("01-Jan-77 00:00:00"), 1977);
  EXPECT_EQ(year_of("01-Jan-99 00:00:00"), 1999);
  EXPECT_EQ(year_of("01-Jan-00 00:00:00"), 2000);
  constexpr sys_seconds new_years_eve = sys_days(2099y / December / 31) + 23h + 59min;
  EXPECT_EQ(year_of("01-Jan-00 00:00:30", new_years_eve), 2100);
  EXPECT_EQ(year_of("31-Dec-99 23:59:30", new_years_eve), 2099);
  EXPECT_EQ(year_of("01-Jan-50 00:00:00", new_years_eve), 2050);
  EXPECT_EQ(year_of("28-Feb-74 00:00:00", sys_days(2024y / February / 29)), 2074);
}

std::string print(const char* format, sys_seconds when) {
  const std::time_t count = system_clock::to_time_t(when);
  std::tm parts{};
  std::array<char, 40> text{};
  return {text.data(), std::strftime(text.data(), text.size(), format, ::gmtime_r(&count, &parts))};
}

TEST(HttpDate, ReadsEveryDayInEveryForm) {
  for (sys_seconds when = sys_days(1977y / January / 1); when < sys_days(2076y / November / 1);
       when += days(1) + 61min + 1s) {
    for (const char* form :
         {"%a, %d %b %Y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y", "%A, %d-%b-%y %H:%M:%S GMT"})
      ASSERT_EQ(parse_http_date(print(form, when), now), when);
  }
}

// Cut off, with a byte more, or with another byte anywhere: refused, or another date of the same
// form; never anything else.
TEST(HttpDate, IsStrictAboutEveryByte) {
  for (const std::string form : {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
                                 "Sun Nov  6 08:49:37 1994"}) {
    ASSERT_EQ(parse_http_date(form, now), rfc_example);
    for (std::size_t i = 0; i <= form.size(); ++i) {
      if (i < form.size()) {
        EXPECT_EQ(parse_http_date(form.substr(0, i), now), std::nullopt) << i;
        EXPECT_EQ(parse_http_date(form.substr(0, i) + form.substr(i + 1), now), std::nullopt)
            << form << " without byte " << i;
      }
      for (int byte = 0; byte < 256; ++byte) {
        const char c = static_cast<char>(byte);
        EXPECT_EQ(parse_http_date(form.substr(0, i) + c + form.substr(i), now), std::nullopt)
            << form << " with " << byte << " before byte " << i;
        if (i == form.size() || form[i] == c) continue;
        std::string other = form;
        other[i] = c;
        const bool was_digit =
            (form[i] >= '0' && form[i] <= '9') ||
            (form[i] == ' ' && form[i - 1] == ' ');  // asctime pads the day with a blank
        const bool is_digit = c >= '0' && c <= '9';
        const bool pads = c == ' ' && form[i] == '0' && form.find("Nov 0") == i - 4;
        EXPECT_TRUE(!parse_http_date(other, now) || (was_digit && is_digit) || pads) << other;
      }
    }
  }
}

TEST(HttpDate, RefusesEverythingElse) {
  for (const char* text : {"",
                           " ",
                           "0",
                           "Sun",
                           "Sun, 06 Nov 1994",
                           "Sun, 06 Nov 1994 08:49:37",
                           "Sun, 06 Nov 1994 08:49:37 UTC",
                           "Sun, 06 Nov 1994 08:49:37 GMT ",
                           " Sun, 06 Nov 1994 08:49:37 GMT",
                           "sun, 06 Nov 1994 08:49:37 GMT",
                           "Sun, 06 nov 1994 08:49:37 GMT",
                           "Sun, 6 Nov 1994 08:49:37 GMT",
                           "Sun, 31 Nov 1994 08:49:37 GMT",
                           "Thu, 29 Feb 2023 08:49:37 GMT",
                           "Sun, 00 Nov 1994 08:49:37 GMT",
                           "Sun, 06 Nov 1994 24:00:00 GMT",
                           "Sun, 06 Nov 1994 08:60:37 GMT",
                           "Sun, 06 Nov 1994 08:49:61 GMT",
                           "Sun, 06 Nov 94 08:49:37 GMT",
                           "Sun, 06-Nov-94 08:49:37 GMT",
                           "Sunday, 06-Nov-1994 08:49:37 GMT",
                           "Sun Nov 06 08:49:37 94",
                           "1994-11-06T08:49:37Z",
                           "Sun, -6 Nov 1994 08:49:37 GMT",
                           "Sun,  06 Nov 1994 08:49:37 GMT",
                           "Sun, 06 Nov 1994 08.49.37 GMT"}) {
    EXPECT_EQ(parse_http_date(text, now), std::nullopt) << text;
  }
}

}  // namespace http_date_test
}  // namespace upsun::http
