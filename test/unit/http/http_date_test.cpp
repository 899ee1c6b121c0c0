#include "http/http_date.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace upsun::http {
namespace {

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

TEST(HttpDate, PutsTwoDigitYearsAtMostFiftyYearsAhead) {
  const auto year_of = [](const char* digits) {
    const auto parsed = parse_http_date("Monday, 01-Jan-" + std::string(digits) + " 00:00:00 GMT", now);
    return parsed ? static_cast<int>(year_month_day(floor<days>(*parsed)).year()) : 0;
  };
  EXPECT_EQ(year_of("26"), 2026);
  EXPECT_EQ(year_of("76"), 2076);
  EXPECT_EQ(year_of("77"), 1977);
  EXPECT_EQ(year_of("99"), 1999);
  EXPECT_EQ(year_of("00"), 2000);
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

TEST(HttpDate, ReadsSecondsOnly) {
  EXPECT_EQ(parse_seconds("0"), 0s);
  EXPECT_EQ(parse_seconds("120"), 120s);
  EXPECT_EQ(parse_seconds("9999999999"), 9'999'999'999s);
  for (const char* text : {"", "-1", "+1", " 1", "1 ", "1.5", "0x10", "1e3", "10000000000", "18446744073709551616", "soon"}) {
    EXPECT_EQ(parse_seconds(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace upsun::http
