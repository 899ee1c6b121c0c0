#include "load/report.hpp"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "load/numbers.hpp"
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

/// A search that has tried 100 and 200 a second, of which the first held.
report search_of_two() {
  report made{.swept = "rate", .runs = {example(64), example(64)}};
  made.runs[0].settings.rate = 100;
  made.runs[1].settings.rate = 200;
  made.search = found_rate{.objective = "p99<1ms",
                           .rate = 100,
                           .limit = step_outcome::failed,
                           .steps = {step_outcome::held, step_outcome::failed}};
  return made;
}

/// A run in which every call failed.
report without_success() {
  report made = one_run();
  run_record& run = made.runs.front();
  run.fetched = 0;
  run.latencies = {};
  return made;
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

TEST(LoadTable, SaysTheRateAsItIs) {
  report shown = one_run();
  for (const auto& [rate, text] :
       std::vector<std::pair<double, const char*>>{{0.4, "0.4"}, {1.5, "1.5"}, {25'000, "25000"}}) {
    shown.runs.front().settings.rate = rate;
    EXPECT_EQ(conditions_of(shown).rfind(std::string("Open loop, ") + text + " calls a second", 0),
              0)
        << conditions_of(shown);
  }
  EXPECT_EQ(conditions_of(search_of_two()).rfind("Open loop, a search for the rate, 64 calls", 0),
            0);
  shown.swept = "rate";
  for (const auto& [rate, text] : std::vector<std::pair<double, const char*>>{
           {0.001, "rate 0.001"}, {2.5, "rate 2.5"}, {1e6, "rate 1000000"}}) {
    shown.runs.front().settings.rate = rate;
    EXPECT_EQ(name_of(shown, shown.runs.front()), text);
  }
}

TEST(ShortNumber, HasFourDigitsAndNoExponent) {
  EXPECT_EQ(short_number(0.05), "0.05");
  EXPECT_EQ(short_number(1500), "1500");
  EXPECT_EQ(short_number(9999.4), "9999");
  EXPECT_EQ(short_number(9999.7), "10000");
  EXPECT_EQ(short_number(12345.6), "12346");
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

TEST(LoadTable, CountsNoDialLessThanNone) {
  report shown = one_run();
  EXPECT_EQ(line_of(table_of(shown), "connections dialled/s"),
            "connections dialled/s             2");
  shown.runs.front().dial_failures = 5;  // one more than were begun
  EXPECT_EQ(line_of(table_of(shown), "connections dialled/s"),
            "connections dialled/s             0");
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

TEST(LoadTable, ShowsTheStepsOfASearchAndInFullWhatWasFound) {
  const std::string table = table_of(search_of_two());
  EXPECT_EQ(line_of(table, "fetches a second"), "fetches a second                 50");
  EXPECT_EQ(line_of(table, "200/s"),
            "200/s                            50          0       5.66   not held");
  EXPECT_NE(table.find("\n100 calls a second hold p99<1ms.\n"), std::string::npos);
}

TEST(LoadTable, ShowsTheRunInWhichASearchWasInterrupted) {
  report shown = search_of_two();
  shown.search->steps.pop_back();
  shown.search->interrupted = shown.runs.back().interrupted = true;
  EXPECT_EQ(line_of(table_of(shown), "200/s"),
            "200/s                            50          0       5.66  interrupted");
}

TEST(LoadTable, ShowsPartsAndThresholds) {
  report shown = one_run();
  run_record& run = shown.runs.front();
  run.phases[static_cast<std::size_t>(call_phase::handshake)].add(run.latencies);
  run.operations = {{.name = "list",
                     .length = seconds(2),
                     .fetched = 7,
                     .failed = 1,
                     .latencies = run.latencies}};
  shown.thresholds = {judge(parse_condition("errors>1%"), run, "")};
  const std::string table = table_of(shown);
  EXPECT_EQ(line_of(table, "operation list").substr(0, 69),
            "operation list                    4          7          1          0 ");
  EXPECT_EQ(line_of(table, "phase TLS").substr(0, 60),
            "phase TLS                         -        100          -   ");
  EXPECT_NE(table.find("\nfailed: errors>1% (errors are 5.66 %)\n"), std::string::npos) << table;
}

TEST(LoadTable, SaysHowTheCallsAreMade) {
  report shown = one_run();
  shown.mix = parse_mix("get=3,list=1");
  shown.use = connection_use::once_in_full;
  shown.runs.front().settings.stages = {{5, 5, seconds(1)}};
  const std::string text = conditions_of(shown);
  EXPECT_EQ(text.rfind("Open loop, 1 stage, ", 0), 0) << text;
  EXPECT_NE(text.find("\nA new connection for each call, without resumption of sessions.\n"
                      "Operations by weight: get 3, list 1 (seed 1).\n"),
            std::string::npos)
      << text;
}

TEST(LoadCsv, HasARowForEachPartAndSlice) {
  report shown = one_run();
  shown.runs.front().stages = {{.name = "a \"b\", c", .length = seconds(1), .fetched = 5}};
  const std::string text = csv_of(shown);
  EXPECT_NE(text.find("\r\n1,all,,,2.000,100,5,50.000,"), std::string::npos) << text;
  EXPECT_NE(text.find("\r\n1,stage,\"a \"\"b\"\", c\",,1.000,5,0,5.000,"), std::string::npos);
  EXPECT_NE(text.find("\r\n1,slice,,1.000,1.000,60,5,60.000,"), std::string::npos);
  const auto columns = [&](std::size_t from) {
    return std::count(text.begin() + static_cast<std::ptrdiff_t>(from),
                      text.begin() + static_cast<std::ptrdiff_t>(text.find('\r', from)), ',');
  };
  EXPECT_EQ(columns(0), 17);
  EXPECT_EQ(columns(text.find("1,all")), 17);
  EXPECT_EQ(columns(text.find("1,slice")), 17);
  EXPECT_NE(csv_of(search_of_two()).find("\r\n,found,p99<1ms,,,,,100.000,,,,,,,,,,\r\n"),
            std::string::npos);
}

TEST(LoadCsv, IsEmptyWhereThereIsNothing) {
  const std::string text = csv_of(without_success());
  EXPECT_NE(text.find("\r\n1,all,,,2.000,0,5,0.000,,,,,,,,,,\r\n"), std::string::npos) << text;
  EXPECT_NE(text.find("\r\n1,slice,,2.000,1.000,40,0,40.000,,,,,,,,,,0.000\r\n"), std::string::npos)
      << "no call that was due in the measured time had ended";
}

TEST(LoadJson, HoldsVerdictsAndParts) {
  report shown = search_of_two();
  shown.thresholds = {judge(parse_condition("errors>1%"), shown.runs.front(), "rate 100")};
  shown.runs.front().operations = {{.name = "list", .length = seconds(2), .fetched = 7}};
  const json::value all = json::parse(json_of(shown));
  EXPECT_EQ(all.at("find_rate").at("rate").as_double(), 100);
  EXPECT_EQ(all.at("find_rate").at("limit"), "not held");
  EXPECT_EQ(all.at("find_rate").at("steps").at(0), "held");
  EXPECT_EQ(all.at("thresholds").at(0).at("condition"), "errors>1%");
  EXPECT_TRUE(all.at("thresholds").at(0).at("failed").as_bool());
  EXPECT_EQ(all.at("mix").at("get").to_number<int>(), 1);
  EXPECT_TRUE(all.at("handshakes").is_null());
  const json::value& run = all.at("runs").at(0);
  EXPECT_EQ(run.at("operations").at(0).at("name"), "list");
  EXPECT_EQ(run.at("operations").at(0).at("rate").as_double(), 3.5);
  EXPECT_EQ(run.at("phases_us").at("first_byte").at("count").to_number<int>(), 0);
  EXPECT_NEAR(run.at("error_rate").as_double(), 6.0 / 106, 1e-12);
  EXPECT_TRUE(json::parse(json_of(one_run())).at("find_rate").is_null());
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

TEST(LoadJson, SaysNullWhereNoCallSucceeded) {
  const json::value all = json::parse(json_of(without_success()));
  const json::value& run = all.at("runs").at(0);
  EXPECT_EQ(run.at("latency_us").at("count").to_number<int>(), 0);
  for (const char* const name : {"mean", "p50", "p99.9", "max"})
    EXPECT_TRUE(run.at("latency_us").at(name).is_null()) << name;
  EXPECT_TRUE(run.at("cpu_us_per_fetch").at("total").is_null());
  EXPECT_TRUE(run.at("allocations_per_fetch").is_null());
  EXPECT_EQ(run.at("timeline").at(0).at("p99_us").as_double(), .09);
  EXPECT_TRUE(run.at("timeline").at(1).at("p99_us").is_null());
}

TEST(LoadCharts, LeaveOutWhatThereIsNot) {
  const auto charts = charts_of(one_run());
  EXPECT_EQ(charts[2].caption, "p99 over time");
  EXPECT_FALSE(std::isnan(charts[2].curves.front().points[0].second));
  EXPECT_TRUE(std::isnan(charts[2].curves.front().points[1].second));
}

TEST(LoadCharts, AreOfLatencyAndTimeAndForASweepOfCost) {
  const auto captions = [](const report& shown) {
    std::vector<std::string> all;
    for (const chart& each : charts_of(shown)) all.push_back(each.caption);
    return all;
  };
  EXPECT_EQ(captions(one_run()),
            (std::vector<std::string>{"Latency by percentile", "Rate over time", "p99 over time"}));
  EXPECT_EQ(captions(sweep_of_two()),
            (std::vector<std::string>{"Throughput by concurrency", "p99 by concurrency",
                                      "CPU by concurrency", "Latency by percentile",
                                      "Rate over time", "p99 over time"}));
  EXPECT_TRUE(captions({}).empty());
}

TEST(LoadCharts, OfASearchAreOfAllRatesAndThenOfTheOneThatWasFound) {
  report shown = search_of_two();
  const auto charts = charts_of(shown);
  EXPECT_EQ(charts[0].curves.front().points.size(), 2);
  EXPECT_EQ(charts[3].caption, "Latency by percentile");
  ASSERT_EQ(charts[3].curves.size(), 1);
  EXPECT_EQ(charts[3].curves.front().name, "rate 100");
  shown.search->rate.reset();
  EXPECT_EQ(charts_of(shown).size(), 3);
}

TEST(LoadCharts, ShowPartsAndPlan) {
  report shown = one_run();
  run_record& run = shown.runs.front();
  run.phases[static_cast<std::size_t>(call_phase::queue)].add(run.latencies);
  run.stages = {{.name = "5/s", .latencies = run.latencies}};
  run.settings.stages = {{5, 5, seconds(2)}};
  const auto charts = charts_of(shown);
  ASSERT_EQ(charts.size(), 5);
  EXPECT_EQ(charts[1].caption, "Latency by phase");
  EXPECT_EQ(charts[1].curves.front().name, "queue");
  EXPECT_EQ(charts[2].caption, "Latency by stage");
  ASSERT_EQ(charts[3].curves.size(), 2);
  EXPECT_TRUE(charts[3].curves.back().dashed);
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
