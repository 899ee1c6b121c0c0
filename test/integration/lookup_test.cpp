#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "http/pool/http_transport.hpp"
#include "integration/harness.hpp"
#include "support/responses.hpp"
#include "support/scripted_server.hpp"

namespace upsun::testing {
namespace lookup_test {

using http::ip_addresses;
using test::json_response;
using test::scripted_server;
namespace act = upsun::test;

ip_addresses addresses(std::initializer_list<const char*> texts) {
  ip_addresses result;
  for (const char* text : texts) result.push_back(asio::ip::make_address(text));
  return result;
}

/// A resolver whose results the test gives.
class fake_lookup {
 public:
  [[nodiscard]] http::lookup_function function() {
    return [this](const std::string& host, http::lookup_handler handler) {
      const std::scoped_lock lock(mutex_);
      EXPECT_EQ(host, "localhost");
      ++asked_;
      pending_ = std::move(handler);
    };
  }
  [[nodiscard]] int asked() const {
    const std::scoped_lock lock(mutex_);
    return asked_;
  }
  void found(std::initializer_list<const char*> texts) { take()({}, addresses(texts)); }
  void failed() { take()(asio::error::host_not_found, {}); }

 private:
  http::lookup_handler take() {
    const std::scoped_lock lock(mutex_);
    EXPECT_TRUE(pending_) << "no lookup is under way";
    return std::exchange(pending_, {});
  }

  mutable std::mutex mutex_;
  int asked_ = 0;
  http::lookup_handler pending_;
};

/// A client of "localhost" whose names a fake looks up, on a context that the test turns by hand.
class Lookup : public ::testing::Test {
 protected:
  [[nodiscard]] upsun::client make_client(client_config config) {
    config.transport = http::make_transport(
        io.get_executor(), config::make_settings(config).network, lookup.function());
    return upsun::client(io.get_executor(), config);
  }
  [[nodiscard]] static client_config by_name(std::uint16_t port) {
    return prepared({.base_url = "http://localhost:" + std::to_string(port)});
  }
  [[nodiscard]] static client_config by_name(const sandbox& server) {
    auto config = config_for(server);
    config.base_url = "https://localhost:" + std::to_string(server.port());
    return config;
  }

  /// Begins a call and counts how it ends.
  void fetch(upsun::client& client, const call_options& options = {}) {
    client.async_get_integration({project(), integration_number(0)}, options,
                                 [this](const result<integration>& got) {
                                   ++ended;
                                   got ? void(++fetched) : void(last = got.error());
                                 });
  }
  /// Begins a call that makes a lookup, which finds these addresses.
  void fetch_and_find(upsun::client& client, std::initializer_list<const char*> texts) {
    fetch(client);
    settle();
    lookup.found(texts);
  }
  void run_until(const std::function<bool()>& done) {
    while (!done() && io.run_one_for(10s) > 0) {
    }
    EXPECT_TRUE(done());
  }
  /// Lets everything happen that waits for nothing outside this context.
  void settle() {
    while (io.poll() > 0) {
    }
  }

  fake_lookup lookup;
  asio::io_context io;
  int ended = 0;
  int fetched = 0;
  error last;
};

TEST_F(Lookup, IsMadeOnceForSixtyFourColdDials) {
  sandbox server;
  auto config = by_name(server);
  config.http.version = http_version::http1;  // else the first dial would be alone
  auto client = make_client(config);
  for (int i = 0; i < 64; ++i) fetch(client);
  settle();
  EXPECT_EQ(client.statistics().dialling, 64u);
  EXPECT_EQ(lookup.asked(), 1);
  lookup.found({"127.0.0.1"});
  run_until([&] { return ended == 64; });
  EXPECT_EQ(fetched, 64);
  EXPECT_EQ(lookup.asked(), 1);
}

TEST_F(Lookup, ThatFailsEndsAllThatWaitForItAndTheNextAsksAgain) {
  sandbox server;
  auto config = by_name(server);
  config.retry.max_attempts = 1;
  auto client = make_client(config);
  for (int i = 0; i < 8; ++i) fetch(client);
  settle();
  lookup.failed();
  run_until([&] { return ended == 8; });
  EXPECT_EQ(fetched, 0);
  EXPECT_EQ(last, errc::resolve_failed) << last;
  EXPECT_EQ(last.phase(), phase::resolve);
  fetch(client);
  settle();
  EXPECT_EQ(lookup.asked(), 2);
  lookup.found({"127.0.0.1"});
  run_until([&] { return ended == 9; });
  EXPECT_EQ(fetched, 1);
}

TEST_F(Lookup, DelaysNoCallWhileThereIsAStaleResult) {
  const scripted_server server(
      {act::read_head(), act::send(json_response("Connection: close\r\n"))});
  auto config = by_name(server.port());
  config.dns.fresh = 0ms;
  auto client = make_client(config);
  fetch_and_find(client, {"127.0.0.1"});
  run_until([&] { return ended == 1; });
  for (int i = 2; i <= 4; ++i) {  // each on a connection of its own
    fetch(client);
    run_until([&] { return ended == i; });
    EXPECT_EQ(lookup.asked(), 2) << "one refresh, which hangs";
  }
  lookup.failed();
  fetch(client);
  run_until([&] { return ended == 5; });
  EXPECT_EQ(fetched, 5) << last;
}

TEST_F(Lookup, IsNotMadeWhileTheResultIsFresh) {
  const scripted_server server(
      {act::read_head(), act::send(json_response("Connection: close\r\n"))});
  auto client = make_client(by_name(server.port()));
  fetch_and_find(client, {"127.0.0.1"});
  run_until([&] { return ended == 1; });
  for (int i = 2; i <= 4; ++i) {
    fetch(client);
    run_until([&] { return ended == i; });
  }
  EXPECT_EQ(fetched, 4) << last;
  EXPECT_EQ(lookup.asked(), 1);
}

TEST_F(Lookup, ThatHangsEndsWithItsCallsDeadlineAndLeavesItsResultToTheNext) {
  sandbox server;
  auto client = make_client(by_name(server));
  upsun::client neighbour(io.get_executor(), config_for(server));  // by address
  fetch(client, call_options().timeout(30ms));
  settle();
  fetch(neighbour);
  run_until([&] { return ended == 2; });
  EXPECT_EQ(fetched, 1) << "the neighbour's";
  EXPECT_EQ(last, errc::deadline_exceeded) << last;
  EXPECT_EQ(last.phase(), phase::resolve);
  lookup.found({"127.0.0.1"});
  fetch(client);
  run_until([&] { return ended == 3; });
  EXPECT_EQ(fetched, 2) << last;
  EXPECT_EQ(lookup.asked(), 1);
}

TEST_F(Lookup, ThatHangsEndsADialWithItsTimeLimit) {
  sandbox server;
  auto config = by_name(server);
  config.timeouts.connect = 20ms;
  config.retry.max_attempts = 1;
  auto client = make_client(config);
  fetch(client);
  run_until([&] { return ended == 1; });
  EXPECT_EQ(last, errc::connect_timeout) << last;
  EXPECT_EQ(last.phase(), phase::resolve);
  EXPECT_NE(last.message().find("localhost"), std::string::npos);
  lookup.found({"127.0.0.1"});
}

TEST_F(Lookup, ThatHangsKeepsNeitherAClosedClientNorItsContext) {
  sandbox server;
  std::weak_ptr<transport> network;
  {
    auto config = by_name(server);
    config.transport = http::make_transport(
        io.get_executor(), config::make_settings(config).network, lookup.function());
    network = config.transport;
    upsun::client client(io.get_executor(), config);
    config.transport.reset();
    fetch(client);
    settle();
    bool closed = false;
    client.async_close(0ms, [&](const result<close_report>& report) {
      EXPECT_EQ(report.value(),
                (close_report{.drained = 0, .cancelled = 1, .connections_closed = 1}));
      closed = true;
    });
    io.run();  // returns
    EXPECT_TRUE(closed);
    EXPECT_EQ(last, condition::cancelled);
  }
  EXPECT_TRUE(network.expired());
  lookup.found({"127.0.0.1"});  // to nobody
}

TEST_F(Lookup, ThatNoLongerHoldsAnAddressClosesItsIdleConnections) {
  sandbox server({.address = "0.0.0.0"});
  auto config = by_name(server);
  config.dns.fresh = 0ms;
  auto client = make_client(config);
  fetch_and_find(client, {"127.0.0.1", "127.0.0.2"});
  run_until([&] { return ended == 1; });
  fetch(client);
  fetch(client);
  run_until([&] { return ended == 3 && client.statistics().idle == 2; });
  EXPECT_EQ(lookup.asked(), 2);
  lookup.found({"127.0.0.2"});
  EXPECT_EQ(client.statistics().idle, 0u);
  EXPECT_EQ(client.statistics().evictions[static_cast<std::size_t>(eviction::address_gone)], 2u);
  fetch(client);
  run_until([&] { return ended == 4 && client.statistics().idle == 1; });
  EXPECT_EQ(lookup.asked(), 3);
  lookup.failed();
  EXPECT_EQ(client.statistics().idle, 1u) << "a failed lookup closes nothing";
  EXPECT_EQ(fetched, 4) << last;
}

TEST_F(Lookup, ThatNoLongerHoldsAnAddressLeavesCallsUnderWayAlone) {
  std::promise<void> go;
  auto may_go = go.get_future().share();
  const scripted_server server(
      {act::read_head(), act::run([may_go] { may_go.wait(); }), act::send(json_response()),
       act::read_head(), act::send(json_response())},
      {.address = "127.0.0.1"});
  auto config = by_name(server.port());
  config.dns.fresh = 0ms;
  auto client = make_client(config);
  fetch_and_find(client, {"127.0.0.1"});
  run_until([&] { return client.statistics().leased == 1; });
  fetch(client);
  run_until([&] { return client.statistics().leased == 2; });
  EXPECT_EQ(lookup.asked(), 2);
  lookup.found({"127.0.0.3"});
  EXPECT_EQ(client.statistics().leased, 2u);
  go.set_value();
  run_until([&] { return ended == 2; });
  EXPECT_EQ(fetched, 2) << last;
  EXPECT_EQ(client.statistics().open(), 0u);
  EXPECT_EQ(client.statistics().evictions[static_cast<std::size_t>(eviction::address_gone)], 2u);
}

TEST_F(Lookup, ThatNoLongerHoldsAnAddressGivesADialUnderWayOneCallOnly) {
  sandbox server;
  auto config = by_name(server);
  config.dns.fresh = 0ms;
  auto client = make_client(config);
  fetch_and_find(client, {"127.0.0.1"});
  fetch(client);
  while (lookup.asked() < 2)
    io.poll_one();  // neither has come to a handshake, for which the server must respond
  lookup.found({"127.0.0.3"});
  run_until([&] { return ended == 2; });
  EXPECT_EQ(fetched, 2) << last;
  EXPECT_EQ(client.statistics().open(), 0u);
  EXPECT_EQ(client.statistics().evictions[static_cast<std::size_t>(eviction::address_gone)], 2u);
}

// The first address accepts connections and closes them.
TEST_F(Lookup, PutsAnAddressThatFailsBehindTheOthers) {
  sandbox server;
  const asio::ip::tcp::endpoint broken(asio::ip::make_address("127.0.0.2"), server.port());
  asio::ip::tcp::acceptor acceptor(io, broken);
  int accepted = 0;
  std::function<void()> accept = [&] {
    acceptor.async_accept([&](const error_code& ec, const asio::ip::tcp::socket&) {
      if (ec) return;
      ++accepted;
      accept();
    });
  };
  accept();
  auto config = by_name(server);
  config.retry.max_attempts = 1;
  auto client = make_client(config);
  fetch(client);
  settle();
  const auto began = std::chrono::steady_clock::now();
  lookup.found({"127.0.0.2", "127.0.0.1"});
  run_until([&] { return ended == 1; });
  EXPECT_EQ(last, errc::tls_handshake_failed) << last;
  for (int i = 0; i < 8; ++i) fetch(client);
  run_until([&] { return ended == 9; });
  // Half a second is the least that a first back-off lasts; only a machine that was slower may have
  // seen the address again.
  const bool backed_off = std::chrono::steady_clock::now() - began < 500ms;
  EXPECT_TRUE(accepted == 1 || !backed_off) << accepted;
  EXPECT_GE(fetched, accepted == 1 ? 8 : 0) << last;
}

TEST_F(Lookup, IsSharedByThreads) {
  const scripted_server server(
      {act::read_head(), act::send(json_response("Connection: close\r\n"))});
  asio::thread_pool elsewhere(2);
  std::atomic<bool> gone{false};
  auto config = by_name(server.port());
  config.dns.fresh = 0ms;
  config.pool.max_connections = 8;
  config.transport = http::make_transport(
      io.get_executor(), config::make_settings(config).network,
      [&](const std::string&, http::lookup_handler handler) {
        asio::post(elsewhere, [&gone, handler = std::move(handler)] {
          const bool second = gone.exchange(!gone.load());
          handler({}, second ? addresses({"127.0.0.1", "127.0.0.9"}) : addresses({"127.0.0.1"}));
        });
      });
  upsun::client client(io.get_executor(), config);
  std::atomic<int> good{0};
  std::atomic<int> count{0};
  for (int i = 0; i < 100; ++i) {
    start_fetch(client, [&](const result<integration>& got) {
      good += got ? 1 : 0;
      if (++count == 100) client.async_close(0ms, asio::detached);
    });
  }
  run_on_threads(io, 4);
  EXPECT_EQ(good, 100);
  elsewhere.join();
}

}  // namespace lookup_test
}  // namespace upsun::testing
