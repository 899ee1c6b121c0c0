#include "load/compare.hpp"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

#include <stdexcept>
#include <string>

#include "load/report.hpp"

namespace upsun::load {
namespace compare_test {

namespace json = boost::json;
using std::chrono::microseconds;

/// A report of one run whose slices fetch so many each second.
json::value report_of(const std::vector<int>& fetched, microseconds p99 = microseconds(500)) {
  report made{.url = "https://api.example"};
  run_record& run = made.runs.emplace_back();
  latency_histogram recorded;
  recorded.record(p99);
  run.latencies.add(recorded);
  for (const int each : fetched) {
    run.measured += seconds(1);
    run.fetched += static_cast<std::uint64_t>(each);
    run.cpu.user += seconds(0.5);
    run.timeline.push_back({.end = run.measured,
                            .length = seconds(1),
                            .fetched = static_cast<std::uint64_t>(each),
                            .p50 = microseconds(100),
                            .p99 = p99,
                            .cpu = seconds(0.5)});
  }
  return json::parse(json_of(made));
}

change rate_change(const std::vector<int>& before, const std::vector<int>& after) {
  return compare(report_of(before), report_of(after)).at(0).changes.at(0);
}

TEST(ChangeInterval, IsWelchsForTheRatioOfMeans) {
  // By hand: variances of the means 1 / 3 and 4 / 3, by the squared means 1 / 30000 and 4 / 36300;
  // 3.11 degrees of freedom, t = 3.12; sqrt(0.00014353) * 3.12 = 0.0374 around log(1.1).
  const auto found = change_interval({99, 100, 101}, {108, 110, 112});
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->low, 5.96, 0.05);
  EXPECT_NEAR(found->high, 14.19, 0.05);
}

TEST(ChangeInterval, IsAPointWithoutVariance) {
  const auto found = change_interval({100, 100}, {50, 50});
  ASSERT_TRUE(found);
  EXPECT_DOUBLE_EQ(found->low, -50);
  EXPECT_DOUBLE_EQ(found->high, -50);
}

TEST(ChangeInterval, NeedsSamplesAndPositiveMeans) {
  EXPECT_FALSE(change_interval({}, {1, 2}));
  EXPECT_FALSE(change_interval({1, 2}, {1}));
  EXPECT_FALSE(change_interval({0, 0}, {1, 2}));
}

TEST(Comparison, TellsBetterFromWorseAndFromNeither) {
  EXPECT_EQ(rate_change({100, 101, 99, 100}, {120, 121, 119, 120}).verdict(), "better");
  EXPECT_EQ(rate_change({100, 101, 99, 100}, {80, 81, 79, 80}).verdict(), "worse");
  EXPECT_EQ(rate_change({100, 110, 90, 100}, {102, 111, 91, 101}).verdict(), "no difference shown");
  EXPECT_EQ(rate_change({100}, {50}).verdict(), "") << "one slice says nothing of the spread";
  const auto slower = compare(report_of({100, 101}), report_of({100, 101}, microseconds(700)));
  EXPECT_EQ(slower[0].changes[2].measure, "latency p99, us");
  EXPECT_EQ(slower[0].changes[2].verdict(), "worse");
  EXPECT_EQ(slower[0].changes[1].verdict(), "no difference shown");
}

TEST(Comparison, IsWorseByMoreOnlyWhereTheWholeIntervalIs) {
  const change found = rate_change({100, 101, 99, 100}, {90, 91, 89, 90});  // -10 %, and some
  EXPECT_TRUE(found.worse_by(0));
  EXPECT_TRUE(found.worse_by(8));
  EXPECT_FALSE(found.worse_by(10));
  EXPECT_FALSE(rate_change({90, 91, 89, 90}, {100, 101, 99, 100}).worse_by(0));
}

TEST(Comparison, MergesManySlicesToFewSamples) {
  // Alternating slices that a batch evens out.
  std::vector<int> before, after;
  for (int i = 0; i < 200; ++i) {
    before.push_back(i % 2 == 0 ? 50 : 150);
    after.push_back(i % 2 == 0 ? 51 : 151);
  }
  const change found = rate_change(before, after);
  ASSERT_TRUE(found.percent);
  EXPECT_NEAR(found.percent->low, 1, 1e-9);
  EXPECT_NEAR(found.percent->high, 1, 1e-9);
}

/// A report of rounds with these rates.
json::value rounds_of(const std::vector<double>& rates) {
  json::value report = report_of({1, 2});
  report.as_object()["swept"] = "round";
  json::array& runs = report.at("runs").as_array();
  runs.resize(rates.size(), json::value(runs.front()));
  for (std::size_t i = 0; i < rates.size(); ++i) runs[i].as_object()["rate"] = rates[i];
  return report;
}

TEST(Comparison, OfRoundsTakesEachForASample) {
  const auto all = compare(rounds_of({99, 100, 101}), rounds_of({108, 110, 112, 110}));
  ASSERT_EQ(all.size(), 1);
  const change& rate = all.front().changes.front();
  EXPECT_EQ(rate.before, 100);
  EXPECT_EQ(rate.after, 110);
  EXPECT_EQ(rate.verdict(), "better");
  EXPECT_FALSE(compare(rounds_of({99}), rounds_of({108})).front().changes.front().percent);
}

TEST(Comparison, SaysWhichSettingsDiffer) {
  json::value after = report_of({1, 2});
  after.at("runs").at(0).at("settings").as_object()["threads"] = 2;
  EXPECT_EQ(compare(report_of({1, 2}), after)[0].notes,
            std::vector<std::string>{"not the same threads: 1 and 2"});
  EXPECT_TRUE(compare(report_of({1, 2}), report_of({1, 2}))[0].notes.empty());
}

TEST(Comparison, SaysWhichSettingsOfAllRunsDiffer) {
  json::value after = report_of({1, 2});
  json::object& all = after.as_object();
  all["server"] = "https://other.example";
  all["sandbox_latency_ms"] = 20;
  all["http"] = "2";
  all["streams"] = 1;
  all["handshakes"] = "full";
  all["mix"] = {{"list", 1}};
  all["seed"] = 7;
  EXPECT_EQ(compare(report_of({1, 2}), after)[0].notes,
            (std::vector<std::string>{
                R"(not the same server: "https://api.example" and "https://other.example")",
                "not the same sandbox_latency_ms: none and 20",
                R"(not the same http: "auto" and "2")",
                "not the same streams: 32 and 1",
                R"(not the same handshakes: none and "full")",
                R"(not the same mix: {"get":1} and {"list":1})",
                "not the same seed: 1 and 7",
            }));
}

TEST(Comparison, SaysWhichSettingIsGone) {
  json::value before = report_of({1, 2});
  before.at("runs").at(0).at("settings").as_object()["rate"] = 50;
  EXPECT_EQ(compare(before, report_of({1, 2}))[0].notes,
            std::vector<std::string>{"not the same rate: 50 and none"});
}

TEST(Comparison, TakesNoInterruptedRunForASample) {
  const auto interrupt = [](json::value report, std::size_t run) {
    report.at("runs").at(run).as_object()["interrupted"] = true;
    return report;
  };
  try {
    (void)compare(report_of({1, 2}), interrupt(report_of({1, 2}), 0));
    ADD_FAILURE();
  } catch (const std::invalid_argument& e) {
    EXPECT_STREQ(e.what(), "run 1 of the second report was interrupted; compare whole runs");
  }
  const auto all = compare(rounds_of({99, 100, 101}), interrupt(rounds_of({108, 110, 112, 5}), 3));
  EXPECT_EQ(all.front().changes.front().after, 110);
  EXPECT_EQ(
      all.front().notes,
      std::vector<std::string>{"second report: 1 of 4 rounds left out, which were interrupted"});
  EXPECT_THROW((void)compare(rounds_of({99}), interrupt(rounds_of({5}), 0)), std::invalid_argument);
}

/// The same, and no call succeeded.
json::value without_success(json::value report) {
  for (json::value& run : report.at("runs").as_array()) {
    run.as_object()["rate"] = 0;
    run.as_object()["fetched"] = 0;
    run.as_object()["latency_us"] = {{"count", 0}, {"p50", nullptr}, {"p99", nullptr}};
    run.as_object()["cpu_us_per_fetch"] = {{"total", nullptr}};
    run.as_object()["error_rate"] = 1;
    for (json::value& slice : run.at("timeline").as_array()) {
      slice.as_object()["fetched"] = 0;
      slice.as_object()["p50_us"] = slice.as_object()["p99_us"] = nullptr;
    }
  }
  return report;
}

TEST(Comparison, SaysThatNoCallSucceeded) {
  const json::value good = report_of({100, 101, 99, 100});
  const auto dead = compare(good, without_success(good));
  EXPECT_TRUE(dead.front().succeeded_before);
  EXPECT_FALSE(dead.front().succeeded_after);
  const std::string text = comparison_text(dead, "good.json", "dead.json");
  for (const char* const line : {
           "latency p50, us                501.8           -         -\n",
           "failed or unfinished, %            0         100         -\n",
           "\nno call succeeded after\n",
       })
    EXPECT_NE(text.find(line), std::string::npos) << text;
  EXPECT_FALSE(compare(without_success(good), good).front().succeeded_before);
  EXPECT_FALSE(
      compare(rounds_of({1, 2}), without_success(rounds_of({1, 2}))).front().succeeded_after);
}

TEST(Comparison, TakesSlicesWithoutLatencyForNoSample) {
  json::value after = report_of({100, 100, 100, 100});
  for (const char* const name : {"p50_us", "p99_us"})
    after.at("runs").at(0).at("timeline").at(1).as_object()[name] = nullptr;
  const change p99 = compare(report_of({100, 100, 100, 100}), after)[0].changes[2];
  ASSERT_TRUE(p99.percent);
  EXPECT_DOUBLE_EQ(p99.percent->low, 0);
  EXPECT_DOUBLE_EQ(p99.percent->high, 0);
}

TEST(Comparison, RefusesWhatIsNoReport) {
  const auto refusal = [](const json::value& before, const json::value& after) -> std::string {
    try {
      (void)compare(before, after);
    } catch (const std::invalid_argument& e) {
      return e.what();
    }
    return "";
  };
  const json::value good = report_of({1, 2});
  EXPECT_EQ(refusal(good, json::parse("[]")),
            "the second file is no report of upsun-load; --json writes one");
  EXPECT_EQ(refusal(json::parse(R"({"program":"wrk"})"), good),
            "the first file is no report of upsun-load; --json writes one");
  EXPECT_EQ(refusal(json::parse(R"({"program":"upsun-load","swept":null,"runs":3})"), good),
            "the first file is no report of upsun-load; --json writes one");
  json::value two = good;
  two.at("runs").as_array().push_back(two.at("runs").at(0));
  EXPECT_EQ(refusal(good, two), "the reports have 1 and 2 runs; compare reports of the same runs");
  json::value old = good;
  old.at("runs").at(0).as_object().erase("timeline");
  EXPECT_EQ(refusal(old, good).rfind("a report lacks what is compared", 0), 0);
}

TEST(Comparison, IsATable) {
  const std::string text = comparison_text(
      compare(report_of({100, 101, 99, 100}), report_of({80, 81, 79, 80})), "old.json", "new.json");
  EXPECT_EQ(text.rfind("before: old.json\nafter:  new.json\n", 0), 0) << text;
  EXPECT_NE(text.find("fetches a second                 100          80   -20.0 %    -"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find(": worse\n"), std::string::npos);
}

}  // namespace compare_test
}  // namespace upsun::load
