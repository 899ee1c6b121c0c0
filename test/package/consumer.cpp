// What a program outside the project needs of an installed upsun: headers, the library, and what
// the library itself links.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <iostream>
#include <upsun/client.hpp>
#include <upsun/version.hpp>

namespace {

boost::asio::awaitable<void> ask(upsun::client client, bool& passed) {
  const auto refused =
      co_await client.async_get_integration({upsun::project_id("a"), upsun::integration_id("..")});
  const auto unreachable =
      co_await client.async_get_integration({upsun::project_id("a"), upsun::integration_id("b")});
  std::cout << refused.error() << '\n' << unreachable.error() << '\n';
  // What the library compiles of templates has to be exported, too.
  const auto me = co_await client.async_get_current_user();
  const auto environments = co_await client.async_list_environments(upsun::project_id("a"));
  const auto names = co_await client.async_get_organization_references("/ref/organizations?in=a");
  auto organizations = client.organizations();
  const auto page = co_await organizations.async_next_page();
  auto handler = [](const upsun::fleet_project&, const upsun::result<upsun::integration>&) {};
  const auto walk = co_await client.async_for_each_integration(upsun::fleet(), handler);
  passed = refused.error() == upsun::condition::invalid_argument &&
           unreachable.error() == upsun::condition::connection && !me && !environments && !names &&
           !page && walk && walk->stopped_by == upsun::condition::connection;
}

}  // namespace

int main() {
  boost::asio::io_context io;
  bool passed = false;
  boost::asio::co_spawn(
      io, ask(upsun::client(io.get_executor(), {.base_url = "https://127.0.0.1:1"}), passed),
      boost::asio::detached);
  io.run();
  std::cout << "upsun " << UPSUN_VERSION_STRING << (passed ? " works\n" : " does not work\n");
  return passed ? 0 : 1;
}
