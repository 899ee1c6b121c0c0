// A call that is ended at each point where it can wait, in each way it can be ended: it completes exactly once, and leaves nothing behind.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/detached.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "http/http_transport.hpp"
#include "http/origin.hpp"
#include "integration/harness.hpp"
#include "support/scripted_server.hpp"

namespace upsun::testing {
namespace {

/// Where a call is made to wait.
struct waiting_place {
  client_config config;
  call_options options;
  std::function<bool(const client&)> reached;  ///< Whether a call that was begun has come there.
  std::shared_ptr<void> held;                  ///< The servers that make it wait.
};

struct place {
  const char* name;
  waiting_place (*make)(asio::io_context& io);
  phase ends_in;  ///< Of the error when it is cancelled there.
};

waiting_place in_queue(asio::io_context&) {
  const auto server = std::make_shared<sandbox>();
  server->inject({.kind = fault_kind::silent}, 0);
  waiting_place made{.config = config_for(*server), .options = {}, .reached = [](const client& c) { return c.statistics().waiting == 1; }, .held = server};
  made.config.pool.max_connections = 1;
  return made;
}

waiting_place in_resolve(asio::io_context& io) {
  waiting_place made;
  const auto asked = std::make_shared<bool>(false);
  made.config.base_url = "https://a-name.test";
  made.config.retry.max_attempts = 1;
  http::origin where;
  (void)http::parse_origin(made.config.base_url, where);
  made.config.transport =
      http::make_transport(io.get_executor(), made.config, where, [asked](const std::string&, const http::lookup_handler&) { *asked = true; });
  made.reached = [asked](const client&) { return *asked; };
  return made;
}

/// A listener whose queue is full, so that connecting to it never ends.
class full_listener {
 public:
  full_listener() {
    sockaddr_in address{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listener_, 0), 0);
    socklen_t size = sizeof address;
    EXPECT_EQ(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port = ntohs(address.sin_port);
    for (int& filler : fillers_) {
      filler = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      (void)::connect(filler, reinterpret_cast<sockaddr*>(&address), sizeof address);
    }
  }
  full_listener(const full_listener&) = delete;
  full_listener& operator=(const full_listener&) = delete;
  ~full_listener() {
    for (const int filler : fillers_) ::close(filler);
    ::close(listener_);
  }
  std::uint16_t port = 0;

 private:
  int listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int fillers_[4] = {-1, -1, -1, -1};
};

waiting_place in_connect(asio::io_context&) {
  const auto listener = std::make_shared<full_listener>();
  waiting_place made{.config = {}, .options = {}, .reached = [](const client& c) { return c.statistics().dialling == 1; }, .held = listener};
  made.config.base_url = "https://127.0.0.1:" + std::to_string(listener->port);
  made.config.retry.max_attempts = 1;
  return made;
}

waiting_place in_handshake(asio::io_context&) {
  const auto server = std::make_shared<sandbox>();
  server->inject({.kind = fault_kind::silent_accept}, 0);
  return {.config = config_for(*server), .options = {}, .reached = [server](const client&) { return server->statistics().connections == 1; }, .held = server};
}

waiting_place in_write(asio::io_context&) {
  const auto server = std::make_shared<test::scripted_server>(test::script{test::stall()});
  waiting_place made{.config = {}, .options = {}, .reached = [](const client& c) { return c.statistics().leased == 1; }, .held = server};
  made.config.base_url = server->url();
  made.config.retry.max_attempts = 1;
  made.options.header("X-More-Than-Sockets-Hold", std::string(std::size_t{16} << 20U, 'x'));
  return made;
}

waiting_place in_read(asio::io_context&) {
  const auto server = std::make_shared<sandbox>();
  server->inject({.kind = fault_kind::silent}, 0);
  return {.config = config_for(*server), .options = {}, .reached = [server](const client&) { return server->statistics().requests == 1; }, .held = server};
}

waiting_place in_body(asio::io_context&) {
  const auto server =
      std::make_shared<test::scripted_server>(test::script{test::read_head(), test::send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"), test::stall()});
  waiting_place made{.config = {}, .options = {}, .reached = nullptr, .held = server};
  made.config.base_url = server->url();
  made.config.retry.max_attempts = 1;
  // Nothing tells from outside that the first bytes were taken in; the body's phase does, in the error.
  made.reached = [server, turns = std::make_shared<int>(0)](const client& c) {
    return c.statistics().leased == 1 && server->received().size() > 4 && ++*turns > 100;
  };
  return made;
}

waiting_place in_backoff(asio::io_context&) {
  const auto server = std::make_shared<sandbox>();
  server->inject({.kind = fault_kind::status, .status = 429, .headers = {{"Retry-After", "5"}}}, 0);
  waiting_place made{.config = config_for(*server),
                     .options = {},
                     .reached = [server](const client& c) { return server->statistics().requests == 1 && c.statistics().idle == 1; },
                     .held = server};
  made.config.retry.max_attempts = 3;
  return made;
}

const place places[] = {
    {"Queue", in_queue, phase::queue},       {"Resolve", in_resolve, phase::resolve},
    {"Connect", in_connect, phase::connect}, {"Handshake", in_handshake, phase::handshake},
    {"Write", in_write, phase::write},       {"ReadHead", in_read, phase::read_head},
    {"ReadBody", in_body, phase::read_body}, {"Backoff", in_backoff, phase::backoff},
};

class Suspension : public ::testing::TestWithParam<place> {
 protected:
  /// Begins the call, and whoever it has to wait for, and returns when it waits.
  void begin(call_options options) {
    call_and_count(options, slot_.slot());
    if (std::string(GetParam().name) == "Queue") {  // the first has the connection, the second waits
      call_and_count(options, second_.slot());
      ++expected_;
    }
    while (ends_.empty() && !here_.reached(*client_)) io_.poll_one();
    for (int i = 0; i < 50; ++i) io_.poll_one();
  }
  void call_and_count(const call_options& options, asio::cancellation_slot slot) {
    client_->async_get_integration(project(), integration_number(0), options, asio::bind_cancellation_slot(slot, [this](const result<integration>& got) {
                                     ends_.push_back(got ? error() : got.error());
                                   }));
  }
  void run_to_end() {
    io_.restart();
    io_.run();
    ASSERT_EQ(ends_.size(), expected_);
  }

  asio::io_context io_;
  waiting_place here_ = GetParam().make(io_);
  std::optional<client> client_{std::in_place, io_.get_executor(), here_.config};
  asio::cancellation_signal slot_;
  asio::cancellation_signal second_;
  std::vector<error> ends_;
  std::size_t expected_ = 1;
};

TEST_P(Suspension, EndsOnceWhenCancelled) {
  begin(here_.options);
  ASSERT_TRUE(ends_.empty()) << ends_.front();
  const bool queued = expected_ == 2;
  (queued ? second_ : slot_).emit(asio::cancellation_type::total);
  EXPECT_TRUE(ends_.empty()) << "a handler is never called from within a cancellation";
  while (ends_.empty()) io_.run_one();
  EXPECT_EQ(ends_[0], errc::cancelled);
  if (!queued) {
    EXPECT_EQ(ends_[0].phase(), GetParam().ends_in);
  }
  EXPECT_EQ(client_->statistics().waiting, 0u);
  EXPECT_EQ(client_->statistics().leased, queued ? 1u : 0u) << "its neighbour was left alone";
  client_.reset();
  run_to_end();
}

TEST_P(Suspension, EndsOnceWhenTheClientIsDestroyed) {
  begin(here_.options);
  client_.reset();
  EXPECT_TRUE(ends_.empty());
  run_to_end();
  for (const error& end : ends_) EXPECT_EQ(end, errc::cancelled);
}

TEST_P(Suspension, EndsOnceWhenTheClientIsClosed) {
  begin(here_.options);
  std::size_t ended_before_close = 0;
  close_report closed;
  client_->async_close(0ms, [&](const result<close_report>& report) {
    ended_before_close = ends_.size();
    closed = *report;
  });
  run_to_end();
  EXPECT_EQ(ended_before_close, expected_);
  EXPECT_EQ(closed.cancelled, expected_);
  for (const error& end : ends_) EXPECT_EQ(end, errc::cancelled);
}

class SuspensionOverDeadlines : public Suspension {};

TEST_P(SuspensionOverDeadlines, EndOnce) {
  const auto begun = std::chrono::steady_clock::now();
  begin(here_.options.timeout(300ms));
  while (ends_.size() < expected_) io_.run_one();
  EXPECT_GE(std::chrono::steady_clock::now() - begun, 300ms);
  for (const error& end : ends_) EXPECT_EQ(end, errc::deadline_exceeded);
  EXPECT_EQ(client_->statistics().leased, 0u);
  client_.reset();
  run_to_end();
}

TEST_P(SuspensionOverDeadlines, EndOnceWhenTheContextWasStoppedMeanwhile) {
  begin(here_.options.timeout(300ms));
  io_.stop();
  EXPECT_EQ(io_.run(), 0u);
  io_.restart();
  while (ends_.size() < expected_) io_.run_one();
  for (const error& end : ends_) EXPECT_EQ(end, errc::deadline_exceeded);
  client_.reset();
  run_to_end();
}

// In a backoff there is no deadline to meet: a wait that would not fit it is not begun.
INSTANTIATE_TEST_SUITE_P(At, SuspensionOverDeadlines, ::testing::ValuesIn(std::begin(places), std::end(places) - 1),
                         [](const auto& which) { return which.param.name; });
INSTANTIATE_TEST_SUITE_P(At, Suspension, ::testing::ValuesIn(places), [](const auto& which) { return which.param.name; });

// A coroutine that owns its client and is suspended in a call, on a context that goes away: a circle, unless the client breaks it.
class SuspensionOfAContext : public ::testing::TestWithParam<place> {};

TEST_P(SuspensionOfAContext, LeavesNothingBehind) {
  const auto witness = std::make_shared<int>();
  {
    asio::io_context io;
    waiting_place here = GetParam().make(io);
    auto one = std::make_shared<client>(io.get_executor(), here.config);
    const std::weak_ptr<client> seen = one;
    if (std::string(GetParam().name) == "Queue") {
      one->async_get_integration(project(), integration_number(0), here.options, [witness](const result<integration>&) { ADD_FAILURE(); });
    }
    asio::co_spawn(
        io,
        [held = witness, options = here.options, mine = std::move(one)]() -> asio::awaitable<void> {
          (void)co_await mine->async_get_integration(project(), integration_number(0), options);
          ADD_FAILURE() << "its context is gone";
        },
        asio::detached);
    while (!here.reached(*seen.lock())) io.poll_one();
    for (int i = 0; i < 50; ++i) io.poll_one();
    here.config.transport.reset();
    EXPECT_GT(witness.use_count(), 1);
  }
  EXPECT_EQ(witness.use_count(), 1);
}

INSTANTIATE_TEST_SUITE_P(At, SuspensionOfAContext, ::testing::ValuesIn(places), [](const auto& which) { return which.param.name; });

}  // namespace
}  // namespace upsun::testing
