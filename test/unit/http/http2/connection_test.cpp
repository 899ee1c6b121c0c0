#include "http/http2/connection.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <boost/asio/io_context.hpp>

#include <array>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "unit/http/http2/scripted_peer.hpp"

namespace upsun::http {
namespace http2_connection_test {

using namespace std::chrono_literals;
using test::scripted_peer;

const std::string get_text = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

/// Notes what ends, and how.
struct noting_owner final : connection_owner {
  void on_finished(connection&, exchange_outcome&& outcome) override {
    finished.push_back(std::move(outcome));
    if (then) then();
  }
  void on_idle_death(connection&) override { ++idle_deaths; }
  void on_capacity(connection&, const stream_capacity& now) override { capacities.push_back(now); }

  std::vector<exchange_outcome> finished;
  std::vector<stream_capacity> capacities;
  int idle_deaths = 0;
  std::function<void()> then;
};

/// A connection over a pair of sockets, with the server's end in our hand.
class Http2Connection : public ::testing::Test {
 protected:
  Http2Connection() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) != 0)
      throw std::runtime_error("no pair of sockets");
    util::unique_fd ours(ends[0]);
    server = util::unique_fd(ends[1]);
    byte_stream stream(ours.get());
    client = std::make_shared<http2_connection>(
        connection_id{1}, std::move(ours), std::move(stream), std::nullopt,
        session_settings{.limits = {}, .tls = false}, watch, owner);
    client->start();
  }
  ~Http2Connection() override {  // what keeps the owner alive
    owner->finished.clear();
    owner->then = nullptr;
  }

  void send(const std::string& bytes) const {
    ASSERT_EQ(::send(server.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  void greet() {
    send(scripted_peer::settings());
    run_ready();
  }
  /// Whether something has come since the last time.
  [[nodiscard]] bool received() const {
    std::array<char, 4096> bytes{};
    return ::recv(server.get(), bytes.data(), bytes.size(), MSG_DONTWAIT) > 0;
  }
  /// Two requests whose responses arrive together.
  void respond_to_two() {
    greet();
    EXPECT_FALSE(client->begin(request()));
    EXPECT_FALSE(client->begin(request()));
    EXPECT_TRUE(received());
    const std::string first = peer.response(1, "{}");
    send(first + peer.response(3, "{}"));
  }
  void run_ready() {
    context.restart();
    context.poll();
  }
  exchange_ptr request(std::string text = get_text) {
    auto made = std::make_shared<exchange>();
    made->home = owner;
    made->bytes = std::move(text);
    made->admitted = made->leased = std::chrono::steady_clock::now();
    return made;
  }

  boost::asio::io_context context;
  const std::shared_ptr<readiness> watch = std::make_shared<readiness>(context.get_executor());
  const std::shared_ptr<noting_owner> owner = std::make_shared<noting_owner>();
  util::unique_fd server;
  std::shared_ptr<http2_connection> client;
  scripted_peer peer;
};

TEST_F(Http2Connection, SaysEachTimeThatItTakesNoMore) {
  send(scripted_peer::settings() + scripted_peer::goaway(0));
  run_ready();
  EXPECT_EQ(client->capacity().streams, 0U);
  for (int i = 0; i < 2; ++i) {
    const auto outcome = client->begin(request());
    ASSERT_TRUE(outcome);
    EXPECT_TRUE(outcome->unprocessed);
    ASSERT_TRUE(outcome->capacity) << "who asks has not heard of it";
    EXPECT_EQ(outcome->capacity->streams, 0U);
    EXPECT_EQ(outcome->failed_in, phase::queue);
  }
}

TEST_F(Http2Connection, NumbersItsReportsSoThatTheLastOneHolds) {
  greet();
  const auto first = client->capacity();
  owner->capacities.clear();
  send(scripted_peer::settings({{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 7}}));
  run_ready();
  ASSERT_EQ(owner->capacities.size(), 1U);
  EXPECT_EQ(owner->capacities.back().streams, 7U);
  EXPECT_GT(owner->capacities.back().number, first.number);
}

TEST_F(Http2Connection, AServerThatSpeaksAnotherProtocolAndClosesHasBrokenTheRules) {
  greet();
  EXPECT_FALSE(client->begin(request()));
  EXPECT_FALSE(client->begin(request()));
  send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
  server.reset();
  run_ready();
  ASSERT_EQ(owner->finished.size(), 2U);
  EXPECT_EQ(owner->finished[0].failure.code, errc::bad_response);
  EXPECT_TRUE(owner->finished[0].broke_http2);
  EXPECT_FALSE(owner->finished[1].broke_http2) << "one connection counts once";
}

TEST_F(Http2Connection, ThatTakesNoBytesEndsForAllWithTheFirstAttemptThatIsTooLate) {
  const int small = 4096;
  ::setsockopt(server.get(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  greet();
  std::vector<exchange_ptr> all;
  const std::string path(8000, 'p');
  for (int i = 0; i < 64; ++i) {
    all.push_back(request("GET /" + std::to_string(i) + path + " HTTP/1.1\r\nHost: h\r\n\r\n"));
    all.back()->leased -= 10s;
    ASSERT_FALSE(client->begin(all.back()));
  }
  run_ready();
  const auto outcome = client->abort(all[0], errc::attempt_timeout);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->verdict, release_verdict::reusable) << "it has been blocked for a moment only";
  all[1]->leased = std::chrono::steady_clock::now();
  const auto condemned = client->abort(all[1], errc::attempt_timeout);
  ASSERT_TRUE(condemned);
  EXPECT_EQ(condemned->verdict, release_verdict::failed);
  run_ready();
  EXPECT_EQ(owner->finished.size(), 62U) << "none waits for its own timeout";
}

TEST_F(Http2Connection, AnIdleOneThatItsServerHasClosedIsNotUsed) {
  greet();
  EXPECT_FALSE(client->begin(request()));
  send(peer.response(1, "{}"));
  run_ready();
  ASSERT_EQ(owner->finished.size(), 1U);
  server.reset();
  const auto outcome = client->begin(request());
  ASSERT_TRUE(outcome);
  EXPECT_TRUE(outcome->unprocessed);
  EXPECT_EQ(outcome->finished->written, 0U);
}

TEST_F(Http2Connection, WhatHandlersBeginGoesOutTogetherBehindThem) {
  respond_to_two();
  owner->then = [this] {
    EXPECT_FALSE(client->begin(request()));
    EXPECT_FALSE(received()) << owner->finished.size();
  };
  run_ready();
  EXPECT_EQ(owner->finished.size(), 2U);
  EXPECT_TRUE(received());
}

TEST_F(Http2Connection, WhatAThrowingHandlerBeganGoesOut) {
  respond_to_two();
  owner->then = [this] {
    EXPECT_FALSE(client->begin(request()));
    owner->then = nullptr;
    throw std::runtime_error("a handler's");
  };
  context.restart();
  EXPECT_THROW(context.poll(), std::runtime_error);
  context.poll();
  EXPECT_TRUE(received());
  EXPECT_EQ(owner->finished.size(), 2U);
}

TEST_F(Http2Connection, IsNotLeftWithABatchOfRecordsThatNeverEnds) {
  greet();
  const auto e = request();
  EXPECT_FALSE(client->begin(e));
  const std::string junk = test::frame(0xfe, 0, 0, std::string(16'000, 'x'));
  std::size_t sent = 0;
  while (owner->finished.empty() && sent < 10'000) {
    while (::send(server.get(), junk.data(), junk.size(), MSG_NOSIGNAL) > 0) ++sent;
    run_ready();
  }
  ASSERT_EQ(owner->finished.size(), 1U);
  EXPECT_EQ(owner->finished[0].failure.code, errc::bad_response);
}

}  // namespace http2_connection_test
}  // namespace upsun::http
