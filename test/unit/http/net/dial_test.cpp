#include "http/net/dial.hpp"

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace upsun::http {
namespace dial_test {

namespace asio = boost::asio;
using asio::ip::tcp;

/// A dial to a listener of this machine, with an origin, a route and a lookup of the test's.
struct Dial : ::testing::Test {
  asio::io_context io;
  tcp::acceptor listener{io, {asio::ip::address_v4::any(), 0}};

  dial_outcome dial_to(const std::string& url, const std::string& found_at) {
    dial_target target;
    target.timeout = std::chrono::minutes(10);
    EXPECT_FALSE(util::parse_origin(url, target.origin));
    target.route = {.host = "a-name.test", .port = listener.local_endpoint().port()};
    const auto names = std::make_shared<resolver>(
        target.route.host, dns_options(), [&](const std::string&, const lookup_handler& handler) {
          asio::post(io, [handler, found_at] { handler({}, {asio::ip::make_address(found_at)}); });
        });
    std::optional<dial_outcome> outcome;
    const auto dialled = std::make_shared<dial>(
        connection_id{1}, io.get_executor(), std::make_shared<const dial_target>(std::move(target)),
        names, [&](dial_outcome got) {
          outcome = std::move(got);
          io.stop();
        });
    dialled->start();
    io.restart();
    io.run();
    return std::move(*outcome);
  }
};

TEST_F(Dial, TakesAHostForThisMachineByItsAddressToo) {
  // Connecting to 0.0.0.0 reaches this machine, by an address that is not a loopback one.
  const dial_outcome elsewhere = dial_to("http://localhost", "0.0.0.0");
  EXPECT_FALSE(elsewhere.socket);
  EXPECT_EQ(elsewhere.failure.code, errc::connect_failed);
  EXPECT_EQ(elsewhere.failure.cause,
            "localhost was found at 0.0.0.0, which is not a loopback address");
  EXPECT_EQ(elsewhere.failed_in, phase::connect);

  EXPECT_TRUE(dial_to("http://localhost", "127.0.0.1").socket);
  EXPECT_TRUE(dial_to("http://localhost", "127.1.2.3").socket);
}

TEST_F(Dial, AllowsAnyAddressForAHostThatNoCredentialsGoToInTheClear) {
  EXPECT_TRUE(dial_to("http://elsewhere.test", "0.0.0.0").socket);
}

}  // namespace dial_test
}  // namespace upsun::http
