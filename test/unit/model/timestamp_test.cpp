#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include <upsun/model/timestamp.hpp>

namespace timestamp_test {

using namespace std::chrono_literals;
using std::chrono::sys_days;
using upsun::format_timestamp;
using upsun::parse_timestamp;
using upsun::timestamp;

struct reading {
  std::string text;
  timestamp value;
};

TEST(Timestamp, ReadsWhatRfc3339Allows) {
  const auto day = sys_days(2026y / 12 / 13);
  const reading readings[] = {
      {"2026-12-13T16:06:08.081312+00:00", day + 16h + 6min + 8s + 81312us},
      {"2026-12-13T16:06:08Z", day + 16h + 6min + 8s},
      {"2026-12-13t16:06:08z", day + 16h + 6min + 8s},
      {"2026-12-13T16:06:08-00:00", day + 16h + 6min + 8s},
      {"2026-12-13T16:06:08+02:00", day + 14h + 6min + 8s},
      {"2026-12-13T16:06:08-05:30", day + 21h + 36min + 8s},
      {"2026-12-13T00:30:00+23:59", day - 24h + 31min},
      {"2026-12-13T23:59:59-23:59", day + 47h + 58min + 59s},
      {"2026-12-31T23:30:00-01:00", sys_days(2027y / 1 / 1) + 30min},
      {"2024-02-29T00:00:00Z", sys_days(2024y / 2 / 29)},
      {"2000-02-29T00:00:00Z", sys_days(2000y / 2 / 29)},
      {"1970-01-01T00:00:00Z", sys_days(1970y / 1 / 1)},
      {"1969-12-31T23:59:59.999999Z", sys_days(1970y / 1 / 1) - 1us},
      {"0000-01-01T00:00:00Z", sys_days(0y / 1 / 1)},
      {"0001-01-01T00:00:00Z", sys_days(1y / 1 / 1)},
      {"9999-12-31T23:59:59.999999Z", sys_days(9999y / 12 / 31) + 24h - 1us},
  };
  for (const auto& [text, value] : readings) EXPECT_EQ(parse_timestamp(text), value) << text;
}

TEST(Timestamp, CutsTheFractionToMicroseconds) {
  const auto second = sys_days(2026y / 1 / 2) + 3h + 4min + 5s;
  const reading readings[] = {
      {"2026-01-02T03:04:05.1Z", second + 100000us},
      {"2026-01-02T03:04:05.12Z", second + 120000us},
      {"2026-01-02T03:04:05.123Z", second + 123000us},
      {"2026-01-02T03:04:05.1234Z", second + 123400us},
      {"2026-01-02T03:04:05.12345Z", second + 123450us},
      {"2026-01-02T03:04:05.123456Z", second + 123456us},
      {"2026-01-02T03:04:05.1234569Z", second + 123456us},
      {"2026-01-02T03:04:05.12345699Z", second + 123456us},
      {"2026-01-02T03:04:05.999999999Z", second + 999999us},
      {"2026-01-02T03:04:05.000000001Z", second},
      {"2026-01-02T03:04:05.1234567891Z", second + 123456us},
      {"2026-01-02T03:04:05.0000009999+00:00", second},
      {"2026-01-02T03:04:05." + std::string(100, '9') + "+00:00", second + 999999us},
  };
  for (const auto& [text, value] : readings) EXPECT_EQ(parse_timestamp(text), value) << text;
}

TEST(Timestamp, CutsTheFractionTowardsThePastBeforeTheEpochToo) {
  EXPECT_EQ(parse_timestamp("1969-12-31T23:59:59.0000019Z"), sys_days(1970y / 1 / 1) - 1s + 1us);
}

TEST(Timestamp, ReadsALeapSecondAsTheFirstOfTheNextMonth) {
  EXPECT_EQ(parse_timestamp("2016-12-31T23:59:60Z"), sys_days(2017y / 1 / 1));
  EXPECT_EQ(parse_timestamp("2015-06-30T23:59:60.25Z"), sys_days(2015y / 7 / 1) + 250ms);
  EXPECT_EQ(parse_timestamp("1990-12-31T15:59:60-08:00"), sys_days(1991y / 1 / 1));
}

TEST(Timestamp, RefusesSecondSixtyElsewhere) {
  for (const char* text : {"2016-12-31T23:58:60Z", "2016-12-31T22:59:60Z", "2016-12-30T23:59:60Z",
                           "2016-12-31T23:59:60+01:00", "2016-12-31T23:59:61Z"}) {
    EXPECT_EQ(parse_timestamp(text), std::nullopt) << text;
  }
}

TEST(Timestamp, RefusesPartsOutOfRange) {
  for (const char* text :
       {"2026-00-13T16:06:08Z", "2026-13-13T16:06:08Z", "2026-12-00T16:06:08Z",
        "2026-12-32T16:06:08Z", "2026-04-31T16:06:08Z", "2026-02-29T16:06:08Z",
        "2100-02-29T16:06:08Z", "1900-02-29T16:06:08Z", "2026-02-30T16:06:08Z",
        "2026-12-13T24:00:00Z", "2026-12-13T16:60:08Z", "2026-12-13T16:06:99Z",
        "2026-12-13T16:06:08+24:00", "2026-12-13T16:06:08+00:60", "2026-12-13T16:06:08-99:99"}) {
    EXPECT_EQ(parse_timestamp(text), std::nullopt) << text;
  }
}

TEST(Timestamp, RefusesAnythingElse) {
  for (const char* text : {"",
                           "2026-12-13",
                           "2026-12-13T16:06:08",
                           "2026-12-13 16:06:08Z",
                           "2026-12-13T16:06Z",
                           "20261213T160608Z",
                           "2026-12-13T16:06:08.Z",
                           "2026-12-13T16:06:08.1234567890xZ",
                           "2026-12-13T16:06:08,5Z",
                           "2026-12-13T16:06:08+0000",
                           "2026-12-13T16:06:08+00",
                           "2026-12-13T16:06:08+00:0",
                           "2026-12-13T16:06:08+00:000",
                           "2026-12-13T16:06:08ZZ",
                           " 2026-12-13T16:06:08Z",
                           "2026-12-13T16:06:08Z ",
                           "+2026-12-13T16:06:08Z",
                           "-026-12-13T16:06:08Z",
                           "12026-12-13T16:06:08Z",
                           "2026-1-13T16:06:08Z",
                           "2026-12-13T+6:06:08Z",
                           "2026-12-13T16:06:-8Z",
                           "2026-12-13T16:06:0xZ",
                           "2o26-12-13T16:06:08Z",
                           "2026/12/13T16:06:08Z",
                           "2026-12-13T16.06.08Z",
                           "2026-12-13T16:06:08.-12345Z",
                           "2026-12-13T16:06:08UTC",
                           "now",
                           "1702483568"}) {
    EXPECT_EQ(parse_timestamp(text), std::nullopt) << text;
  }
}

TEST(Timestamp, RefusesEveryPrefixOfATimestamp) {
  const std::string text = "2026-12-13T16:06:08.081312+00:00";
  for (std::size_t length = 0; length < text.size(); ++length)
    EXPECT_EQ(parse_timestamp(text.substr(0, length)), std::nullopt) << length;
}

TEST(Timestamp, IsWrittenAsTheApiDoes) {
  EXPECT_EQ(format_timestamp(sys_days(2026y / 12 / 13) + 16h + 6min + 8s + 81312us),
            "2026-12-13T16:06:08.081312+00:00");
  EXPECT_EQ(format_timestamp(sys_days(1970y / 1 / 1) - 1us), "1969-12-31T23:59:59.999999+00:00");
  EXPECT_EQ(format_timestamp(sys_days(0y / 1 / 1)), "0000-01-01T00:00:00.000000+00:00");
  EXPECT_EQ(format_timestamp(sys_days(9999y / 12 / 31) + 24h - 1us),
            "9999-12-31T23:59:59.999999+00:00");
}

TEST(Timestamp, ReadsBackWhatItWrote) {
  // One moment in each of some thousand days, with every part of it moving.
  for (timestamp t = sys_days(1890y / 1 / 1); t < sys_days(2130y / 1 / 1);
       t += 23h * 24 + 59min + 58s + 123457us) {
    EXPECT_EQ(parse_timestamp(format_timestamp(t)), t) << format_timestamp(t);
  }
}

}  // namespace timestamp_test
