// A client is made, and refuses an id that cannot be one. Nothing is sent.
#include <boost/asio/io_context.hpp>
#include <iostream>
#include <upsun/client.hpp>
#include <upsun/version.hpp>

int main() {
  boost::asio::io_context io;
  upsun::client client(io.get_executor(), {.base_url = "https://127.0.0.1:1"});
  bool refused = false;
  client.async_get_integration({upsun::project_id("a"), upsun::integration_id("..")},
                               [&](const upsun::result<upsun::integration>& got) {
                                 refused = got.error() == upsun::condition::invalid_argument;
                               });
  io.run();
  std::cout << "upsun " << UPSUN_VERSION_STRING << (refused ? " works\n" : " does not work\n");
  return refused ? 0 : 1;
}
