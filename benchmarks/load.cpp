// A closed-loop load: so many callers, each awaiting one fetch after another, for so long; then rate, latency and the CPU time of the client's threads.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <CLI/CLI.hpp>
#include <upsun/client.hpp>
#include <upsun/model/kinds.hpp>
#include <upsun/testing/sandbox.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace {

namespace asio = boost::asio;
using clock_type = std::chrono::steady_clock;

struct options {
  std::string url;
  std::string ca_file;
  std::string token = "sandbox-token";
  std::string project = "project-0";
  std::string integration;
  std::size_t concurrency = 64;
  std::size_t connections = 64;
  int threads = 1;
  double warmup = 1;
  double duration = 5;
};

/// What the callers of one run saw. One per thread, so that nothing is shared.
struct tally {
  std::vector<std::uint32_t> latencies_ns;
  std::map<std::string, std::size_t> errors;
};

struct run_state {
  const options& opts;
  upsun::client& client;
  std::vector<tally>& tallies;
  std::atomic<bool> measuring{false};
  std::atomic<bool> stopping{false};
  std::atomic<std::size_t> callers_left{0};
};

thread_local tally* mine = nullptr;

asio::awaitable<void> call_until_stopped(run_state& run, std::size_t caller) {
  for (std::size_t n = caller; !run.stopping.load(std::memory_order_relaxed); ++n) {
    const upsun::integration_id integration(run.opts.integration.empty() ? "integration-" + std::to_string(n % upsun::kind_count) : run.opts.integration);
    const auto begun = clock_type::now();
    const auto got = co_await run.client.async_get_integration(upsun::project_id(run.opts.project), integration);
    if (!run.measuring.load(std::memory_order_relaxed)) continue;
    if (got) {
      mine->latencies_ns.push_back(static_cast<std::uint32_t>(std::min<std::int64_t>((clock_type::now() - begun).count(), UINT32_MAX)));
    } else {
      ++mine->errors[got.error().message()];
    }
  }
  if (--run.callers_left == 0) run.client.async_close(std::chrono::seconds(5), [](const upsun::result<upsun::close_report>&) {});
}

double thread_cpu_seconds(std::thread& thread) {
  clockid_t clock{};
  timespec used{};
  pthread_getcpuclockid(thread.native_handle(), &clock);
  clock_gettime(clock, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

double total_cpu_seconds(std::vector<std::thread>& threads) {
  double sum = 0;
  for (auto& thread : threads) sum += thread_cpu_seconds(thread);
  return sum;
}

void print_report(const options& opts, std::vector<tally>& tallies, const upsun::pool_statistics& pool, double seconds, double cpu_seconds) {
  std::vector<std::uint32_t> all;
  std::map<std::string, std::size_t> errors;
  for (const tally& t : tallies) {
    all.insert(all.end(), t.latencies_ns.begin(), t.latencies_ns.end());
    for (const auto& [text, count] : t.errors) errors[text] += count;
  }
  std::sort(all.begin(), all.end());
  const auto count = static_cast<double>(all.size());
  std::printf("%zu callers, %zu connections at most, %d threads, %.1f s\n", opts.concurrency, opts.connections, opts.threads, seconds);
  std::printf("  fetched      %10.0f   %.0f per second\n", count, count / seconds);
  if (!all.empty()) {
    const auto at = [&](double part) { return all[static_cast<std::size_t>(part * (count - 1))] / 1e3; };
    std::printf("  latency us   p50 %.0f   p90 %.0f   p99 %.0f   p99.9 %.0f   max %.0f\n", at(.5), at(.9), at(.99), at(.999), at(1));
    std::printf("  CPU          %.2f us of the client's threads per fetch\n", cpu_seconds * 1e6 / count);
  }
  std::printf("  connections  %llu dialled, %llu reuses\n", static_cast<unsigned long long>(pool.dials), static_cast<unsigned long long>(pool.reuses));
  for (const auto& [text, errors_seen] : errors) std::printf("  error        %zu x %s\n", errors_seen, text.c_str());
}

int run_load(const options& opts) {
  std::optional<upsun::testing::sandbox> server;
  upsun::client_config config{.base_url = opts.url, .credentials = upsun::bearer_token(opts.token), .tls = {.ca_file = opts.ca_file}};
  if (opts.url.empty()) {
    server.emplace();
    config.base_url = server->url();
    config.tls = {.ca_pem = server->ca_pem()};
  }
  config.pool.max_connections = opts.connections;
  config.pool.max_waiters = opts.concurrency;

  asio::io_context io(opts.threads);
  upsun::client client(io.get_executor(), config);
  std::vector<tally> tallies(static_cast<std::size_t>(opts.threads));
  run_state run{opts, client, tallies};
  run.callers_left = opts.concurrency;
  for (std::size_t i = 0; i < opts.concurrency; ++i) asio::co_spawn(io, call_until_stopped(run, i), asio::detached);

  std::vector<std::thread> threads;
  for (auto& t : tallies) {
    t.latencies_ns.reserve(1U << 22U);
    threads.emplace_back([&io, &t] {
      mine = &t;
      io.run();
    });
  }
  const auto pause = [](double seconds) { std::this_thread::sleep_for(std::chrono::duration<double>(seconds)); };
  pause(opts.warmup);
  run.measuring = true;
  const auto begun = clock_type::now();
  const double cpu_before = total_cpu_seconds(threads);
  pause(opts.duration);
  run.measuring = false;
  const double cpu = total_cpu_seconds(threads) - cpu_before;
  const double seconds = std::chrono::duration<double>(clock_type::now() - begun).count();
  run.stopping = true;
  for (auto& thread : threads) thread.join();
  print_report(opts, tallies, client.statistics(), seconds, cpu);
  return std::any_of(tallies.begin(), tallies.end(), [](const tally& t) { return !t.errors.empty(); }) ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  options opts;
  CLI::App app("Loads an API server through one client, in a closed loop.");
  app.add_option("--url", opts.url, "base URL; without it a sandbox in this process answers");
  app.add_option("--ca", opts.ca_file, "PEM file of the authority to trust");
  app.add_option("--token", opts.token, "bearer token");
  app.add_option("--project", opts.project, "project id");
  app.add_option("--integration", opts.integration, "integration id; without it the sandbox's eighteen in turn");
  app.add_option("--concurrency", opts.concurrency, "callers")->check(CLI::PositiveNumber);
  app.add_option("--connections", opts.connections, "connections at most")->check(CLI::PositiveNumber);
  app.add_option("--threads", opts.threads, "threads of the client")->check(CLI::PositiveNumber);
  app.add_option("--warmup", opts.warmup, "seconds before measuring");
  app.add_option("--duration", opts.duration, "seconds of measuring");
  CLI11_PARSE(app, argc, argv);
  try {
    return run_load(opts);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "load: %s\n", e.what());
    return 2;
  }
}
