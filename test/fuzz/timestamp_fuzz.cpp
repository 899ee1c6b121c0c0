#include <gtest/gtest.h>

#include <regex>

#include <upsun/model/timestamp.hpp>

#include "fuzz/input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace std::chrono;
  const std::string_view text = upsun::fuzz::input(data, size).rest();
  const auto t = upsun::parse_timestamp(text);
  if (!t) return 0;
  static const std::regex rfc3339(
      R"(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d))");
  EXPECT_TRUE(std::regex_match(text.begin(), text.end(), rfc3339)) << text;
  if (*t < sys_days(year(0) / 1 / 1) || *t >= sys_days(year(10'000) / 1 / 1)) return 0;
  const std::string written = upsun::format_timestamp(*t);
  EXPECT_EQ(upsun::parse_timestamp(written), t) << written;
  if (text.ends_with("Z") && text.substr(17, 2) != "60") {
    EXPECT_EQ(written.substr(0, 10), text.substr(0, 10));
  }
  return 0;
}
