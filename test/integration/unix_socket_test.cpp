#include <boost/asio/buffer.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <future>
#include <string>
#include <thread>

#include "integration/harness.hpp"
#include "support/descriptors.hpp"
#include "support/nginx_server.hpp"
#include "support/responses.hpp"
#include "support/temporary_directory.hpp"

namespace upsun::testing {
namespace unix_socket_test {

using local = asio::local::stream_protocol;

/// What becomes of one call, and of a second one when that succeeds.
result<integration> fetch_once(const client_config& config) {
  result<integration> outcome = errc::cancelled;
  const auto before = test::inherited_descriptors();
  with_client(prepared(config), [&](client& client) -> asio::awaitable<void> {
    outcome = co_await fetch(client);
    if (!outcome) co_return;
    EXPECT_TRUE(co_await fetch(client));
    EXPECT_EQ(client.statistics().dials, 1u);
    EXPECT_EQ(test::inherited_descriptors(), before);
  });
  return outcome;
}

class UnixSocket : public ::testing::Test {
 protected:
  const certificate_authority authority{"Trusted authority"};
  const certificate identity =
      authority.issue({.common_name = "api", .dns_names = {"api.no-such.invalid"}});
  const test::temporary_directory directory;
  const std::string path = directory.path() / "socket";

  [[nodiscard]] test::nginx_server serve(const std::string& how) const {
    // The Unix-domain socket first: the port is taken for the sign that both are open.
    return {"server { listen unix:" + path + how +
                "; listen 127.0.0.1:{port} ssl; ssl_certificate {certificate}; ssl_certificate_key "
                "{key}; root {root}; default_type application/json; }",
            identity,
            {{"projects/project-0/integrations/integration-0", test::slack_document}}};
  }
};

TEST_F(UnixSocket, CarriesTlsAndChecksTheNameOfTheUrl) {
  const auto server = serve(" ssl");
  client_config config{.base_url = "https://api.no-such.invalid",
                       .credentials = bearer_token("a-token"),
                       .tls = {.ca_pem = authority.pem()},
                       .unix_socket = path};
  const auto got = fetch_once(config);
  EXPECT_TRUE(got) << got.error();
  config.base_url = "https://other.no-such.invalid";
  EXPECT_EQ(fetch_once(config).error(), errc::tls_certificate_refused);
}

TEST_F(UnixSocket, CarriesPlainHttpForAnyHostWithAToken) {
  const auto server = serve("");
  const auto got = fetch_once({.base_url = "http://api.no-such.invalid",
                               .credentials = bearer_token("a-token"),
                               .unix_socket = path});
  ASSERT_TRUE(got) << got.error();
  EXPECT_EQ(std::get<slack_settings>(got->settings).channel, "#ops");
}

TEST_F(UnixSocket, SaysThatNobodyListensThere) {
  const auto got = fetch_once({.base_url = "http://localhost", .unix_socket = path});
  EXPECT_EQ(got.error(), errc::connect_failed);
  EXPECT_EQ(got.error().phase(), phase::connect);
  EXPECT_EQ(got.error().details().cause, path + ": No such file or directory");
}

// Linux answers EAGAIN to a non-blocking connect then, which Asio takes for a success.
TEST_F(UnixSocket, WaitsWhileTheServersQueueOfConnectionsIsFull) {
  constexpr int calls = 4;
  asio::io_context server;
  local::acceptor acceptor(server);
  acceptor.open();
  acceptor.bind(path);
  acceptor.listen(0);  // room for one
  std::promise<void> go;
  std::thread serving([&] {
    go.get_future().wait();
    for (int i = 0; i < calls; ++i) {
      local::socket connection = acceptor.accept();
      std::string request;
      asio::read_until(connection, asio::dynamic_buffer(request), "\r\n\r\n");
      EXPECT_NE(request.find("\r\nAuthorization: Bearer a-token\r\n"), std::string::npos);
      asio::write(connection, asio::buffer(test::json_response("Connection: close\r\n")));
    }
  });
  asio::io_context io;
  upsun::client client(io.get_executor(), prepared({.base_url = "http://api.no-such.invalid",
                                                    .credentials = bearer_token("a-token"),
                                                    .unix_socket = path}));
  int fetched = 0;
  int ended = 0;
  for (int i = 0; i < calls; ++i) {
    start_fetch(client, [&](const result<integration>& got) {
      ++ended;
      fetched += got ? 1 : 0;
      EXPECT_TRUE(got) << got.error();
    });
  }
  const auto stand_in_line = [&] {
    return client.statistics().leased == 1 && client.statistics().dialling == calls - 1;
  };
  while (!stand_in_line() && io.run_one_for(10s) > 0) {
  }
  EXPECT_TRUE(stand_in_line());
  for (int i = 0; i < 20; ++i) io.run_one();  // the others try in vain
  EXPECT_TRUE(stand_in_line());
  go.set_value();
  while (ended < calls && io.run_one_for(10s) > 0) {
  }
  EXPECT_EQ(fetched, calls);
  serving.join();
}

}  // namespace unix_socket_test
}  // namespace upsun::testing
