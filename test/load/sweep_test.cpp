#include "load/sweep.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace upsun::load {
namespace sweep_test {

std::string refusal(const std::string& text) {
  try {
    (void)parse_sweep(text);
  } catch (const std::invalid_argument& e) {
    return e.what();
  }
  return "";
}

TEST(Sweep, IsANameAndValues) {
  const sweep over = parse_sweep("concurrency=1,4,16");
  EXPECT_EQ(over.name, "concurrency");
  EXPECT_EQ(over.values, (std::vector<double>{1, 4, 16}));
  EXPECT_EQ(parse_sweep("rate=0.5").values, std::vector<double>{0.5});
}

TEST(Sweep, SaysWhatIsWrongWithIt) {
  EXPECT_EQ(refusal("concurrency"), "'concurrency' is not NAME=VALUE,VALUE...");
  EXPECT_EQ(refusal("speed=1"),
            "'speed' cannot be swept; what can is concurrency, connections, threads, round, "
            "rate");
  for (const std::string value : {"", "x", "1x", "0", "-1", "1.5", "inf", "nan", "1e10", "257"}) {
    EXPECT_EQ(refusal("threads=2," + value), "'" + value +
                                                 "' is no value for threads; give whole numbers "
                                                 "from 1 to 256, separated by commas");
  }
  for (const std::string value : {"", "0", "0.0009", "1e10", "nan"})
    EXPECT_EQ(refusal("rate=" + value), "'" + value +
                                            "' is no value for rate; give numbers from 0.001 to "
                                            "1000000000, separated by commas");
  EXPECT_NE(refusal("connections=65536"), "");
  EXPECT_NE(refusal("concurrency=1000001"), "");
  EXPECT_NE(refusal("threads=,2"), "");
}

TEST(Sweep, MakesARunOfEachValue) {
  run_settings base;
  base.connections = 7;
  const auto runs = runs_of(base, parse_sweep("threads=1,2"));
  ASSERT_EQ(runs.size(), 2);
  EXPECT_EQ(runs[0].threads, 1);
  EXPECT_EQ(runs[1].threads, 2);
  EXPECT_EQ(runs[1].connections, 7);
  EXPECT_EQ(value_of(runs[1], "threads"), 2);
}

TEST(Sweep, SetsWhatItNames) {
  EXPECT_EQ(runs_of({}, parse_sweep("concurrency=3")).front().concurrency, 3);
  EXPECT_EQ(runs_of({}, parse_sweep("connections=3")).front().connections, 3);
  EXPECT_EQ(runs_of({}, parse_sweep("rate=2.5")).front().rate, 2.5);
}

TEST(Sweep, OfNothingIsTheOneRun) { EXPECT_EQ(runs_of({}, {}).size(), 1); }

}  // namespace sweep_test
}  // namespace upsun::load
