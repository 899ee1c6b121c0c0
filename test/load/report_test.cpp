#include "load/report.hpp"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

#include <memory>

#include "load/plots.hpp"

namespace upsun::load {
namespace report_test {

using namespace std::chrono_literals;
namespace json = boost::json;

/// A run of two seconds with a hundred fetches of 1 to 100 us.
run_record example(std::size_t concurrency) {
  run_record run;
  run.settings.concurrency = concurrency;
  run.settings.duration = seconds(2);
  run.measured = seconds(2);
  run.fetched = 100;
  const auto latencies = std::make_unique<latency_histogram>();
  for (int i = 1; i <= 100; ++i) latencies->record(std::chrono::nanoseconds(i));
  run.latencies.add(*latencies);
  run.errors = {{"it broke <here>", 3}, {"it was late", 2}};
  run.unfinished = 1;
  run.cpu = {.user = seconds(0.001),
             .system = seconds(0.0005),
             .voluntary_switches = 8,
             .involuntary_switches = 9};
  run.allocations = 450;
  run.dials = 4;
  run.reuses = 96;
  run.timeline = {
      {.end = seconds(1), .length = seconds(1), .fetched = 60, .failed = 5, .p99 = 90ns},
      {.end = seconds(2), .length = seconds(1), .fetched = 40}};
  return run;
}

report one_run() { return {.url = "https://api.example", .runs = {example(64)}}; }
report sweep_of_two() {
  return {.url = "https://127.0.0.1:1",
          .sandbox = true,
          .swept = "concurrency",
          .runs = {example(1), example(16)}};
}

/// The line of a table that begins so.
std::string line_of(const std::string& table, const std::string& label) {
  const auto begin = table.find("\n" + label);
  return begin == std::string::npos
             ? ""
             : table.substr(begin + 1, table.find('\n', begin + 1) - begin - 1);
}

TEST(LoadTable, BeginsWithTheConditions) {
  const std::string table = table_of(one_run());
  EXPECT_NE(table.find("Closed loop, 64 calls at once, 64 connections at most, 1 thread, 2.0 s "
                       "after 1.0 s of warm-up.\nAgainst https://api.example.\n"),
            std::string::npos)
      << table;
  EXPECT_NE(table_of(sweep_of_two())
                .find("in a process of its own: its CPU time and allocations are not counted"),
            std::string::npos);
}

TEST(LoadTable, ShowsOpenLoopRequestsAndThreads) {
  report shown = one_run();
  run_settings& run = shown.runs.front().settings;
  run.rate = 250;
  run.requests = 7;
  run.threads = 2;
  EXPECT_EQ(conditions_of(shown).substr(0, conditions_of(shown).find('\n')),
            "Open loop, 250 calls a second, 64 calls at once, 64 connections at most, "
            "2 threads with a client each, 7 calls.");
  run.shared = true;
  EXPECT_NE(conditions_of(shown).find("2 threads sharing one client"), std::string::npos);
}

TEST(LoadTable, HasARowForEachMeasureAndAColumnForEachRun) {
  const std::string table = table_of(sweep_of_two());
  EXPECT_EQ(line_of(table, "concurrency"), "concurrency                       1         16");
  EXPECT_EQ(line_of(table, "fetches a second"), "fetches a second                 50         50");
  EXPECT_EQ(line_of(table, "failed"), "failed                            5          5");
  EXPECT_EQ(line_of(table, "CPU a fetch, us"), "CPU a fetch, us               15.00      15.00");
  EXPECT_EQ(line_of(table, "allocations"), "allocations a fetch            4.50       4.50");
  EXPECT_EQ(line_of(table, "bytes"), "bytes a waiting call              -          -");
}

TEST(LoadTable, ShowsErrorsByTextAndRun) {
  EXPECT_NE(table_of(one_run()).find("\n3 x it broke <here>\n2 x it was late\n"),
            std::string::npos);
  EXPECT_NE(table_of(sweep_of_two()).find("\nconcurrency 16: 2 x it was late\n"),
            std::string::npos);
}

TEST(LoadTable, SaysThatARunWasInterruptedAndLeavesOutWhatThereIsNotOf) {
  report shown;
  shown.runs.resize(1);
  shown.runs.front().interrupted = true;
  const std::string table = table_of(shown);
  EXPECT_NE(table.find("interrupted after 0.0 s"), std::string::npos);
  EXPECT_EQ(line_of(table, "CPU a fetch, us"), "CPU a fetch, us                   -");
  EXPECT_EQ(line_of(table, "latency p99, us"), "latency p99, us                   -");
}

TEST(LoadJson, HoldsWhatWasMeasured) {
  report shown = one_run();
  shown.runs.front().bytes_per_call = 1500;
  const json::value all = json::parse(json_of(shown));
  EXPECT_EQ(all.at("server"), "https://api.example");
  EXPECT_TRUE(all.at("swept").is_null());
  const json::value& run = all.at("runs").at(0);
  EXPECT_EQ(run.at("settings").at("loop"), "closed");
  EXPECT_EQ(run.at("settings").at("concurrency").to_number<int>(), 64);
  EXPECT_EQ(run.at("fetched").to_number<int>(), 100);
  EXPECT_EQ(run.at("failed").to_number<int>(), 5);
  EXPECT_EQ(run.at("unfinished").to_number<int>(), 1);
  EXPECT_EQ(run.at("errors").at("it was late").to_number<int>(), 2);
  EXPECT_EQ(run.at("rate").as_double(), 50);
  EXPECT_EQ(run.at("latency_us").at("count").to_number<int>(), 100);
  EXPECT_EQ(run.at("latency_us").at("p99").as_double(), .099);
  EXPECT_DOUBLE_EQ(run.at("cpu_us_per_fetch").at("total").as_double(), 15);
  EXPECT_EQ(run.at("allocations_per_fetch").as_double(), 4.5);
  EXPECT_EQ(run.at("context_switches").at("involuntary").to_number<int>(), 9);
  EXPECT_EQ(run.at("connections").at("reuses").to_number<int>(), 96);
  EXPECT_EQ(run.at("bytes_per_waiting_call").as_double(), 1500);
  EXPECT_EQ(run.at("timeline").as_array().size(), 2);
  EXPECT_EQ(run.at("timeline").at(0).at("rate").as_double(), 60);
}

TEST(LoadJson, SaysNullForWhatCannotBeMeasured) {
  report shown = one_run();
  shown.runs.front().allocations.reset();
  const json::value all = json::parse(json_of(shown));
  EXPECT_TRUE(all.at("runs").at(0).at("allocations_per_fetch").is_null());
  EXPECT_TRUE(all.at("runs").at(0).at("bytes_per_waiting_call").is_null());
}

TEST(LoadCharts, AreOfLatencyAndTimeAndForASweepOfCost) {
  const auto captions = [](const report& shown) {
    std::vector<std::string> all;
    for (const chart& each : charts_of(shown)) all.push_back(each.caption);
    return all;
  };
  EXPECT_EQ(captions(one_run()),
            (std::vector<std::string>{"Latency by percentile", "Rate over time", "p99 over time"}));
  EXPECT_EQ(
      captions(sweep_of_two()),
      (std::vector<std::string>{"Rate by concurrency", "p99 by concurrency", "CPU by concurrency",
                                "Latency by percentile", "Rate over time", "p99 over time"}));
  EXPECT_TRUE(captions({}).empty());
}

TEST(LoadCharts, HoldTheValuesTheyDraw) {
  const auto charts = charts_of(sweep_of_two());
  using points = std::vector<std::pair<double, double>>;
  EXPECT_EQ(charts[0].curves.front().points, (points{{1, 50}, {16, 50}}));
  EXPECT_EQ(charts[2].curves.front().points.size(), 2);
  EXPECT_DOUBLE_EQ(charts[2].curves.front().points.back().second, 15);
  EXPECT_EQ(charts[3].curves.front().points.back(), (std::pair<double, double>{100, .0001}));
}

TEST(LoadPage, HoldsTheChartsAndTheTableAndNeedsNothingElse) {
  const std::string page = html_of(one_run());
  EXPECT_NE(page.find("3 x it broke &lt;here&gt;"), std::string::npos);
  EXPECT_NE(page.find("<figcaption>Rate over time</figcaption>\n<svg "), std::string::npos);
  EXPECT_NE(page.find("<tr><th>fetched</th><td>100</td></tr>"), std::string::npos);
  for (const char* const outside : {"src=", "href=", "url(", "http:"})
    EXPECT_EQ(page.find(outside), std::string::npos) << outside;
  EXPECT_EQ(page.rfind("</html>\n"), page.size() - 8);
}

}  // namespace report_test
}  // namespace upsun::load
