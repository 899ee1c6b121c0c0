#include <iomanip>
#include <map>
#include <mutex>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "integration/harness.hpp"
#include "support/scripted_server.hpp"

namespace upsun::testing {
namespace observer_test {

using asio::awaitable;
using kind = attempt_event::kind;

/// Keeps each event, with the texts it refers to.
class recorder final : public secret_watch {
 public:
  struct record {
    attempt_event event;
    std::string failure;
    std::string server_address;
  };

  void on_attempt(const attempt_event& event) noexcept override {
    secret_watch::on_attempt(event);
    const std::scoped_lock lock(mutex_);
    records_.push_back({event, event.failure != nullptr ? event.failure->message() : "",
                        std::string(event.server_address)});
    records_.back().event.server_address = {};  // lives as long as the client
  }
  [[nodiscard]] std::vector<record> records() const {
    const std::scoped_lock lock(mutex_);
    return records_;
  }
  /// The kinds of one attempt's events, in order, as in "queued leased sent".
  [[nodiscard]] std::string steps(std::uint64_t call, unsigned attempt) const {
    std::string text;
    for (const auto& [event, failure, server_address] : records()) {
      if (event.call == call && event.attempt == attempt)
        text.append(text.empty() ? "" : " ").append(to_string(event.what));
    }
    return text;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<record> records_;
};

constexpr const char* whole = "queued leased sent first_byte completed";

client_config observed(const sandbox& server, const std::shared_ptr<recorder>& by) {
  client_config config = config_for(server);
  config.retry = {.base = 0ms, .throttled_base = 0ms};
  config.observer = by;
  return config;
}

TEST(Observer, GetsEveryStepOfAnAttemptInOrder) {
  sandbox server;
  const auto seen = std::make_shared<recorder>();
  with_client(observed(server, seen), [&](client& client) -> awaitable<void> {
    EXPECT_TRUE(co_await fetch(client));
    EXPECT_TRUE(co_await fetch(client));
  });
  EXPECT_EQ(seen->steps(1, 1), whole);
  EXPECT_EQ(seen->steps(2, 1), whole);
  EXPECT_EQ(seen->steps(0, 0), "dialled");
  std::map<std::pair<std::uint64_t, unsigned>, std::chrono::steady_clock::time_point> last;
  for (const auto& [event, failure, server_address] : seen->records()) {
    auto& before = last[{event.call, event.attempt}];
    EXPECT_GE(event.at, before) << to_string(event.what);
    before = event.at;
    EXPECT_EQ(server_address, "127.0.0.1");
    EXPECT_EQ(event.server_port, server.port());
    if (event.what == kind::dialled) {
      EXPECT_GT(event.handshake.count(), 0);
      EXPECT_EQ(event.failure, nullptr);
      continue;
    }
    EXPECT_EQ(event.method, "GET");
    EXPECT_EQ(event.path_template, "/projects/{projectId}/integrations/{integrationId}");
    if (event.what == kind::leased) {
      EXPECT_NE(event.connection, 0u);
      EXPECT_EQ(event.reused, event.call == 2);
    }
    if (event.what == kind::completed) {
      EXPECT_EQ(event.status, 200);
      EXPECT_GT(event.timings.total.count(), 0);
    }
  }
}

TEST(Observer, GetsNoTimeOfAHandshakeThatThereWasNot) {
  sandbox server({.tls = false});
  const auto seen = std::make_shared<recorder>();
  with_client(observed(server, seen),
              [&](client& client) -> awaitable<void> { EXPECT_TRUE(co_await fetch(client)); });
  int dials = 0;
  for (const auto& [event, failure, server_address] : seen->records()) {
    if (event.what != kind::dialled) continue;
    ++dials;
    EXPECT_GT(event.connect.count(), 0);
    EXPECT_EQ(event.handshake.count(), 0);
  }
  EXPECT_EQ(dials, 1);
}

TEST(Observer, GetsTheReasonOfEachRetry) {
  sandbox server;
  const auto seen = std::make_shared<recorder>();
  server.inject({.kind = fault_kind::status, .status = 503});
  server.inject({.kind = fault_kind::reset_at, .at = 30});
  with_client(observed(server, seen), [&](client& client) -> awaitable<void> {
    EXPECT_TRUE(co_await fetch(client));
    const client_statistics now = client.statistics();
    EXPECT_EQ(now.calls, 1u);
    EXPECT_EQ(now.attempts, 3u);
    EXPECT_EQ(now.retries, 2u);
  });
  EXPECT_EQ(seen->steps(1, 1), std::string(whole) + " retried");
  EXPECT_EQ(seen->steps(1, 2), std::string(whole) + " retried");
  EXPECT_EQ(seen->steps(1, 3), whole);
  std::vector<std::pair<retry_reason, int>> reasons;
  for (const auto& [event, failure, server_address] : seen->records()) {
    if (event.what == kind::retried) reasons.emplace_back(event.reason, event.status);
  }
  EXPECT_EQ(reasons, (std::vector<std::pair<retry_reason, int>>{{retry_reason::status, 503},
                                                                {retry_reason::connection, 0}}));
}

TEST(Observer, GetsTheTraceAndTheIdThatEachAttemptSent) {
  const std::string trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  const test::scripted_server server(
      {test::read_head(), test::send("HTTP/1.1 503 \r\n\r\n"), test::close()}, {});
  const auto seen = std::make_shared<recorder>();
  with_client(
      {.base_url = server.url(), .retry = {.max_attempts = 2, .base = 0ms}, .observer = seen},
      [&](client& client) -> awaitable<void> {
        EXPECT_FALSE(co_await fetch(client, call_options().trace(trace)));
        EXPECT_FALSE(co_await fetch(client));
      });
  std::size_t connection = 0;
  for (const auto& [event, failure, server_address] : seen->records()) {
    if (event.what != kind::completed) continue;
    if (event.call == 2) {
      EXPECT_EQ(event.span_id, 0u);
      continue;
    }
    std::ostringstream id;
    id << std::hex << std::setw(16) << std::setfill('0') << event.span_id;
    const std::string sent = trace.substr(0, 36) + id.str() + trace.substr(52);
    EXPECT_NE(server.received(connection++).find("\r\ntraceparent: " + sent + "\r\n"),
              std::string::npos);
  }
  EXPECT_EQ(connection, 2u);
}

TEST(Observer, GetsFailedDials) {
  sandbox server;
  const auto seen = std::make_shared<recorder>();
  auto config = observed(server, seen);
  config.tls.ca_pem.clear();
  EXPECT_EQ((fetch_once(config)).error(), condition::tls);
  EXPECT_EQ(seen->steps(1, 1), "queued completed");
  for (const auto& [event, failure, server_address] : seen->records()) {
    if (event.what == kind::dialled) {
      EXPECT_NE(failure.find("certificate"), std::string::npos) << failure;
    }
  }
}

TEST(Observer, GetsHedges) {
  sandbox server;
  const auto seen = std::make_shared<recorder>();
  auto config = observed(server, seen);
  config.hedge = {.enabled = true, .delay = 10ms};
  with_client(config, [&](client& client) -> awaitable<void> {
    for (int i = 0; i < 200; ++i) EXPECT_TRUE(co_await fetch(client, call_options().hedge({})));
    server.inject({.kind = fault_kind::silent});
    EXPECT_TRUE(co_await fetch(client));
    EXPECT_EQ(client.statistics().hedges, 1u);
    EXPECT_EQ(client.statistics().hedges_won, 1u);
  });
  EXPECT_EQ(seen->steps(201, 1), "queued leased hedged sent completed")
      << "the loser completes as cancelled";
  EXPECT_EQ(seen->steps(201, 2), whole);
}

/// Cancels the call of an event of a given kind.
class canceller final : public secret_watch {
 public:
  explicit canceller(kind at) : at_(at) {}
  void on_attempt(const attempt_event& event) noexcept override {
    secret_watch::on_attempt(event);
    if (event.what == at_) signal.emit(asio::cancellation_type::terminal);
  }
  asio::cancellation_signal signal;

 private:
  const kind at_;
};

TEST(Observer, MayCancelTheCallOfAnEvent) {
  sandbox server;
  for (const kind at :
       {kind::queued, kind::leased, kind::sent, kind::first_byte, kind::completed}) {
    asio::io_context io;
    const auto seen = std::make_shared<canceller>(at);
    auto config = config_for(server);
    config.observer = seen;
    client client(io.get_executor(), config);
    int ended = 0;
    start_fetch(client, seen->signal, [&](const result<integration>&) { ++ended; });
    client.async_close(10s, asio::detached);
    io.run();
    EXPECT_EQ(ended, 1) << to_string(at);
  }
}

TEST(Statistics, CountHowCallsEnd) {
  sandbox server;
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    EXPECT_TRUE(co_await fetch(client));
    (void)co_await fetch(client, integration_id("none"));
    (void)co_await fetch(client, integration_id(""));
    server.inject({.kind = fault_kind::status, .status = 503});
    (void)co_await fetch(client);
    const client_statistics now = client.statistics();
    EXPECT_EQ(now.calls, 4u);
    EXPECT_EQ(now.succeeded, 1u);
    EXPECT_EQ(now.failures(), 3u);
    EXPECT_EQ(now.failed[static_cast<std::size_t>(condition::not_found)], 1u);
    EXPECT_EQ(now.failed[static_cast<std::size_t>(condition::invalid_argument)], 1u);
    EXPECT_EQ(now.failed[static_cast<std::size_t>(condition::server_error)], 1u);
    EXPECT_EQ(now.attempts, 3u);
    EXPECT_EQ(now.in_flight, 0u);
    EXPECT_EQ(now.dials, 1u) << "the pool's, too";
  });
}

}  // namespace observer_test
}  // namespace upsun::testing
