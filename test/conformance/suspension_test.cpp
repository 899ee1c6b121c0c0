// A call that is ended at each point where it can wait, in each way it can be ended: it completes
// exactly once, leaves nothing behind, and its neighbours alone.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "http/pool/http_transport.hpp"
#include "integration/harness.hpp"
#include "support/scripted_server.hpp"
#include "util/origin.hpp"

namespace upsun::testing {
namespace suspension_test {

// Over HTTP/1.1, where each call dials. http2_suspension_test.cpp has HTTP/2, and the first dial
// that tells which of them a host speaks.

/// Where a call is made to wait.
struct waiting_place {
  client_config config{};
  call_options options{};
  /// Whether the calls that were begun have come there, all of them.
  std::function<bool(const client&, std::size_t calls)> reached{};
  std::shared_ptr<void> held{};  ///< The server that makes them wait.
};

struct place {
  const char* name;
  waiting_place (*make)(asio::io_context& io);
  phase ends_in;  ///< Of the error when it is cancelled there.
};

/// A sandbox that treats every call so.
std::shared_ptr<sandbox> sandbox_with(const fault& each) {
  const auto server = std::make_shared<sandbox>();
  server->inject(each, 0);
  return server;
}

waiting_place in_queue(asio::io_context&) {
  const auto server = sandbox_with({.kind = fault_kind::silent});
  waiting_place made{.config = config_for(*server), .held = server};
  made.config.pool.max_connections = 1;
  made.reached = [](const client& c, std::size_t calls) {
    return c.statistics().waiting == calls - 1;  // the first has the connection
  };
  return made;
}

waiting_place in_resolve(asio::io_context& io) {
  waiting_place made;
  const auto asked = std::make_shared<bool>(false);
  made.config.base_url = "https://a-name.test";
  made.config.http.version = http_version::http1;
  made.config.retry.max_attempts = 1;
  made.config.transport = http::make_transport(
      io.get_executor(), config::make_settings(made.config).network,
      [asked](const std::string&, const http::lookup_handler&) { *asked = true; });
  made.reached = [asked](const client& c, std::size_t calls) {
    return *asked && c.statistics().dialling == calls;
  };
  return made;
}

/// A listener that never accepts. With a backlog of zero, connecting to it never ends; else nobody
/// reads what is written.
class deaf_listener {
 public:
  explicit deaf_listener(int backlog) {
    const int little = 4096;
    EXPECT_EQ(::setsockopt(listener_, SOL_SOCKET, SO_RCVBUF, &little, sizeof little), 0);
    sockaddr_in address{
        .sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listener_, backlog), 0);
    socklen_t size = sizeof address;
    EXPECT_EQ(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port = ntohs(address.sin_port);
    if (backlog > 0) return;
    for (int& filler : fillers_) {
      filler = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      (void)::connect(filler, reinterpret_cast<sockaddr*>(&address), sizeof address);
    }
  }
  deaf_listener(const deaf_listener&) = delete;
  deaf_listener& operator=(const deaf_listener&) = delete;
  ~deaf_listener() {
    for (const int filler : fillers_) {
      if (filler >= 0) ::close(filler);
    }
    ::close(listener_);
  }
  std::uint16_t port = 0;

 private:
  int listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int fillers_[4] = {-1, -1, -1, -1};
};

waiting_place in_connect(asio::io_context&) {
  const auto listener = std::make_shared<deaf_listener>(0);
  waiting_place made{.held = listener};
  made.config.base_url = "https://127.0.0.1:" + std::to_string(listener->port);
  made.config.http.version = http_version::http1;
  made.config.retry.max_attempts = 1;
  made.reached = [](const client& c, std::size_t calls) {
    return c.statistics().dialling == calls;
  };
  return made;
}

waiting_place in_handshake(asio::io_context&) {
  const auto server = sandbox_with({.kind = fault_kind::silent_accept});
  waiting_place made{.config = config_for(*server), .held = server};
  made.config.http.version = http_version::http1;
  made.reached = [server](const client&, std::size_t calls) {
    return server->statistics().connections == calls;
  };
  return made;
}

waiting_place in_token(asio::io_context&) {
  const auto server = sandbox_with({.kind = fault_kind::silent});
  waiting_place made{.config = config_for(*server), .held = server};
  made.config.credentials = api_token(server->api_token(), server->url());
  made.reached = [server](const client& c, std::size_t calls) {
    return server->statistics().requests == 1 && c.statistics().in_flight == calls;
  };
  return made;
}

/// A function of the user's that never gives a token, and can be cancelled.
waiting_place in_token_source(asio::io_context&) {
  waiting_place made;
  const auto asked = std::make_shared<bool>(false);
  made.config.base_url = "https://a-name.test";
  made.config.credentials = token_source([asked]() -> asio::awaitable<result<access_token>> {
    *asked = true;
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer never(executor, 24h);
    co_await never.async_wait(asio::use_awaitable);
    co_return errc::cancelled;
  });
  made.reached = [asked](const client& c, std::size_t calls) {
    return *asked && c.statistics().in_flight == calls;
  };
  return made;
}

waiting_place in_write(asio::io_context&) {
  const auto listener = std::make_shared<deaf_listener>(16);
  waiting_place made{.held = listener};
  made.config.base_url = "http://127.0.0.1:" + std::to_string(listener->port);
  made.config.retry.max_attempts = 1;
  made.options.header("X-More-Than-Sockets-Hold",
                      std::string(std::size_t{5} << 20U, 'x'));  // Linux lets them grow to 4 MiB
  made.reached = [](const client& c, std::size_t calls) { return c.statistics().leased == calls; };
  return made;
}

waiting_place in_read(asio::io_context&) {
  const auto server = sandbox_with({.kind = fault_kind::silent});
  waiting_place made{.config = config_for(*server), .held = server};
  made.reached = [server](const client&, std::size_t calls) {
    return server->statistics().requests == calls;
  };
  return made;
}

waiting_place in_body(asio::io_context&) {
  const auto sent = std::make_shared<std::atomic<std::size_t>>(0);
  const auto server = std::make_shared<test::scripted_server>(
      test::script{test::read_head(), test::send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"),
                   test::run([sent] { ++*sent; }), test::stall()});
  waiting_place made{.held = server};
  made.config.base_url = server->url();
  made.config.retry.max_attempts = 1;
  made.reached = [sent](const client&, std::size_t calls) { return *sent == calls; };
  return made;
}

waiting_place in_backoff(asio::io_context&) {
  const auto server =
      sandbox_with({.kind = fault_kind::status, .status = 429, .headers = {{"Retry-After", "5"}}});
  waiting_place made{.config = config_for(*server), .held = server};
  made.config.retry.max_attempts = 3;
  made.reached = [server](const client& c, std::size_t calls) {
    return server->statistics().requests == calls && c.statistics().idle == calls;
  };
  return made;
}

const place places[] = {
    {"Queue", in_queue, phase::queue},       {"Resolve", in_resolve, phase::resolve},
    {"Connect", in_connect, phase::connect}, {"Handshake", in_handshake, phase::handshake},
    {"Token", in_token, phase::token},       {"TokenSource", in_token_source, phase::token},
    {"Write", in_write, phase::write},       {"ReadHead", in_read, phase::read_head},
    {"ReadBody", in_body, phase::read_body}, {"Backoff", in_backoff, phase::backoff},
};

/// Three calls that wait at the same place, of which the one in the middle is the one that is ended
/// alone.
class Suspension : public ::testing::TestWithParam<place> {
 protected:
  static constexpr std::size_t calls = 3;
  static constexpr std::size_t chosen = 1;

  /// Begins the calls, and returns when they wait. \return false when one has ended before.
  [[nodiscard]] bool begin() { return begin(here_.options, here_.options); }
  [[nodiscard]] bool begin(const call_options& first, const call_options& others) {
    for (std::size_t i = 0; i < calls; ++i) {
      client_->async_get_integration(
          {project(), integration_number(0)}, i == 0 ? first : others,
          asio::bind_cancellation_slot(cancel_[i].slot(),
                                       [this, i](const result<integration>& got) {
                                         ends_[i].push_back(got ? error() : got.error());
                                       }));
    }
    while (ended() == 0 && !here_.reached(*client_, calls)) io_.poll_one();
    settle();
    return ended() == 0;
  }
  void settle() {
    for (int i = 0; i < 50; ++i) io_.poll_one();
  }
  [[nodiscard]] std::size_t ended() const {
    std::size_t count = 0;
    for (const auto& ends : ends_) count += ends.size();
    return count;
  }
  /// Nothing is left to be done, and each call has ended once: the first in `first`, the others in
  /// `others`.
  void expect_each_ends_once_in(errc first, errc others) {
    io_.restart();
    io_.run();
    for (std::size_t i = 0; i < calls; ++i) {
      ASSERT_EQ(ends_[i].size(), 1u) << "call " << i;
      EXPECT_EQ(ends_[i][0], i == 0 ? first : others) << "call " << i;
    }
  }
  void expect_each_ends_once_in(errc code) { expect_each_ends_once_in(code, code); }

  asio::io_context io_;
  waiting_place here_ = GetParam().make(io_);
  std::optional<client> client_{std::in_place, io_.get_executor(), prepared(here_.config)};
  std::array<asio::cancellation_signal, calls> cancel_;
  std::array<std::vector<error>, calls> ends_;
};

TEST_P(Suspension, EndsOnceWhenCancelled) {
  ASSERT_TRUE(begin());
  const client_statistics before = client_->statistics();
  for (int twice = 0; twice < 2; ++twice) cancel_[chosen].emit(asio::cancellation_type::total);
  EXPECT_EQ(ended(), 0u) << "a handler is never called from within a cancellation";
  while (ended() == 0) io_.run_one();
  ASSERT_EQ(ends_[chosen].size(), 1u);
  EXPECT_EQ(ends_[chosen][0], errc::cancelled);
  EXPECT_EQ(ends_[chosen][0].phase(), GetParam().ends_in);
  settle();
  EXPECT_EQ(ended(), 1u) << "its neighbours were left alone";
  const client_statistics after = client_->statistics();
  EXPECT_EQ(after.in_flight, calls - 1);
  EXPECT_EQ(after.waiting, before.waiting == 0 ? 0 : before.waiting - 1);
  EXPECT_EQ(after.leased, before.leased < calls ? before.leased : calls - 1)
      << "a connection in use, if it had one, went with it";
  EXPECT_EQ(after.idle, before.idle);
  client_.reset();
  expect_each_ends_once_in(errc::cancelled);
}

TEST_P(Suspension, EndsOnceWhenTheClientIsDestroyed) {
  ASSERT_TRUE(begin());
  client_.reset();
  EXPECT_EQ(ended(), 0u);
  expect_each_ends_once_in(errc::cancelled);
}

TEST_P(Suspension, EndsOnceWhenTheClientIsClosed) {
  ASSERT_TRUE(begin());
  std::size_t ended_before_close = 0;
  close_report closed;
  client_->async_close(0ms, [&](const result<close_report>& report) {
    ended_before_close = ended();
    closed = *report;
  });
  expect_each_ends_once_in(errc::cancelled);
  EXPECT_EQ(ended_before_close, calls);
  EXPECT_EQ(closed.cancelled, calls);
}

/// The first call has no deadline to meet, and is cancelled in the end: where the others queue for
/// its connection, its own deadline would free that for them, and they would leave the queue before
/// theirs on a machine that is slow enough.
class SuspensionOverDeadlines : public Suspension {
 protected:
  static constexpr std::size_t with_deadline = calls - 1;

  /// Begins with a deadline that leaves the time to come there, on whatever machine.
  std::chrono::milliseconds begin_with_deadline() {
    for (std::chrono::milliseconds deadline = 200ms;; deadline *= 2) {
      if (begin(here_.options, call_options(here_.options).timeout(deadline))) return deadline;
      run_to_deadlines();
      client_.reset();
      expect_each_ends_once_in(errc::cancelled, errc::deadline_exceeded);
      for (auto& ends : ends_) ends.clear();
      here_ = GetParam().make(io_);
      io_.restart();
      client_.emplace(io_.get_executor(), prepared(here_.config));
    }
  }
  void run_to_deadlines() {
    while (ended() < with_deadline) io_.run_one();
  }
};

TEST_P(SuspensionOverDeadlines, EndOnce) {
  const auto begun = std::chrono::steady_clock::now();
  const auto deadline = begin_with_deadline();
  const std::size_t leased = client_->statistics().leased;
  run_to_deadlines();
  EXPECT_GE(std::chrono::steady_clock::now() - begun, deadline);
  EXPECT_EQ(client_->statistics().leased, leased == 0 ? 0u : 1u)
      << "a connection in use, if it had one, went with its call";
  EXPECT_EQ(ends_[chosen][0].phase(), GetParam().ends_in);
  client_.reset();
  expect_each_ends_once_in(errc::cancelled, errc::deadline_exceeded);
}

TEST_P(SuspensionOverDeadlines, EndOnceWhenTheContextWasStoppedMeanwhile) {
  begin_with_deadline();
  io_.stop();
  EXPECT_EQ(io_.run(), 0u);
  io_.restart();
  run_to_deadlines();
  client_.reset();
  expect_each_ends_once_in(errc::cancelled, errc::deadline_exceeded);
}

// In a backoff there is no deadline to meet: a wait that would not fit it is not begun.
INSTANTIATE_TEST_SUITE_P(At, SuspensionOverDeadlines,
                         ::testing::ValuesIn(std::begin(places), std::end(places) - 1),
                         [](const auto& which) { return which.param.name; });
INSTANTIATE_TEST_SUITE_P(At, Suspension, ::testing::ValuesIn(places),
                         [](const auto& which) { return which.param.name; });

// A coroutine that owns its client and is suspended in a call, on a context that goes away: a
// circle, unless the client breaks it.
class SuspensionOfAContext : public ::testing::TestWithParam<place> {};

TEST_P(SuspensionOfAContext, LeavesNothingBehind) {
  const auto witness = std::make_shared<int>();
  {
    asio::io_context io;
    waiting_place here = GetParam().make(io);
    auto one = std::make_shared<client>(io.get_executor(), prepared(here.config));
    const std::weak_ptr<client> seen = one;
    const bool queued = GetParam().ends_in == phase::queue;
    if (queued) start_fetch(*one, [witness](const result<integration>&) { ADD_FAILURE(); });
    asio::co_spawn(
        io,
        [held = witness, options = here.options, mine = std::move(one)]() -> asio::awaitable<void> {
          (void)co_await fetch(*mine, options);
          ADD_FAILURE() << "its context is gone";
        },
        asio::detached);
    while (!here.reached(*seen.lock(), queued ? 2 : 1)) io.poll_one();
    for (int i = 0; i < 50; ++i) io.poll_one();
    here.config.transport.reset();
    EXPECT_GT(witness.use_count(), 1);
  }
  EXPECT_EQ(witness.use_count(), 1);
}

INSTANTIATE_TEST_SUITE_P(At, SuspensionOfAContext, ::testing::ValuesIn(places),
                         [](const auto& which) { return which.param.name; });

}  // namespace suspension_test
}  // namespace upsun::testing
