// Walks over all integrations of all projects of a user, with a progress bar, and prints tables of
// what is there. Without a URL it starts a sandbox and walks over that.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <chrono>
#include <cstddef>
#include <exception>
#include <iostream>
#include <memory>
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
#include "request_times.hpp"
#include "sandbox_process.hpp"

namespace {

namespace asio = boost::asio;

struct settings {
  std::size_t organizations = 20;
  std::size_t projects = 2'000;
  std::size_t window = 64;
  std::string url;
  std::string ca_file;
};

/// Owns the client: when it ends, the connections are closed, and the context runs out of work.
asio::awaitable<void> walk(upsun::client client, std::size_t window,
                           std::shared_ptr<const request_times> times) {
  report found;
  progress_bar bar;
  const upsun::fleet all_projects;
  auto handler = [&found](const upsun::fleet_project& of,
                          const upsun::result<upsun::integration>& got) { found.add(of, got); };
  const auto options = upsun::bulk_options().concurrency(window).on_progress(
      [&bar](const upsun::bulk_progress& now) {
        bar.show(now.projects, now.projects_found, now.done - now.failed);
      });
  const auto start = std::chrono::steady_clock::now();
  const auto walked = co_await client.async_for_each_integration(all_projects, handler, options);
  const auto elapsed = std::chrono::steady_clock::now() - start;
  if (!walked) throw upsun::call_failed(walked.error());
  const bool ended = !walked->stopped_by.code();
  if (ended || walked->projects > 0) {
    bar.finish(ended);
    found.print(*walked);
    times->print();
    print_summary(*walked, elapsed, window, client.statistics(), times->http_version());
  }
  if (walked->thrown) std::rethrow_exception(walked->thrown);
  if (!ended)
    throw std::runtime_error("the walk did not come to its end: " + walked->stopped_by.message());
}

/// Returns the client's settings. Starts the sandbox if that is the server.
upsun::client_config choose_server(const settings& wanted,
                                   std::optional<sandbox_process>& sandbox) {
  upsun::client_config config = upsun::client_config::from_environment();
  if (!wanted.url.empty()) {
    if (std::holds_alternative<std::monostate>(config.credentials))
      throw std::invalid_argument("neither UPSUN_ACCESS_TOKEN nor UPSUN_CLI_TOKEN is set");
    config.base_url = wanted.url;
    config.tls.ca_file = wanted.ca_file;
    return config;
  }
  sandbox.emplace(std::vector<std::string>{
      "--organizations=" + std::to_string(wanted.organizations),
      "--projects=" + std::to_string(wanted.projects),
      "--shared=" + std::to_string(wanted.projects / 50), "--suspended-every=83",
      "--forbidden-every=97", "--missing-every=151", "--broken-every=499"});
  config.base_url = sandbox->url();
  config.tls.ca_file = sandbox->ca_file();
  config.credentials = upsun::bearer_token("sandbox-token");
  return config;
}

void run(const settings& wanted) {
  std::optional<sandbox_process> sandbox;
  upsun::client_config config = choose_server(wanted, sandbox);
  const auto times = std::make_shared<request_times>();
  config.observer = times;
  asio::io_context io(1);
  upsun::client client(io, config);
  std::cout << "Walking over the projects at " << config.base_url << std::endl;
  auto walked = asio::co_spawn(io, walk(std::move(client), wanted.window, times), asio::use_future);
  io.run();
  walked.get();
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "Walks over all integrations of all projects that a user can see, and prints what is there. "
      "A sandbox is walked over, which runs as long as this program,\n"
      "unless --url names a server, for which UPSUN_ACCESS_TOKEN or UPSUN_CLI_TOKEN is needed.");
  settings wanted;
  CLI::Option* url = app.add_option("--url", wanted.url, "the API's URL")->envname("UPSUN_API_URL");
  app.add_option("--ca-file", wanted.ca_file, "PEM file of the authorities to trust there")
      ->check(CLI::ExistingFile);
  app.add_option("--organizations", wanted.organizations, "the sandbox's organizations")
      ->check(CLI::Range(1, 1'000'000))
      ->excludes(url)
      ->capture_default_str();
  app.add_option("--projects", wanted.projects, "their projects; a fiftieth more are shared")
      ->check(CLI::Range(1, 1'000'000'000))
      ->excludes(url)
      ->capture_default_str();
  app.add_option("--window", wanted.window, "requests under way at once, at most")
      ->check(CLI::Range(1, 65'536))
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  try {
    run(wanted);
    return 0;
  } catch (const std::exception& e) {
    std::cerr << "walk_fleet: " << e.what() << '\n';
    return 1;
  }
}
