#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <iostream>
#include <upsun/upsun.hpp>

boost::asio::awaitable<void> show(upsun::client client, upsun::integration_ref ref) {
  const upsun::integration got = co_await client.async_get_integration(ref, upsun::throw_errors);
  std::cout << got << '\n';
}

int main(int argc, char** argv) try {
  if (argc != 3) throw std::invalid_argument("usage: get_integration PROJECT INTEGRATION");
  boost::asio::io_context io;
  upsun::client client(io, upsun::client_config::from_environment());
  const upsun::integration_ref ref{upsun::project_id(argv[1]), upsun::integration_id(argv[2])};
  auto shown = boost::asio::co_spawn(io, show(std::move(client), ref), boost::asio::use_future);
  io.run();
  shown.get();  // throws what the coroutine threw
} catch (const std::exception& e) {
  return std::cerr << "get_integration: " << e.what() << '\n', 1;
}
