#include <gtest/gtest.h>

#include "fuzz/input.hpp"
#include "http/message/field_values.hpp"
#include "http/message/http_date.hpp"

/// Two bytes for the present year, then the text of a field.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace std::chrono;
  upsun::fuzz::input input(data, size);
  const sys_seconds now = sys_days(year(1970 + static_cast<int>(input.pick(8000))) / 6 / 15);
  const std::string_view text = input.rest();
  if (const auto count = upsun::http::parse_seconds(text)) {
    EXPECT_GE(*count, 0s);
    EXPECT_LT(*count, 10'000'000'000s);
    EXPECT_EQ(text.find_first_not_of("0123456789"), std::string_view::npos);
  }
  const auto date = upsun::http::parse_http_date(text, now);
  if (!date) return 0;
  EXPECT_GE(text.size(), std::string_view("Sun Nov  6 08:49:37 1994").size());
  EXPECT_LE(text.size(), std::string_view("Wednesday, 06-Nov-94 08:49:37 GMT").size());
  EXPECT_GE(*date, sys_days(year(0) / 1 / 1));
  EXPECT_LT(*date, sys_days(year(10'100) / 1 / 1));
  if (text.find('-') !=
      std::string_view::npos) {  // two digits of the year: within a century of `now`
    EXPECT_GE(*date, now - days(366 * 100));
    EXPECT_LE(*date, now + days(366 * 51));
  }
  return 0;
}
