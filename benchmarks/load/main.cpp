// Loads an API server through the client: see doc/load-testing.md.
#include <sys/resource.h>

#include <boost/json/parse.hpp>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "command_line.hpp"
#include "common/files.hpp"
#include "compare.hpp"
#include "hdr_log.hpp"
#include "load_run.hpp"
#include "numbers.hpp"
#include "progress_line.hpp"
#include "report.hpp"
#include "sandbox_child.hpp"

namespace {

using namespace upsun::load;

/// Raises the limit of descriptors, of which each connection takes one. The usual soft limit of
/// 1024 is for programs that use select().
void allow_many_connections() {
  rlimit descriptors{};
  if (getrlimit(RLIMIT_NOFILE, &descriptors) != 0) return;
  descriptors.rlim_cur = descriptors.rlim_max;
  setrlimit(RLIMIT_NOFILE, &descriptors);
}

std::string read_file(const std::string& name) {
  std::ifstream in(name);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in) throw std::runtime_error("cannot read " + name);
  return text;
}

boost::json::value read_report(const std::string& name) {
  boost::system::error_code failure;
  auto report = boost::json::parse(read_file(name), failure);
  if (failure) throw std::runtime_error(name + " is no JSON: " + failure.message());
  return report;
}

void print(const std::string& text) {
  if (!(std::cout << text).flush())
    throw std::runtime_error("cannot write the report to standard output");
}

int compare_reports(const command& wanted) {
  const auto all =
      compare(read_report(wanted.compared.front()), read_report(wanted.compared.back()));
  print(comparison_text(all, wanted.compared.front(), wanted.compared.back()));
  if (!wanted.worse_by) return 0;
  std::string worse;
  for (const run_comparison& run : all) {
    const std::string name = run.name.empty() ? "" : run.name + ": ";
    if (!run.succeeded_before)
      throw std::runtime_error("--worse-by compares with runs in which calls succeeded; " + name +
                               "none did in " + wanted.compared.front());
    if (!run.succeeded_after) {
      worse += "failed: " + name + "no call succeeded in " + wanted.compared.back() + "\n";
      continue;
    }
    if (std::none_of(run.changes.begin(), run.changes.end(),
                     [](const change& each) { return each.percent.has_value(); }))
      throw std::runtime_error(
          "--worse-by needs two or more rounds or time slices in each report; load for longer");
    for (const change& each : run.changes) {
      if (each.worse_by(*wanted.worse_by))
        worse += "failed: " + name + each.measure + " is worse by more than " +
                 short_number(*wanted.worse_by) + " %\n";
    }
  }
  print(worse);
  return worse.empty() ? 0 : 3;
}

/// The runs of a sweep, or the only one, in their order.
next_run in_order(const std::vector<run_settings>& planned) {
  return [&planned](const std::vector<run_record>& done) -> std::optional<planned_run> {
    if (done.size() == planned.size()) return std::nullopt;
    const std::string name =
        std::to_string(done.size() + 1) + " of " + std::to_string(planned.size()) + ": ";
    return planned_run{planned[done.size()], planned.size() > 1 ? name : ""};
  };
}

/// The runs of a search, each after the verdict on the one before.
next_run searching(const command& wanted, rate_search& search, found_rate& found) {
  return [&](const std::vector<run_record>& done) -> std::optional<planned_run> {
    if (!done.empty()) {
      found.steps.push_back(outcome_of(done.back(), wanted.objective));
      search.tried(found.steps.back());
    }
    found.rate = search.found();
    found.limit = search.limit();
    found.interrupted = search.next().has_value();  // unless it goes on
    if (!search.next()) return std::nullopt;
    planned_run next{wanted.run, short_number(*search.next()) + "/s: "};
    next.settings.rate = *search.next();
    return next;
  };
}

void complain(const std::string& problem) { std::cerr << "upsun-load: " << problem << '\n'; }

/// Prints the table and writes the files: each of them, whatever becomes of the others.
/// \return whether all are written
bool write_reports(const command& wanted, const report& data) {
  bool all = true;
  const auto attempt = [&](auto action) {
    try {
      action();
    } catch (const std::exception& e) {
      complain(e.what());
      all = false;
    }
  };
  attempt([&] { print(table_of(data)); });
  const auto write = [&](const std::string& name, auto text_of) {
    if (!name.empty()) attempt([&] { upsun::replace_file(name, text_of(data)); });
  };
  write(wanted.json_file, json_of);
  write(wanted.html_file, html_of);
  write(wanted.csv_file, csv_of);
  write(wanted.hdr_file, hdr_log_of);
  return all;
}

int status_of(const report& data, const command& wanted, std::size_t planned) {
  const auto any = [&](auto what) { return std::any_of(data.runs.begin(), data.runs.end(), what); };
  if (data.runs.size() < planned || any([](const run_record& run) { return run.interrupted; }))
    return 130;
  if (data.search && data.search->interrupted) return 130;
  if (std::any_of(data.thresholds.begin(), data.thresholds.end(),
                  [](const threshold_result& each) { return each.failed; }))
    return 3;
  if (data.search) return data.search->rate ? 0 : 3;
  const bool judged =
      std::any_of(wanted.thresholds.begin(), wanted.thresholds.end(),
                  [](const condition& each) { return each.what == condition::metric::errors; });
  return any([&](const run_record& run) {
    return run.fetched == 0 || (!judged && run.failed() + run.unfinished > 0);
  })
             ? 1
             : 0;
}

int load(command wanted) {
  for (const std::string& name :
       {wanted.json_file, wanted.html_file, wanted.csv_file, wanted.hdr_file}) {
    if (!name.empty()) upsun::require_writable(name);
  }
  allow_many_connections();
  report data;
  std::optional<sandbox_child> sandbox;
  if (wanted.where.url.empty()) {
    sandbox.emplace(wanted.where.latency, wanted.where.http.version == upsun::http_version::http2);
    wanted.where.url = sandbox->url();
    wanted.where.ca_pem = sandbox->ca_pem();
    wanted.where.token = upsun::secret(sandbox_child::token());
    data.sandbox = true;
  }
  data.url = wanted.where.url;
  data.mix = wanted.where.mix;
  data.use = wanted.where.use;
  data.http = wanted.where.http;
  data.latency = wanted.where.latency;
  data.swept = wanted.objective.empty() ? wanted.over.name : "rate";
  const std::vector<run_settings> planned = runs_of(wanted.run, wanted.over);
  rate_search search(wanted.run.rate);
  if (!wanted.objective.empty()) data.search.emplace().objective = wanted.objective_text;
  loaded done;
  {
    progress_line progress;
    done = run_load(wanted.where,
                    data.search ? searching(wanted, search, *data.search) : in_order(planned),
                    progress);
  }
  data.runs = std::move(done.runs);
  const run_record* const best = best_of(data);
  for (const run_record& run : data.runs) {
    if (data.search && &run != best) continue;
    for (const condition& each : wanted.thresholds)
      data.thresholds.push_back(judge(each, run, name_of(data, run)));
  }
  const bool written = write_reports(wanted, data);
  if (!done.failure.empty()) complain(done.failure);
  return written && done.failure.empty() ? status_of(data, wanted, planned.size()) : 2;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a write that fails is reported, and the files are written
  try {
    auto read = read_command_line(argc, argv);
    if (const int* status = std::get_if<int>(&read)) return *status;
    command& wanted = std::get<command>(read);
    return wanted.compared.empty() ? load(std::move(wanted)) : compare_reports(wanted);
  } catch (const std::exception& e) {
    complain(e.what());
    return 2;
  }
}
