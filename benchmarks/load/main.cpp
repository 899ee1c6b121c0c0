// Loads an API server through the client: see doc/load-testing.md.
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "command_line.hpp"
#include "common/files.hpp"
#include "load_run.hpp"
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

int load(command wanted) {
  for (const std::string& name : {wanted.json_file, wanted.html_file, wanted.csv_file}) {
    if (!name.empty()) upsun::require_writable(name);
  }
  allow_many_connections();
  report data;
  std::optional<sandbox_child> sandbox;
  if (wanted.where.url.empty()) {
    sandbox.emplace(wanted.where.latency);
    wanted.where.url = sandbox->url();
    wanted.where.ca_pem = sandbox->ca_pem();
    wanted.where.token = upsun::secret(sandbox_child::token());
    data.sandbox = true;
  }
  data.url = wanted.where.url;
  data.mix = wanted.where.mix;
  data.use = wanted.where.use;
  data.swept = wanted.over.name;
  const std::vector<run_settings> planned = runs_of(wanted.run, wanted.over);
  {
    progress_line progress;
    data.runs = run_load(
        wanted.where,
        [&](const std::vector<run_record>& done) -> std::optional<planned_run> {
          if (done.size() == planned.size()) return std::nullopt;
          const std::string name =
              std::to_string(done.size() + 1) + " of " + std::to_string(planned.size()) + ": ";
          return planned_run{planned[done.size()], planned.size() > 1 ? name : ""};
        },
        progress);
  }
  if (!wanted.json_file.empty()) upsun::replace_file(wanted.json_file, json_of(data));
  if (!wanted.html_file.empty()) upsun::replace_file(wanted.html_file, html_of(data));
  if (!wanted.csv_file.empty()) upsun::replace_file(wanted.csv_file, csv_of(data));
  if (!(std::cout << table_of(data)).flush())
    throw std::runtime_error("cannot write the report to standard output");

  const auto any = [&](auto what) { return std::any_of(data.runs.begin(), data.runs.end(), what); };
  if (data.runs.size() < planned.size() ||
      any([](const run_record& run) { return run.interrupted; }))
    return 130;
  return any([](const run_record& run) {
    return run.failed() > 0 || run.unfinished > 0 || run.fetched == 0;
  })
             ? 1
             : 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a write that fails is reported, with the files written before
  try {
    auto read = read_command_line(argc, argv);
    if (const int* status = std::get_if<int>(&read)) return *status;
    return load(std::move(std::get<command>(read)));
  } catch (const std::exception& e) {
    std::cerr << "upsun-load: " << e.what() << '\n';
    return 2;
  }
}
