// Out of descriptors, out of queue, bodies without end, and servers that do not read.

#include <fcntl.h>
#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <future>
#include <string>
#include <vector>

#include "conformance/wire_calls.hpp"
#include "integration/harness.hpp"
#include "support/descriptors.hpp"
#include "support/responses.hpp"
#include "support/scripted_server.hpp"

namespace upsun::testing {
namespace resources_test {

namespace act = upsun::test;
using asio::awaitable;
using test::scripted_server;

class Resources : public ::testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Over, Resources, ::testing::Bool(), upsun::test::plain_or_tls);

// ---- descriptors

/// Holds every file descriptor this process may have, but those it leaves.
class hoard {
 public:
  explicit hoard(std::size_t left = 0) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    rlimit low = before_;
    low.rlim_cur = std::min<rlim_t>(low.rlim_cur, 1024);
    ::setrlimit(RLIMIT_NOFILE, &low);
    for (int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC); fd >= 0; fd = ::dup(fd))
      held_.push_back(fd);
    for (; left > 0 && !held_.empty(); --left) give_one();
  }
  hoard(const hoard&) = delete;
  hoard& operator=(const hoard&) = delete;
  ~hoard() { give_all(); }

  void give_all() {
    while (!held_.empty()) give_one();
    ::setrlimit(RLIMIT_NOFILE, &before_);
  }

 private:
  void give_one() {
    ::close(held_.back());
    held_.pop_back();
  }
  rlimit before_{};
  std::vector<int> held_;
};

TEST(ResourcesOfChildren, ProgramsThatAreStartedInheritNothing) {
  const auto before = act::inherited_descriptors();
  sandbox server;
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    EXPECT_TRUE(co_await fetch(client));
    EXPECT_EQ(client.statistics().idle, 1u);
    EXPECT_EQ(act::inherited_descriptors(), before) << "of the client or of the sandbox";
  });
}

TEST_P(Resources, WithoutDescriptorsCallsSayWhyAndSucceedOnceThereAreSome) {
  sandbox server({.tls = GetParam()});
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    hoard all;
    std::size_t refused = 0;
    for (int i = 0; i < 100; ++i) {
      start_fetch(client, [&](const result<integration>& got) {
        ASSERT_FALSE(got);
        EXPECT_EQ(got.error(), errc::connect_failed) << got.error();
        EXPECT_EQ(got.error().phase(), phase::connect);
        EXPECT_NE(got.error().details().cause.find("Too many open files"), std::string::npos)
            << got.error();
        EXPECT_TRUE(got.error().safe_to_retry());
        ++refused;
      });
    }
    co_await until([&] { return refused >= 100; });
    all.give_all();
    const auto got = co_await fetch(client);
    EXPECT_TRUE(got) << got.error();
    EXPECT_EQ(
        client.statistics().leased + client.statistics().dialling + client.statistics().waiting,
        0u);
  });
}

TEST_P(Resources, WithoutDescriptorsAnOpenConnectionGoesOn) {
  sandbox server({.tls = GetParam()});
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    EXPECT_TRUE(co_await fetch(client));
    const hoard all;
    for (std::size_t i = 0; i < 18; ++i) {
      const auto got = co_await fetch(client, integration_number(i));
      EXPECT_TRUE(got) << got.error();
    }
    EXPECT_EQ(client.statistics().dials, 1u);
  });
}

std::chrono::nanoseconds processor_time() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

TEST_P(Resources, AServerOutOfDescriptorsEndsACallByItsDeadlineAndRecovers) {
  sandbox server({.tls = GetParam()});
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    hoard all(1);  // the client's
    const auto before = processor_time();
    const auto got = co_await fetch(client, call_options().timeout(1s));
    EXPECT_LT(processor_time() - before, 300ms)
        << "the server waits for a descriptor, rather than asking all the time";
    EXPECT_EQ(got.error(), errc::deadline_exceeded);
    all.give_all();
    const auto after = co_await fetch(client);
    EXPECT_TRUE(after) << after.error();
  });
}

// ---- the queue

TEST(ResourcesOfTheQueue, RefusesAFloodOfCallsInBoundedMemory) {
  constexpr std::size_t slices = 100;
  constexpr std::size_t slice = 1'000;
  constexpr std::size_t admitted = 64 + 1'000;
  sandbox server({.tls = false});
  server.inject({.kind = fault_kind::silent}, 0);
  client_config config = config_for(server);
  config.pool.max_connections = 64;
  config.pool.max_waiters = 1'000;
  std::size_t refused = 0;
  std::size_t cancelled = 0;
  std::size_t others = 0;
  asio::io_context io(1);
  {
    client client(io.get_executor(), config);
    std::size_t after_some = 0;
    for (std::size_t i = 0; i < slices; ++i) {
      for (std::size_t j = 0; j < slice; ++j) {
        start_fetch(client, [&](const result<integration>& got) {
          ++(!got && got.error() == errc::queue_full  ? refused
             : !got && got.error() == errc::cancelled ? cancelled
                                                      : others);
        });
      }
      io.poll();
      const std::size_t called = (i + 1) * slice;
      ASSERT_EQ(refused, called - std::min(called, admitted))
          << "those beyond the queue end at once";
      if (i == 9) after_some = ::mallinfo2().uordblks;
    }
    EXPECT_LT(::mallinfo2().uordblks, after_some + 512 * 1024)
        << "90,000 refusals leave nothing behind";
    EXPECT_EQ(client.statistics().queue_refusals, slices * slice - admitted);
  }
  io.run();
  EXPECT_EQ(cancelled, admitted);
  EXPECT_EQ(others, 0u);
}

// ---- bodies

TEST_P(Resources, ABodyBeyondTheLimitIsNotRead) {
  constexpr std::size_t limit = 64 * 1024;
  const std::string much(32 * 1024 * 1024, 'x');
  std::string chunks;
  for (int i = 0; i < 8 * 1024; ++i) chunks.append("1000\r\n").append(4096, 'x').append("\r\n");
  const std::string ok = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
  for (const std::string& response :
       {ok + "Content-Length: 33554432\r\n\r\n" + much, ok + "\r\n" + much,
        ok + "Transfer-Encoding: chunked\r\n\r\n" + chunks}) {
    bool all_sent = false;
    const scripted_server server(
        {act::read_head(), act::send(response), act::run([&] { all_sent = true; })},
        {.tls = GetParam()});
    const client_config config{.base_url = server.url(),
                               .tls = {.ca_pem = server.ca_pem()},
                               .limits = {.body_bytes = limit},
                               .retry = {.max_attempts = 1}};
    with_client(config, [&](client& client) -> awaitable<void> {
      const auto got = co_await fetch(client);
      EXPECT_EQ(got.error(), errc::body_limit) << got.error();
      EXPECT_EQ(client.statistics().open(), 0u);
    });
    ASSERT_TRUE(server.wait_for_end());
    EXPECT_FALSE(all_sent);
  }
}

TEST_P(Resources, ALengthBeyondTheLimitIsRefusedBeforeTheBodyComes) {
  const scripted_server server(
      {act::read_head(), act::send("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"),
       act::stall()},
      {.tls = GetParam()});
  const auto got = fetch_once(
      {.base_url = server.url(), .tls = {.ca_pem = server.ca_pem()}, .retry = {.max_attempts = 1}});
  EXPECT_EQ(got.error(), errc::body_limit);
}

// ---- servers that are slow to read

const std::string reply = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// More than any socket buffers.
http_request large_request() {
  http_request request = http::test::get("/");
  request.method = "POST";
  request.idempotent = false;
  request.body.assign(16 * 1024 * 1024, 'b');
  return request;
}

class SlowReader : public Resources {
 protected:
  asio::io_context io{1};
  std::promise<void> done;

  /// Holds each connection without reading until `done`.
  [[nodiscard]] act::step hold() {
    return act::run([held = done.get_future().share()] { held.wait(); });
  }
  [[nodiscard]] std::shared_ptr<transport> transport_to(const scripted_server& server) {
    return http::test::transport_for(
        io, {.base_url = server.url(), .tls = {.ca_pem = server.ca_pem()}});
  }
};
INSTANTIATE_TEST_SUITE_P(Over, SlowReader, ::testing::Bool(), upsun::test::plain_or_tls);

TEST_P(SlowReader, ABlockedWriteEndsByItsTime) {
  const scripted_server server({hold()}, {.tls = GetParam()});
  with_growing_limit(100ms, [&](std::chrono::milliseconds limit) {
    const auto wire = transport_to(server);
    auto request = large_request();
    request.attempt_timeout = limit;
    std::vector<error> ends;
    wire->async_send(std::move(request), [&](const result<http_response>& got) {
      ends.push_back(got.error());
      wire->shutdown();
    });
    io.restart();
    io.run();
    EXPECT_EQ(ends.size(), 1u);
    EXPECT_EQ(ends.at(0), errc::attempt_timeout);
    return ends.at(0).phase() == phase::write;
  });
  done.set_value();
}

TEST_P(SlowReader, ABlockedWriteIsCancelled) {
  const scripted_server server({hold()}, {.tls = GetParam()});
  const auto wire = transport_to(server);
  asio::cancellation_signal cancel;
  int ended = 0;
  wire->async_send(large_request(), asio::bind_cancellation_slot(
                                        cancel.slot(), [&](const result<http_response>& got) {
                                          EXPECT_EQ(got.error(), errc::cancelled);
                                          EXPECT_EQ(got.error().phase(), phase::write);
                                          ++ended;
                                          wire->shutdown();
                                        }));
  while (wire->statistics().leased == 0) io.run_one();
  io.poll();
  EXPECT_EQ(ended, 0);
  cancel.emit(asio::cancellation_type::total);
  io.run();
  done.set_value();
  EXPECT_EQ(ended, 1);
}

TEST_P(SlowReader, ARequestIsWrittenAsTheServerReadsIt) {
  const scripted_server server({act::read_head(), act::read_bytes(16 * 1024 * 1024),
                                act::send(reply), act::read_head(), act::send(reply)},
                               {.tls = GetParam()});
  const auto wire = transport_to(server);
  asio::co_spawn(
      io,
      [&]() -> awaitable<void> {
        auto large = large_request();
        const auto first = co_await http::test::send(*wire, std::move(large));
        EXPECT_TRUE(first) << first.error();
        auto small = http::test::get("/");
        const auto second = co_await http::test::send(*wire, std::move(small));
        EXPECT_TRUE(second) << second.error();
        EXPECT_TRUE(second && second->reused_connection);
        wire->shutdown();
      },
      asio::detached);
  io.run();
  EXPECT_NE(server.received().find("\r\n\r\n" + std::string(16 * 1024 * 1024, 'b') + "GET / "),
            std::string::npos);
}

TEST_P(SlowReader, AResponseBeforeTheRequestWasReadIsTakenAndTheConnectionIsNotUsedAgain) {
  const scripted_server server(
      {{act::send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n"), hold()},
       {act::read_head(), act::send(reply)}},
      {.tls = GetParam()});
  const auto wire = transport_to(server);
  asio::co_spawn(
      io,
      [&]() -> awaitable<void> {
        auto large = large_request();
        const auto first = co_await http::test::send(*wire, std::move(large));
        EXPECT_TRUE(first) << first.error();
        EXPECT_EQ(first ? first->status : 0, 413);
        auto small = http::test::get("/");
        const auto second = co_await http::test::send(*wire, std::move(small));
        EXPECT_TRUE(second) << second.error();
        EXPECT_FALSE(second && second->reused_connection);
        wire->shutdown();
      },
      asio::detached);
  io.run();
  done.set_value();
}

}  // namespace resources_test
}  // namespace upsun::testing
