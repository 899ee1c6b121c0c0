// A service's own test: the sandbox stands in for the API.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <iostream>
#include <upsun/client.hpp>
#include <upsun/testing/sandbox.hpp>

namespace {

boost::asio::awaitable<void> fetch(upsun::client client) {
  const auto got = co_await client.async_get_integration(
      {upsun::project_id("project-0"), upsun::integration_id("integration-0")});
  std::cout << got.value() << '\n';
}

}  // namespace

int main() {
  const upsun::testing::sandbox api;
  boost::asio::io_context io;
  upsun::client client(io.get_executor(), {.base_url = api.url(),
                                           .credentials = upsun::bearer_token(api.token()),
                                           .tls = {.ca_pem = api.ca_pem()}});
  auto fetched = boost::asio::co_spawn(io, fetch(std::move(client)), boost::asio::use_future);
  io.run();
  fetched.get();
}
