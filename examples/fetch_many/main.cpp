// Fetches many integrations through one client, and prints a table of the results. Without names it
// starts a sandbox and fetches from that.
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_future.hpp>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <CLI/CLI.hpp>
#include <upsun/client.hpp>

#include "progress_bar.hpp"
#include "report.hpp"
#include "sandbox_process.hpp"

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using steady_clock = std::chrono::steady_clock;

struct integration_name {
  std::string project;
  std::string integration;
};

struct settings {
  std::size_t count = 0;
  std::size_t concurrency = 64;
  std::vector<integration_name> names;
};

/// One run: what to fetch, the progress, the results.
struct job {
  const settings& wanted;
  report& results;
  std::size_t next = 0;
  std::size_t running = 0;
};

asio::awaitable<void> fetch_until_done(upsun::client& client, job& work) {
  while (work.next < work.wanted.count) {
    const integration_name& name = work.wanted.names[work.next++ % work.wanted.names.size()];
    const auto start = steady_clock::now();
    const auto got = co_await client.async_get_integration(
        {upsun::project_id(name.project), upsun::integration_id(name.integration)});
    work.results.add(got, steady_clock::now() - start);
  }
}

/// Owns the client: when it ends, the connections are closed, and the context runs out of work.
asio::awaitable<void> fetch_all(upsun::client client, const settings& wanted, report& results) {
  asio::steady_timer tick(client.get_executor());
  std::exception_ptr failure;
  const std::size_t at_once = std::min(wanted.concurrency, wanted.count);
  job work{.wanted = wanted, .results = results, .running = at_once};
  progress_bar bar(wanted.count);
  const auto start = steady_clock::now();

  for (std::size_t i = 0; i < at_once; ++i) {
    asio::co_spawn(client.get_executor(), fetch_until_done(client, work),
                   [&](const std::exception_ptr& thrown) {
                     if (thrown) failure = thrown;
                     if (--work.running == 0) tick.cancel();
                   });
  }
  while (work.running > 0) {
    tick.expires_after(100ms);
    co_await tick.async_wait(asio::as_tuple(asio::use_awaitable));
    bar.show(results.done());
  }
  bar.finish(results.done());
  if (failure) std::rethrow_exception(failure);
  results.print(steady_clock::now() - start, at_once, client.statistics());
}

/// Completes `wanted` and returns the client's settings. Starts the sandbox if that is the server.
upsun::client_config choose_server(settings& wanted, std::optional<sandbox_process>& sandbox) {
  upsun::client_config config = upsun::client_config::from_environment();
  if (!wanted.names.empty()) {
    if (std::holds_alternative<std::monostate>(config.credentials))
      throw std::invalid_argument("UPSUN_ACCESS_TOKEN is not set");
    if (wanted.count == 0) wanted.count = wanted.names.size();
    return config;
  }
  // NOLINTNEXTLINE(concurrency-mt-unsafe): no other thread yet
  if (std::getenv("UPSUN_API_URL") != nullptr) {
    throw std::invalid_argument(
        "UPSUN_API_URL is set; name what to fetch from there, as PROJECT/INTEGRATION");
  }
  if (wanted.count == 0) wanted.count = 20'000;
  for (std::size_t i = 0; i < wanted.count; ++i)
    wanted.names.push_back({"project-0", "integration-" + std::to_string(i)});
  sandbox.emplace(wanted.count);
  config.base_url = sandbox->url();
  config.tls.ca_file = sandbox->ca_file();
  config.credentials = upsun::bearer_token("sandbox-token");
  return config;
}

void run(settings wanted) {
  std::optional<sandbox_process> sandbox;
  upsun::client_config config = choose_server(wanted, sandbox);
  asio::io_context io(1);
  report results;
  auto fetched = asio::co_spawn(
      io, fetch_all(upsun::client(io, std::move(config)), wanted, results), asio::use_future);
  io.run();
  fetched.get();
  if (results.failed() > 0) {
    throw std::runtime_error(std::to_string(results.failed()) + " of " +
                             std::to_string(results.done()) +
                             " calls failed, the first with: " + results.first_error().message());
  }
}

integration_name parse_name(const std::string& text) {
  const auto slash = text.find('/');
  if (slash == std::string::npos) throw std::invalid_argument("not PROJECT/INTEGRATION: " + text);
  return {text.substr(0, slash), text.substr(slash + 1)};
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "Fetches integrations through one client and prints a table of the results. Named ones are "
      "fetched from UPSUN_API_URL with UPSUN_ACCESS_TOKEN;\n"
      "without names and UPSUN_API_URL, a sandbox runs as long as this program.");
  settings wanted;
  std::vector<std::string> names;
  app.add_option("--count", wanted.count,
                 "number of calls; 20000 from the sandbox, else one for each name")
      ->check(CLI::PositiveNumber);
  app.add_option("--concurrency", wanted.concurrency, "calls under way at once, at most")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("name", names, "what to fetch, in turn: PROJECT/INTEGRATION");
  CLI11_PARSE(app, argc, argv);
  try {
    for (const std::string& name : names) wanted.names.push_back(parse_name(name));
    run(std::move(wanted));
    return 0;
  } catch (const std::exception& e) {
    std::cerr << "fetch_many: " << e.what() << '\n';
    return 1;
  }
}
