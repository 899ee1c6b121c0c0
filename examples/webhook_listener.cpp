// A listener for signed webhooks: it accepts a request only when its signature is verified. With a
// port as its argument it serves there, with the webhook's key from the environment
// (WEBHOOK_SHARED_KEY). Without, a sandbox delivers two webhooks to it, one of them signed with
// another key.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <chrono>
#include <cstdlib>
#include <exception>
#include <future>
#include <iostream>
#include <stdexcept>
#include <string>
#include <utility>

#include <upsun/testing/sandbox.hpp>
#include <upsun/webhook.hpp>

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;

// Anyone can send requests here: sizes and times are bounded, and the body is not parsed before it
// is verified.
http::status judge(const http::request<http::string_body>& request, const upsun::secret& key) {
  if (request.method() != http::verb::post) return http::status::method_not_allowed;
  const auto signature = request["X-JWS-Signature"];
  if (!upsun::verify_webhook(request.body(), {signature.data(), signature.size()}, key))
    return http::status::forbidden;
  std::cout << "accepted: " << request.body() << '\n';
  return http::status::accepted;
}

asio::awaitable<void> serve(tcp::socket socket, upsun::secret key) {
  beast::tcp_stream stream(std::move(socket));
  stream.expires_after(std::chrono::seconds(10));
  beast::flat_buffer buffer;
  http::request_parser<http::string_body> parser;
  parser.body_limit(1024 * 1024);
  co_await http::async_read(stream, buffer, parser, asio::use_awaitable);
  http::response<http::string_body> response(judge(parser.get(), key), 11);
  if (response.result() != http::status::accepted)
    std::cout << "refused: " << response.result_int() << '\n';
  response.keep_alive(false);
  response.prepare_payload();
  co_await http::async_write(stream, response, asio::use_awaitable);
  stream.socket().shutdown(tcp::socket::shutdown_send);
}

asio::awaitable<void> listen(tcp::acceptor& acceptor, upsun::secret key) {
  for (;;) {
    tcp::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
    asio::co_spawn(acceptor.get_executor(), serve(std::move(socket), key),
                   asio::detached);  // an exception ends this request only
  }
}

void expect(int got, int wanted) {
  if (got != wanted)
    throw std::logic_error("the listener responded with " + std::to_string(got) + " instead of " +
                           std::to_string(wanted));
}

/// Delivers a webhook signed with `key`, as the platform does. \return the listener's status
int deliver(unsigned short port, const upsun::secret& key) {
  upsun::webhook_settings settings;
  settings.shared_key = key;
  settings.url = "http://127.0.0.1:" + std::to_string(port) + "/hooks";
  upsun::testing::sandbox api({.integrations = 0});
  api.put("project-0", "hook", {.type = "webhook", .settings = settings});
  return api.deliver_webhook(
      "project-0", "hook",
      R"({"id":"abc","type":"environment.push","state":"complete","result":"success"})");
}

void show(unsigned short port, const upsun::secret& key) {
  expect(deliver(port, key), 202);
  expect(deliver(port, upsun::secret("somebody's guess")), 403);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const char* given =
        std::getenv("WEBHOOK_SHARED_KEY");  // NOLINT(concurrency-mt-unsafe): no other thread yet
    const bool serves = argc > 1;
    if (serves && given == nullptr) throw std::runtime_error("WEBHOOK_SHARED_KEY is not set");
    const upsun::secret key(given != nullptr ? given : "the key of the webhook");

    asio::io_context io;
    tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(),
                                serves ? static_cast<unsigned short>(std::stoi(argv[1]))
                                       : static_cast<unsigned short>(0)});
    std::cout << "listening on " << acceptor.local_endpoint() << '\n';
    asio::co_spawn(io, listen(acceptor, key), asio::detached);
    if (serves) {
      io.run();
      return 0;
    }
    const auto server = std::async(std::launch::async, [&io] { io.run(); });
    try {
      show(acceptor.local_endpoint().port(), key);
    } catch (...) {
      io.stop();
      throw;
    }
    io.stop();
    return 0;
  } catch (const std::exception& e) {
    std::cerr << "webhook_listener: " << e.what() << '\n';
    return 1;
  }
}
