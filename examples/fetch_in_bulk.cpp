// Fetches many integrations with one call: all results at once, with a deadline for the whole, and
// one result after the other, in bounded memory.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>

#include <chrono>
#include <exception>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <upsun/client.hpp>
#include <upsun/testing/sandbox.hpp>

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

asio::awaitable<bool> fetch_a_list(upsun::client& client) {
  constexpr int count = 100;
  std::vector<upsun::integration_ref> refs;
  refs.reserve(count);
  for (int n = 0; n < count; ++n)
    refs.emplace_back(upsun::project_id("project-0"),
                      upsun::integration_id("integration-" + std::to_string(n % 20)));

  const auto got = co_await client.async_get_integrations(
      refs, upsun::bulk_options().concurrency(8).timeout(20s));
  if (!got) {
    std::cerr << "nothing was begun: " << got.error() << '\n';
    co_return false;
  }
  std::cout << got->report.fetched << " fetched, " << got->report.failed << " failed\n";
  if (got->first_failed)
    std::cout << "first: " << refs[*got->first_failed].id().str() << ": "
              << got->results[*got->first_failed].error() << '\n';
  co_return got->report.fetched == 90;  // there are 18, not 20
}

asio::awaitable<bool> go_through_projects(upsun::client& client) {
  std::map<std::string, int> kinds;
  // Functions that are passed to an awaited operation need a name: g++ 12 destroys temporaries
  // twice.
  auto source = [next = 0]() mutable -> std::optional<upsun::project_id> {
    if (next == 50) return std::nullopt;
    return upsun::project_id("project-" + std::to_string(next++));
  };
  auto handler = [&kinds](const upsun::project_id& project,
                          const upsun::result<upsun::integration>& got) {
    if (got) {
      ++kinds[got->type];
    } else {
      std::cerr << project.str() << ": " << got.error() << '\n';
    }
  };
  const auto report = co_await client.async_for_each_integration(
      source, handler, upsun::bulk_options().concurrency(4));
  for (const auto& [kind, count] : kinds) std::cout << count << ' ' << kind << '\n';
  co_return report && !report->stopped_by.code() && report->fetched == 50 * 18;
}

asio::awaitable<bool> show(std::string url, std::string ca_pem, std::string token) {
  upsun::client_config config{
      .base_url = url, .credentials = upsun::bearer_token(token), .tls = {.ca_pem = ca_pem}};
  const auto executor = co_await asio::this_coro::executor;
  upsun::client client(executor, config);
  const bool list = co_await fetch_a_list(client);
  const bool projects = co_await go_through_projects(client);
  co_return list&& projects;
}

}  // namespace

int main() {
  try {
    upsun::testing::sandbox api({.projects = 50});
    asio::io_context io;
    bool good = false;
    asio::co_spawn(io, show(api.url(), api.ca_pem(), api.token()),
                   [&](const std::exception_ptr& failed, bool shown) {
                     if (failed) std::rethrow_exception(failed);
                     good = shown;
                   });
    io.run();
    return good ? 0 : 1;
  } catch (const std::exception& e) {
    std::cerr << "fetch_in_bulk: " << e.what() << '\n';
    return 1;
  }
}
