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
  passed = refused.error() == upsun::condition::invalid_argument &&
           unreachable.error() == upsun::condition::connection;
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
