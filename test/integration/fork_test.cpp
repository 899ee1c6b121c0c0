// What a forked child does to its parent's client: nothing.

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>

#include <upsun/model/kinds.hpp>

#include "http/pool/http_transport.hpp"
#include "integration/harness.hpp"
#include "support/responses.hpp"
#include "support/scripted_server.hpp"

namespace upsun::testing {
namespace fork_test {

using test::json_response;
using test::scripted_server;
namespace act = upsun::test;

const std::string change = R"({"status":"updated","code":200,"_embedded":{"activities":[]}})";

struct counting_observer final : observer {
  void on_attempt(const attempt_event&) noexcept override { ++events; }
  int events = 0;
};

/// A place where the server waits for the test.
class gate {
 public:
  /// The server's side. Once: another connection passes at once.
  void pass() {
    if (used_.exchange(true)) return;
    reached_.set_value();
    opened_.get_future().wait();
  }
  [[nodiscard]] bool reached() const { return arrival_.wait_for(0s) == std::future_status::ready; }
  void open() { opened_.set_value(); }

 private:
  std::atomic<bool> used_{false};
  std::promise<void> reached_;
  std::promise<void> opened_;
  std::future<void> arrival_ = reached_.get_future();
};

/// Destroyed after the client: a search for leaks, which would follow, does not know what belongs
/// to the parent's other threads.
struct end_of_child {
  bool here = false;
  ~end_of_child() {
    if (here) ::_exit(0);
  }
} after_the_client;

/// What a program has in static storage: `exit` destroys it.
struct process_wide {
  asio::io_context io{1};
  std::optional<client> user;
};
std::unique_ptr<process_wide> everything;

/// What the child finds open, of what the client has opened.
int open_descriptors(std::uint16_t server) {
  int open = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    const int fd = std::stoi(entry.path().filename().string());
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    const auto* ip = reinterpret_cast<const sockaddr_in*>(&peer);
    if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) == 0 &&
        peer.ss_family == AF_INET && ntohs(ip->sin_port) == server)
      ++open;
    std::error_code gone;
    open +=
        std::filesystem::read_symlink(entry, gone).string().find("eventpoll") != std::string::npos
            ? 1
            : 0;
  }
  return open;
}

/// Whether nothing stands in the connections that the server has accepted, neither bytes nor an
/// end. It is in this process, and waits at a gate.
bool nothing_has_come(const scripted_server& server) {
  bool nothing = true;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    const int fd = std::stoi(entry.path().filename().string());
    sockaddr_in own{};
    sockaddr_in peer{};
    socklen_t size = sizeof own;
    socklen_t peer_size = sizeof peer;
    char byte = 0;
    if (::getsockname(fd, reinterpret_cast<sockaddr*>(&own), &size) == 0 &&
        own.sin_family == AF_INET && ntohs(own.sin_port) == server.port() &&
        ::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &peer_size) == 0)
      nothing = nothing && ::recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0;
  }
  return nothing;
}

class Fork : public ::testing::TestWithParam<bool> {
 protected:
  Fork() {
    everything = std::make_unique<process_wide>();
    asio::steady_timer(io()).cancel();  // Asio has its own descriptors from now on
    before_ = open_descriptors(0);
  }
  ~Fork() override { everything.reset(); }

  static asio::io_context& io() { return everything->io; }
  static client& user() { return *everything->user; }

  [[nodiscard]] test::scripted_options over(std::function<void()> on_accepted = {}) const {
    return {.tls = GetParam(), .on_accepted = std::move(on_accepted)};
  }
  static client_config config_for(const scripted_server& server) {
    return prepared({.base_url = server.url(),
                     .credentials = bearer_token("planted-secret"),
                     .tls = {.ca_pem = server.ca_pem()},
                     .retry = {.max_attempts = 1}});
  }
  static void make_client(client_config config) {
    everything->user.emplace(io(), std::move(config));
  }

  /// Runs the context on this thread.
  template <class Condition>
  static bool run_until(Condition holds) {
    const auto limit = std::chrono::steady_clock::now() + 60s;
    while (!holds() && std::chrono::steady_clock::now() < limit) {
      io().restart();
      io().run_one_for(10ms);
    }
    return holds();
  }
  /// Whether a fetch over the parent's client goes well.
  static bool fetches() {
    std::optional<result<integration>> got;
    start_fetch(user(), [&](result<integration> outcome) { got.emplace(std::move(outcome)); });
    return run_until([&] { return got.has_value(); }) && *got;
  }
  template <class Body>
  static void fork_and_wait(Body body) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(body());
    int status = -1;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0) << "the child says so";
  }
  /// The ways in which a child can end what it has inherited, each in a child of its own.
  template <class Also>
  void let_children_end(const scripted_server& server, Also also) {
    fork_and_wait([] { return 0; });
    fork_and_wait([&] {
      also();
      everything->user.reset();
      return open_descriptors(server.port()) - before_;
    });
    fork_and_wait([&]() -> int {
      also();
      after_the_client.here = true;
      std::exit(0);
    });
    fork_and_wait([&] {
      also();
      everything.reset();
      return 0;
    });
    for (const bool destroys : {true, false}) {
      io().notify_fork(asio::io_context::fork_prepare);
      fork_and_wait([&] {
        io().notify_fork(asio::io_context::fork_child);
        if (destroys) everything->user.reset();
        if (open_descriptors(server.port()) != before_) return 1;
        also();
        io().restart();
        io().run();  // comes to an end
        return 0;
      });
      io().notify_fork(asio::io_context::fork_parent);
    }
  }
  void let_children_end(const scripted_server& server) {
    let_children_end(server, [] {});
  }

 private:
  int before_ = 0;
};
INSTANTIATE_TEST_SUITE_P(Over, Fork, ::testing::Bool(), upsun::test::plain_or_tls);

TEST_P(Fork, LeavesACallUnderWayAlone) {
  gate before_the_response;
  const scripted_server server(
      {act::read_head(), act::run([&] { before_the_response.pass(); }),
       act::send(json_response({}, change)), act::read_head(), act::send(json_response())},
      over());
  make_client(config_for(server));
  std::optional<result<accepted_change>> changed;
  user().async_update_integration(
      {project(), integration_number(0)}, slack_patch().channel("#new"),
      [&](result<accepted_change> outcome) { changed.emplace(std::move(outcome)); });
  ASSERT_TRUE(run_until([&] { return before_the_response.reached(); }));

  let_children_end(server);
  EXPECT_TRUE(nothing_has_come(server));
  before_the_response.open();
  ASSERT_TRUE(run_until([&] { return changed.has_value(); }));
  EXPECT_TRUE(*changed) << changed->error();
  EXPECT_TRUE(fetches()) << "the connection is as good as before";
  EXPECT_EQ(server.connections(), 1U);
}

TEST_P(Fork, CompletesAnInheritedCallOnlyInAContextThatWasNotified) {
  gate before_the_response;
  const scripted_server server(
      {act::read_head(), act::run([&] { before_the_response.pass(); }), act::send(json_response())},
      over());
  const auto watch = std::make_shared<counting_observer>();
  client_config config = config_for(server);
  config.observer = watch;
  make_client(std::move(config));
  std::optional<result<integration>> got;
  start_fetch(user(), [&](result<integration> outcome) { got.emplace(std::move(outcome)); });
  ASSERT_TRUE(run_until([&] { return before_the_response.reached(); }));

  fork_and_wait([&] {
    const int before = watch->events;
    everything->user.reset();
    if (watch->events != before) return 1;
    everything.reset();
    return got ? 2 : 0;
  });
  io().notify_fork(asio::io_context::fork_prepare);
  fork_and_wait([&] {
    io().notify_fork(asio::io_context::fork_child);
    std::optional<result<integration>> late;
    start_fetch(user(), [&](result<integration> outcome) { late.emplace(std::move(outcome)); });
    io().restart();
    io().run();
    if (!got || got->error() != errc::cancelled) return 1;
    return late && late->error() == errc::client_closed ? 0 : 2;
  });
  io().notify_fork(asio::io_context::fork_parent);
  EXPECT_FALSE(got);
  before_the_response.open();
  ASSERT_TRUE(run_until([&] { return got.has_value(); }));
  EXPECT_TRUE(*got) << got->error();
}

TEST_P(Fork, LetsTheChildMakeAClientOfItsOwnOnTheSameContext) {
  gate before_the_response;
  const scripted_server server({{act::read_head(), act::run([&] { before_the_response.pass(); }),
                                 act::send(json_response())},
                                {act::read_head(), act::send(json_response())}},
                               over());
  make_client(config_for(server));
  std::optional<result<integration>> got;
  start_fetch(user(), [&](result<integration> outcome) { got.emplace(std::move(outcome)); });
  ASSERT_TRUE(run_until([&] { return before_the_response.reached(); }));

  io().notify_fork(asio::io_context::fork_prepare);
  fork_and_wait([&] {
    io().notify_fork(asio::io_context::fork_child);
    make_client(config_for(server));
    return fetches() ? 0 : 1;
  });
  io().notify_fork(asio::io_context::fork_parent);
  before_the_response.open();
  ASSERT_TRUE(run_until([&] { return got.has_value(); }));
  EXPECT_TRUE(*got) << got->error();
}

TEST_P(Fork, LeavesIdleConnectionsAloneAndClientsThatHaveNone) {
  const scripted_server server(
      {act::read_head(), act::send(json_response()), act::read_head(), act::send(json_response())},
      over());
  make_client(config_for(server));
  let_children_end(server);
  EXPECT_TRUE(fetches());
  let_children_end(server);
  EXPECT_TRUE(fetches());
  EXPECT_EQ(server.connections(), 1U);
}

TEST_P(Fork, LeavesADialAlone) {
  gate before_the_handshake;
  const scripted_server server({act::read_head(), act::send(json_response())},
                               over([&] { before_the_handshake.pass(); }));
  make_client(config_for(server));
  std::optional<result<integration>> got;
  start_fetch(user(), [&](result<integration> outcome) { got.emplace(std::move(outcome)); });
  ASSERT_TRUE(run_until([&] { return before_the_handshake.reached(); }));
  let_children_end(server);
  before_the_handshake.open();
  ASSERT_TRUE(run_until([&] { return got.has_value(); }));
  EXPECT_TRUE(*got) << got->error();
}

TEST_P(Fork, LeavesATokenExchangeAlone) {
  gate before_the_token;
  const std::string token = R"({"access_token":"planted-secret","expires_in":900})";
  const scripted_server server({{act::read_head(), act::run([&] { before_the_token.pass(); }),
                                 act::send(json_response({}, token)), act::stall()},
                                {act::read_head(), act::send(json_response())}},
                               over());
  client_config config = config_for(server);
  config.credentials = api_token("planted-secret", server.url());
  make_client(std::move(config));
  std::optional<result<integration>> got;
  start_fetch(user(), [&](result<integration> outcome) { got.emplace(std::move(outcome)); });
  ASSERT_TRUE(run_until([&] { return before_the_token.reached(); }));
  let_children_end(server);
  EXPECT_TRUE(nothing_has_come(server));
  before_the_token.open();
  ASSERT_TRUE(run_until([&] { return got.has_value(); }));
  EXPECT_TRUE(*got) << got->error();
}

TEST_P(Fork, LeavesAStreamAlone) {
  gate amid_the_body;
  const scripted_server server(
      {act::read_head(), act::send("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf"),
       act::run([&] { amid_the_body.pass(); }), act::send("half")},
      over());
  client_config config = config_for(server);
  config.http.version = http_version::http1;  // a connection of its own
  auto network = http::make_transport(io().get_executor(), config::make_settings(config).network);
  http_request request;
  request.target = "/log";
  request.deadline = std::chrono::steady_clock::now() + 60s;
  std::optional<result<streamed_response>> opened;
  network->async_open_stream(std::move(request), 0ms, [&](result<streamed_response> outcome) {
    opened.emplace(std::move(outcome));
  });
  ASSERT_TRUE(run_until([&] { return opened.has_value(); }));
  ASSERT_TRUE(*opened) << opened->error();
  std::string body;
  const auto read = [&] {
    std::optional<result<std::string>> piece;
    (*opened)->body->async_read(
        [&](result<std::string> outcome) { piece.emplace(std::move(outcome)); });
    EXPECT_TRUE(run_until([&] { return piece.has_value(); }));
    body += *piece ? **piece : "failed";
  };
  read();
  fork_and_wait([&] {
    opened.reset();  // only the stream
    return 0;
  });
  std::optional<result<std::string>> rest;
  (*opened)->body->async_read([&](result<std::string> outcome) { rest.emplace(outcome); });
  ASSERT_TRUE(run_until([&] { return amid_the_body.reached(); }));
  io().poll();

  let_children_end(server, [&] {
    network->shutdown();
    network.reset();
    opened.reset();
  });
  EXPECT_TRUE(nothing_has_come(server));
  amid_the_body.open();
  ASSERT_TRUE(run_until([&] { return rest.has_value(); }));
  EXPECT_EQ(body + (*rest ? **rest : "failed"), "halfhalf");
  network->shutdown();
}

TEST_P(Fork, LeavesTheTimersOfTheParentAlone) {
  const scripted_server server({act::read_head(), act::stall()}, over());
  make_client(config_for(server));
  with_growing_limit(200ms, [&](std::chrono::milliseconds limit) {
    bool before_the_end = true;
    std::optional<result<integration>> got;
    user().async_get_integration(
        {project(), integration_number(0)}, call_options().timeout(limit),
        [&](result<integration> outcome) { got.emplace(std::move(outcome)); });
    run_until([&] { return got || !server.received().empty(); });
    before_the_end = !got;
    let_children_end(server);
    EXPECT_TRUE(run_until([&] { return got.has_value(); }));
    EXPECT_EQ(got->error(), errc::deadline_exceeded);
    return before_the_end;
  });
}

}  // namespace fork_test
}  // namespace upsun::testing
