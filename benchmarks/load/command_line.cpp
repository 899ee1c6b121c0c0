#include "command_line.hpp"

#include <boost/algorithm/string/predicate.hpp>
#include <CLI/CLI.hpp>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

#include <upsun/version.hpp>

#include "common/real_number.hpp"
#include "numbers.hpp"
#include "schedule.hpp"

namespace upsun::load {
namespace {

constexpr const char* about =
    R"(Loads an API server through the upsun client, and reports rate, latency and cost.

Without --url it starts a sandbox, in a process of its own. Closed loop by default: --concurrency callers, each with one call after the other. With --rate the loop is
open: calls begin when they are due, whether or not earlier ones have ended, and latency counts from then.)";

constexpr const char* footer = R"(
Environment: UPSUN_ACCESS_TOKEN is the bearer token for --url; it is never printed.
Exit status: 0 every call succeeded; 1 some failed or did not end; 2 the options or the server's settings cannot be used, or the report cannot
be written; 3 a condition of --fail-if holds, --find-rate found no rate, or --compare something worse; 130 interrupted. With a condition on errors,
--fail-if alone judges calls that failed, and so does --find-rate.
Examples:
  upsun-load
  upsun-load --rate 5000 --duration 30 --html load.html
  upsun-load --sweep concurrency=1,4,16,64,256,1024 --json load.json
  upsun-load --rate 500 --fail-if 'p99>50ms' --fail-if 'errors>0.1%'
  upsun-load --find-rate 'p99<20ms' --duration 10
  upsun-load --compare before.json after.json --worse-by 5
  upsun-load --url https://localhost:8443 --ca-file ca.pem --project p --integration i --threads 2)";

/// What is given as text and parsed by a function of its own.
struct texts {
  std::optional<std::string> sweep;
  std::optional<std::string> stages;
  std::optional<std::string> mix;
  std::optional<std::string> objective;
  std::string token;
  std::vector<std::string> thresholds;
};

/// \throws std::invalid_argument that begins with the option's name
template <class Parse>
void parse_option(const char* option, const std::optional<std::string>& text, Parse parse) {
  if (!text) return;
  try {
    parse(*text);
  } catch (const std::invalid_argument& e) {
    throw std::invalid_argument(std::string(option) + ": " + e.what());
  }
}

void parse(const texts& given, command& wanted) {
  wanted.where.token = secret(given.token);
  parse_option("--sweep", given.sweep, [&](const std::string& t) { wanted.over = parse_sweep(t); });
  parse_option("--mix", given.mix, [&](const std::string& t) {
    const std::uint64_t seed = wanted.where.mix.seed;
    wanted.where.mix = parse_mix(t);
    wanted.where.mix.seed = seed;
  });
  for (const std::string& each : given.thresholds)
    parse_option("--fail-if", each,
                 [&](const std::string& t) { wanted.thresholds.push_back(parse_condition(t)); });
  parse_option("--find-rate", given.objective, [&](const std::string& t) {
    wanted.objective_text = t;
    for (const std::string_view part : split(t, ','))
      wanted.objective.push_back(parse_condition(part));
    if (wanted.run.rate == 0) wanted.run.rate = 100;
  });
  wanted.run.slice_latencies = !wanted.hdr_file.empty();
  parse_option("--stages", given.stages, [&](const std::string& t) {
    wanted.run.stages = parse_stages(t);
    wanted.run.duration = seconds(0);
    for (const stage& each : wanted.run.stages) wanted.run.duration += each.length;
  });
}

/// --compare goes with --worse-by only. \throws std::invalid_argument
void check_comparison(const CLI::App& app) {
  for (const CLI::Option* const each : app.get_options()) {
    const std::string name = each->get_name();
    if (each->count() > 0 && name != "--compare" && name != "--worse-by")
      throw std::invalid_argument("--compare reads two reports and loads nothing; leave " + name +
                                  " out");
  }
}

/// Each report needs a file of its own. \throws std::invalid_argument
void check_files(const command& wanted) {
  namespace fs = std::filesystem;
  std::map<fs::path, const char*> written;
  for (const auto& [option, name] : {std::pair("--json", &wanted.json_file),
                                     {"--html", &wanted.html_file},
                                     {"--csv", &wanted.csv_file},
                                     {"--hdr-log", &wanted.hdr_file}}) {
    if (name->empty()) continue;
    std::error_code failure;
    fs::path path = fs::absolute(*name, failure);
    if (!failure) path = fs::weakly_canonical(path, failure);
    if (failure) continue;  // it cannot be written, which is found out later
    const auto [other, is_new] = written.emplace(std::move(path), option);
    if (!is_new)
      throw std::invalid_argument(std::string(other->second) + " and " + option +
                                  " name one file, " + *name +
                                  "; give each report a file of its own");
  }
}

/// Whether no connection can use HTTP/2.
bool is_http1(const target& where) {
  const bool offered = !where.url.empty() && !boost::algorithm::istarts_with(where.url, "http:");
  return where.use != connection_use::kept || where.http.version == http_version::http1 ||
         (where.http.version == http_version::automatic && !offered);
}

/// Which options were given.
struct given_options {
  bool warmup;
  bool streams;
};

/// Checks options against each other. \throws std::invalid_argument
void check(command& wanted, given_options given) {
  check_files(wanted);
  target& where = wanted.where;
  if (given.streams && is_http1(where))
    throw std::invalid_argument("--streams is for HTTP/2; give --http 2, too, or leave it out");
  if (where.url.empty()) {
    if (!where.ca_file.empty() || !where.token.empty() || !where.project.empty() ||
        !where.integrations.empty()) {
      throw std::invalid_argument(
          "--ca-file, --token, --project and --integration are for your own server; give its "
          "--url, too");
    }
    where.project = "project-0";
    for (int i = 0; i < 18; ++i) where.integrations.push_back("integration-" + std::to_string(i));
  } else {
    if (where.project.empty() || where.integrations.empty())
      throw std::invalid_argument("--url needs --project and --integration: what to fetch there");
    if (where.latency.count() > 0)
      throw std::invalid_argument("--latency is the sandbox's; leave it or --url out");
    const char* token =
        std::getenv("UPSUN_ACCESS_TOKEN");  // NOLINT(concurrency-mt-unsafe): no other thread yet
    if (where.token.empty() && token != nullptr) where.token = secret(token);
  }
  if (where.use != connection_use::kept && where.http.version == http_version::http2)
    throw std::invalid_argument(
        "--handshakes ends connections as HTTP/1.1 does; leave --http 2 out");
  if (where.use == connection_use::once_in_full &&
      boost::algorithm::istarts_with(where.url, "http:"))
    throw std::invalid_argument(
        "--handshakes full is about TLS, which http:// has not; give --handshakes resumed for a "
        "new connection for each call");
  if (!wanted.run.stages.empty() && wanted.over.name == "rate")
    throw std::invalid_argument("--stages says what the rate is; leave --sweep rate out");
  if (wanted.run.requests > 0) {
    if (given.warmup)
      throw std::invalid_argument(
          "--requests counts every call, and --warmup would leave some out; give one of them");
    wanted.run.warmup = seconds(0);
  }
  for (const run_settings& run : runs_of(wanted.run, wanted.over)) {
    const std::size_t clients = run.shared ? 1 : run.threads;
    const auto refuse = [&](const char* option, std::size_t count) {
      throw std::invalid_argument(
          std::string(option) + " " + std::to_string(count) + " is less than one for each of " +
          std::to_string(clients) +
          " threads with a client of its own; raise it, or let them share one with --shared");
    };
    if (run.concurrency < clients) refuse("--concurrency", run.concurrency);
    if (run.connections < clients) refuse("--connections", run.connections);
  }
}

/// Refuses what would count as not given.
CLI::Validator some_text() {
  return CLI::Validator(
      [](std::string& text) { return text.empty() ? std::string("needs a value") : ""; }, "");
}

/// Refuses, among others, 010 and 0x10, which would be read as octal and hexadecimal.
CLI::Validator whole_number() {
  return CLI::Validator(
      [](std::string& text) {
        const bool digits = text.find_first_not_of("0123456789") == std::string::npos;
        const bool whole = digits && !text.empty() && (text.front() != '0' || text == "0");
        return whole ? std::string()
                     : text + " is no whole number; give its decimal digits, without zeros before";
      },
      "");
}

template <class Value>
CLI::Validator one_of(const std::map<std::string, Value>& values) {
  return CLI::CheckedTransformer(values).description("");
}

}  // namespace

std::variant<command, int> read_command_line(int argc, const char* const* argv) {
  command wanted;
  texts given;
  std::uint64_t latency_ms = 0;
  double warmup = wanted.run.warmup.count();
  double duration = wanted.run.duration.count();

  CLI::App app(about, "upsun-load");
  app.footer(footer);
  app.get_formatter()->column_width(26);
  app.set_version_flag("--version", "upsun-load " UPSUN_VERSION_STRING);
  const auto add = [&](const char* group, const char* name, const char* type, auto& value,
                       const char* text) {
    return app.add_option(name, value, text)->type_name(type)->group(group);
  };
  const auto between = [](auto least, auto most) {
    return CLI::Range(least, most).description("");
  };

  const char* group = "Server";
  add(group, "--url", "URL", wanted.where.url, "base URL of the server")->check(some_text());
  add(group, "--ca-file", "FILE", wanted.where.ca_file,
      "PEM file of the authorities to trust, instead of the system's")
      ->check(some_text());
  add(group, "--token", "TOKEN", given.token,
      "bearer token; better in UPSUN_ACCESS_TOKEN, since others can see a program's arguments")
      ->check(some_text());
  add(group, "--project", "ID", wanted.where.project, "project to fetch from");
  add(group, "--integration", "ID", wanted.where.integrations, "integrations to fetch, in turn");
  add(group, "--latency", "MS", latency_ms,
      "milliseconds that the sandbox waits before it responds")
      ->check(whole_number())
      ->check(between(0, 60'000));

  group = "Load";
  add(group, "--concurrency", "N", wanted.run.concurrency, "calls under way at once, at most")
      ->check(whole_number())
      ->check(between(std::size_t{1}, most_concurrency))
      ->capture_default_str();
  add(group, "--connections", "N", wanted.run.connections, "connections at most")
      ->check(whole_number())
      ->check(between(std::size_t{1}, most_connections))
      ->capture_default_str();
  add(group, "--threads", "N", wanted.run.threads,
      "threads, each with a context and a client of its own")
      ->check(whole_number())
      ->check(between(std::size_t{1}, most_threads))
      ->capture_default_str();
  app.add_flag("--shared", wanted.run.shared, "the threads share one context and one client")
      ->group(group);
  add(group, "--http", "VERSION", wanted.where.http.version,
      "1, 2 or auto: HTTP/2 where the server offers it")
      ->transform(one_of<http_version>({{"1", http_version::http1},
                                        {"2", http_version::http2},
                                        {"auto", http_version::automatic}}));
  auto* streams_option = add(group, "--streams", "N", wanted.where.http.streams,
                             "requests at once on an HTTP/2 connection before another is dialled")
                             ->check(whole_number())
                             ->check(between(std::size_t{1}, std::size_t{65'535}))
                             ->capture_default_str();
  add(group, "--attempts", "N", wanted.run.attempts, "attempts of one call, at most; 1: no retries")
      ->check(whole_number())
      ->check(between(1, 100))
      ->capture_default_str();

  group = "Calls";
  add(group, "--mix", "NAME=WEIGHT,...", given.mix,
      "operations and how often: get, list, activities, project, environments, capabilities");
  add(group, "--seed", "N", wanted.where.mix.seed, "makes another order of the same mix")
      ->check(whole_number())
      ->capture_default_str();
  add(group, "--handshakes", "KIND", wanted.where.use,
      "a new connection for each call, its session resumed or full: how fast are handshakes")
      ->transform(one_of<connection_use>(
          {{"resumed", connection_use::once}, {"full", connection_use::once_in_full}}));

  group = "Pace";
  auto* rate_option =
      add(group, "--rate", "N", wanted.run.rate, "calls that begin in a second (open loop)")
          ->check(real_number())
          ->check(between(least_rate, most_rate));
  auto* warmup_option = add(group, "--warmup", "S", warmup, "seconds before measuring")
                            ->check(real_number())
                            ->check(between(0.0, 86'400.0))
                            ->capture_default_str();
  auto* duration_option = add(group, "--duration", "S", duration, "seconds of measuring")
                              ->check(real_number())
                              ->check(between(0.01, 86'400.0))
                              ->capture_default_str();
  auto* requests_option = add(group, "--requests", "N", wanted.run.requests,
                              "make exactly this number of calls, and measure all of them")
                              ->check(whole_number())
                              ->check(between(std::uint64_t{1}, std::uint64_t{1} << 53U))
                              ->excludes(duration_option);
  auto* stages_option =
      add(group, "--stages", "RATE/s:LENGTH,...", given.stages,
          "rates one after the other (open loop), such as 100/s:10s,100..500/s:1m with a ramp")
          ->excludes(rate_option)
          ->excludes(duration_option)
          ->excludes(requests_option);
  auto* sweep_option =
      add(group, "--sweep", "NAME=N,N...", given.sweep,
          "a run for each value; NAME is concurrency, connections, threads, rate, or round, which "
          "repeats the same run");

  add(group, "--find-rate", "CONDITIONS", given.objective,
      "the highest rate at which they hold, such as 'p99<50ms': a run for each rate that is tried, "
      "the first --rate or 100")
      ->excludes(requests_option)
      ->excludes(stages_option)
      ->excludes(sweep_option);

  group = "Verdict";
  add(group, "--fail-if", "CONDITION", given.thresholds,
      "exit with 3 if it holds, such as 'p99>50ms', 'errors>0.1%' or 'rate<1000'; also p50 to "
      "p99.99, max, mean; may be given again");
  auto* compare_option = add(group, "--compare", "BEFORE AFTER", wanted.compared,
                             "compare two files of --json, with intervals, and load nothing")
                             ->expected(2);
  add(group, "--worse-by", "PERCENT", wanted.worse_by,
      "exit with 3 if --compare finds a measure worse by more, with 95 % confidence")
      ->check(real_number())
      ->check(between(0.0, 1e6))
      ->needs(compare_option);

  group = "Report";
  add(group, "--json", "FILE", wanted.json_file, "write the report there, for programs")
      ->check(some_text());
  add(group, "--html", "FILE", wanted.html_file, "write the report there, as a page with charts")
      ->check(some_text());
  add(group, "--csv", "FILE", wanted.csv_file, "write the report there, for spreadsheets")
      ->check(some_text());
  add(group, "--hdr-log", "FILE", wanted.hdr_file,
      "write the latencies there, as a log of HdrHistogram")
      ->check(some_text());

  try {
    app.parse(argc, argv);
    if (compare_option->count() > 0) check_comparison(app);
    wanted.run.warmup = seconds(warmup);
    wanted.run.duration = seconds(duration);
    wanted.where.latency = std::chrono::milliseconds(latency_ms);
    parse(given, wanted);
    check(wanted, {.warmup = warmup_option->count() > 0, .streams = streams_option->count() > 0});
    return wanted;
  } catch (const CLI::Success& help) {
    return app.exit(help);
  } catch (const CLI::Error& e) {
    std::cerr << "upsun-load: " << e.what() << "; see --help\n";
  } catch (const std::invalid_argument& e) {
    std::cerr << "upsun-load: " << e.what() << "; see --help\n";
  }
  return 2;
}

}  // namespace upsun::load
