// A call over HTTP/2 that is ended at each point where it can wait, in each way it can be ended: it
// completes exactly once, and the calls beside it have their own documents over the same
// connection.
#include <nghttp2/nghttp2.h>

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "conformance/stepped_server.hpp"
#include "http/pool/http_transport.hpp"
#include "integration/harness.hpp"

namespace upsun::testing {
namespace http2_suspension_test {

using http::test::field_list;
using http::test::frame;
using http::test::scripted_peer;
using http::test::stepped_server;

constexpr std::size_t calls = 3;
constexpr std::size_t chosen = 1;  // the one that is ended, between the others

const std::string host = "a-name.test";

std::string name_of(std::size_t which) { return integration_number(which).str(); }

/// Three calls of a client to a server, all on one thread.
class scene {
 private:
  [[nodiscard]] auto ending_of(std::size_t which) {
    return asio::bind_cancellation_slot(
        cancel[which].slot(), [this, which, keeps = held](const auto& got) {
          ends[which].push_back(got ? ending{.failure = {}, .name = name_in(*got)}
                                    : ending{.failure = got.error(), .name = {}});
        });
  }
  static std::string name_in(const integration& got) { return got.id.value_or(""); }
  static std::string name_in(const accepted_change&) { return name_of(chosen); }

 public:
  struct ending {
    error failure;     ///< Of a call that failed.
    std::string name;  ///< Of the document that it got.
  };

  explicit scene(const call_options& of_the_chosen = {}) {
    options[chosen] = of_the_chosen;
    config.base_url = "https://" + host + ":" + std::to_string(server.port());
    config.credentials = bearer_token("a-token");
    config.tls.ca_pem = server.ca_pem();
    config.retry.max_attempts = 1;
  }

  // ---- arranging; all but `begin` return false when a call has ended before

  void begin(std::size_t which) {
    if (!user) make_user();
    user->async_get_integration({project(), integration_number(which)}, options[which],
                                ending_of(which));
  }
  void begin_create(std::size_t which, const integration_input& input) {
    user->async_create_integration(project(), input, options[which], ending_of(which));
  }
  /// A call beside the three.
  void begin_other(std::function<void(const result<integration>&)> ends_in,
                   const call_options& its_options = {}) {
    if (!user) make_user();
    user->async_get_integration({project(), integration_number(calls)}, its_options,
                                std::move(ends_in));
  }
  void begin_all() {
    for (std::size_t i = 0; i < calls; ++i) begin(i);
  }
  template <class Condition>
  [[nodiscard]] bool reach(Condition holds) {
    while (!holds()) {
      if (ended() > 0) return false;
      step();
    }
    return true;
  }
  [[nodiscard]] bool reach_requests(std::size_t count) {
    return reach([&] { return server.complete() == count; });
  }
  [[nodiscard]] bool reach_waiting(std::size_t count) {
    return reach([&] { return user->statistics().waiting == count; });
  }
  /// Sends these bytes with something that the client has to accept, and waits until it has.
  [[nodiscard]] bool send_to_end(std::string_view bytes) {
    const std::size_t before = server.accepted();
    server.send(0, bytes);
    return reach([&] { return server.accepted() > before; });
  }
  [[nodiscard]] bool greet(stepped_server::setting_list settings = {}) {
    const std::size_t before = server.accepted();
    server.greet(0, settings);
    return reach([&] { return server.accepted() > before; });
  }
  [[nodiscard]] bool begin_all_and_greet() {
    begin_all();
    return reach_requests(calls) && greet();
  }

  // ---- what follows

  void step() {
    server.step();
    io->poll_one();
  }
  template <class Condition>
  void run_until(Condition holds) {
    while (!holds()) step();
  }
  void settle() {
    for (int i = 0; i < 100; ++i) step();
  }
  [[nodiscard]] std::size_t ended() const {
    std::size_t count = 0;
    for (const auto& each : ends) count += each.size();
    return count;
  }
  [[nodiscard]] stepped_server::request& request(std::size_t which) {
    return *server.find("/" + name_of(which));
  }

  /// The lookup that is under way finds the server.
  void find_host() { std::exchange(lookup_, {})({}, {asio::ip::address_v4::loopback()}); }
  [[nodiscard]] bool looks_up() const { return lookup_ != nullptr; }

  stepped_server server{host};
  std::optional<asio::io_context> io{std::in_place, 1};
  bool finds_host = true;
  client_config config;
  std::array<call_options, calls> options;
  std::shared_ptr<client> user;
  std::shared_ptr<void> held;  ///< By each call.
  std::array<asio::cancellation_signal, calls> cancel;
  std::array<std::vector<ending>, calls> ends;
  std::string rest;  ///< What `arrange` left for `go_on` to send.

 private:
  void make_user() {
    client_config made = prepared(config);
    made.transport = http::make_transport(io->get_executor(), config::make_settings(made).network,
                                          [this](const std::string&, http::lookup_handler handler) {
                                            lookup_ = std::move(handler);
                                            if (finds_host)
                                              asio::post(*io, [this] { find_host(); });
                                          });
    user = std::make_shared<client>(io->get_executor(), made);
  }
  http::lookup_handler lookup_;
};

// ---- places

void let_serve(scene& s) { s.server.handshakes = s.server.reads = s.server.responds = true; }

bool wait_for_lookup(scene& s) {
  s.finds_host = false;
  s.begin_all();
  return s.reach([&] { return s.looks_up() && s.user->statistics().waiting == calls; });
}
void find_and_serve(scene& s) {
  s.find_host();
  let_serve(s);
}

bool wait_for_handshake(scene& s) {
  s.server.handshakes = false;
  s.begin_all();
  return s.reach([&] { return s.server.begun_handshakes() == 1; });
}

bool wait_before_settings(scene& s) {
  s.begin_all();
  return s.reach_requests(calls);
}

/// The only stream that the server allows is taken.
bool wait_for_a_stream(scene& s) {
  s.config.pool.max_connections = 1;
  s.begin(0);
  if (!s.reach_requests(1) || !s.greet({{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 1}}))
    return false;
  s.begin(1);
  s.begin(2);
  return s.reach_waiting(2);
}

/// The server allows none. The chosen call has the connection, the others wait for that.
bool wait_for_the_first_stream(scene& s) {
  s.config.pool.max_connections = 1;
  bool is_warm = false;
  s.begin_other([&](const result<integration>&) { is_warm = true; });
  s.server.responds = true;
  s.run_until([&] { return is_warm && s.server.accepted() == 1; });
  s.server.responds = false;
  if (!s.greet({{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 0}})) return false;
  s.begin(chosen);
  s.begin(0);
  s.begin(2);
  return s.reach_waiting(2);
}
void allow_streams(scene& s) {
  s.server.greet(0, {{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 100}});
  let_serve(s);
}

/// The head is more than the sockets hold, and the server does not read.
bool wait_amid_the_head(scene& s) {
  s.begin(0);
  if (!s.reach_requests(1) || !s.greet()) return false;
  s.server.reads = false;
  const std::size_t megabytes = 8;  // Linux lets the sockets hold 4 and what was read ahead
  for (std::size_t i = 0; i < megabytes * 20; ++i)
    s.options[chosen].header("X-" + std::to_string(i), std::string(50'000, '~'));
  s.begin(chosen);
  s.begin(2);
  const bool reached = s.reach([&] { return s.user->statistics().streams == calls; });
  s.settle();
  return reached;
}

bool wait_for_window(scene& s) {
  constexpr std::size_t window = 10;
  s.begin(0);
  if (!s.reach_requests(1) || !s.greet({{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, window}}))
    return false;
  s.begin_create(chosen, slack_input(secret("xoxb"), "#" + std::string(500, 'x')));
  s.begin(2);
  return s.reach([&] {
    const auto* one = s.server.find("/integrations");
    return one != nullptr && one->body == window && s.server.find("/" + name_of(2)) != nullptr;
  });
}
void widen_and_serve(scene& s) {
  const auto& one = *s.server.find("/integrations");
  if (!one.reset) s.server.send(0, scripted_peer::window_update(one.stream, 100'000));
  let_serve(s);
}

bool wait_for_the_head(scene& s) { return s.begin_all_and_greet(); }

/// A CONTINUATION is missing, before which nothing else may come.
bool wait_amid_fields(scene& s) {
  if (!s.begin_all_and_greet()) return false;
  auto& request = s.request(chosen);
  request.is_responded = true;
  const std::string block = s.server.frames(0).block(
      {{":status", "200"}, {"content-type", "application/json"}, {"x-new", "in the table"}});
  const std::size_t half = block.size() / 2;
  s.server.accepts_pings = false;
  s.rest =
      frame(NGHTTP2_CONTINUATION, NGHTTP2_FLAG_END_HEADERS, request.stream, block.substr(half));
  return s.send_to_end(scripted_peer::ping("8 bytes!", false) +
                       frame(NGHTTP2_HEADERS, 0, request.stream, block.substr(0, half)));
}

bool wait_for_the_body(scene& s) {
  if (!s.begin_all_and_greet()) return false;
  auto& request = s.request(chosen);
  request.is_responded = true;
  const field_list head{{":status", "200"}, {"content-type", "application/json"}};
  return s.send_to_end(s.server.frames(0).headers(request.stream, head, false) +
                       scripted_peer::data(request.stream, "{", false) +
                       scripted_peer::ping("8 bytes!", false));
}
/// What has begun of the chosen response.
void end_response(scene& s) {
  const auto& request = s.request(chosen);
  const std::string body = stepped_server::document(name_of(chosen)).substr(s.rest.empty() ? 1 : 0);
  s.server.send(0, s.rest);  // also for a stream that was reset: the table goes on
  if (!request.reset) s.server.send(0, scripted_peer::data(request.stream, body, true));
  let_serve(s);
}

/// Another connection is dialled ahead.
bool wait_behind_a_goaway(scene& s) {
  if (!s.begin_all_and_greet()) return false;
  return s.send_to_end(scripted_peer::goaway(s.request(2).stream) +
                       scripted_peer::ping("8 bytes!", false)) &&
         s.reach([&] { return s.server.connections() == 2; });
}

/// What was not processed waits for another connection.
bool wait_for_another_connection(scene& s) {
  if (!s.begin_all_and_greet()) return false;
  s.server.handshakes = false;
  const std::uint32_t last = s.request(0).stream;
  for (const std::size_t i : {1U, 2U}) s.request(i).is_responded = true;
  return s.send_to_end(scripted_peer::goaway(last) + scripted_peer::ping("8 bytes!", false)) &&
         s.reach_waiting(2) && s.reach([&] { return s.server.begun_handshakes() == 2; });
}

/// Refused, behind a call that has got its stream.
bool wait_to_be_sent_again(scene& s) {
  s.config.pool.max_connections = 1;
  s.begin(0);
  if (!s.reach_requests(1) || !s.greet({{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 2}}))
    return false;
  s.begin(chosen);
  if (!s.reach_requests(2)) return false;
  s.begin(2);
  if (!s.reach_waiting(1)) return false;
  auto& request = s.request(chosen);
  request.is_responded = true;
  s.server.send(0, scripted_peer::reset(request.stream, NGHTTP2_REFUSED_STREAM));
  return s.reach_requests(calls) && s.reach_waiting(1);
}

struct place {
  const char* name;
  bool (*arrange)(scene&);  ///< Begins the calls, until they wait there, or one has ended.
  phase ends_in;            ///< Of the error when the chosen one is ended there.
  void (*go_on)(scene&) = let_serve;  ///< Has the server do what it should.
  std::size_t dials = 1;
  std::size_t connection_of_last = 0;  ///< Over which the last call gets its response.
};

const place places[] = {
    {"FirstDial", wait_for_lookup, phase::resolve, find_and_serve},
    {"Handshake", wait_for_handshake, phase::handshake},
    {"BeforeSettings", wait_before_settings, phase::read_head},
    {"Queue", wait_for_a_stream, phase::queue},
    {"NoStreamAllowed", wait_for_the_first_stream, phase::queue, allow_streams},
    {"WriteHead", wait_amid_the_head, phase::write},
    {"WriteBody", wait_for_window, phase::write, widen_and_serve},
    {"ReadHead", wait_for_the_head, phase::read_head},
    {"AmidFields", wait_amid_fields, phase::read_head, end_response},
    {"ReadBody", wait_for_the_body, phase::read_body, end_response},
    {"BehindGoaway", wait_behind_a_goaway, phase::read_head, let_serve, 2},
    {"AnotherConnection", wait_for_another_connection, phase::handshake, let_serve, 2, 1},
    {"SentAgain", wait_to_be_sent_again, phase::queue},
};

// ---- ways to end

class Http2Suspension : public ::testing::TestWithParam<place> {
 protected:
  static void expect_end(const scene& s, std::size_t which, errc code) {
    ASSERT_EQ(s.ends[which].size(), 1u) << "call " << which;
    EXPECT_EQ(s.ends[which][0].failure, code) << "call " << which;
  }
  static void expect_document(scene& s, std::size_t which) {
    ASSERT_EQ(s.ends[which].size(), 1u) << "call " << which;
    EXPECT_EQ(s.ends[which][0].name, name_of(which)) << s.ends[which][0].failure;
  }
  /// The chosen call has ended alone. The server goes on, and the others end well.
  static void expect_others_unharmed(scene& s, errc code) {
    expect_end(s, chosen, code);
    EXPECT_EQ(s.ends[chosen][0].failure.phase(), GetParam().ends_in);
    s.settle();
    EXPECT_EQ(s.ended(), 1u) << "its neighbours were left alone";
    EXPECT_EQ(s.user->statistics().in_flight, calls - 1);
    GetParam().go_on(s);
    s.run_until([&] { return s.ended() >= calls; });
    for (const std::size_t other : {0U, 2U}) {
      expect_document(s, other);
      EXPECT_EQ(s.request(other).connection, other == 0 ? 0 : GetParam().connection_of_last);
    }
    s.run_until([&] { return s.user->statistics().dialling == 0; });
    EXPECT_EQ(s.user->statistics().dials, GetParam().dials);
    s.settle();
    for (const auto& each : s.server.requests())
      EXPECT_TRUE(each.is_responded || each.reset) << each.path;
    s.user.reset();
    expect_nothing_left(s);
  }
  /// Nothing is left to be done, and every connection is closed.
  static void expect_nothing_left(scene& s) {
    const std::size_t before = s.ended();
    s.io->restart();
    s.io->run();
    EXPECT_EQ(s.ended(), before);
    s.server.handshakes = s.server.reads = true;
    while (s.server.open() > 0) s.server.step();
  }
};

TEST_P(Http2Suspension, EndsOnceWhenCancelled) {
  scene s;
  ASSERT_TRUE(GetParam().arrange(s));
  for (int twice = 0; twice < 2; ++twice) s.cancel[chosen].emit(asio::cancellation_type::total);
  EXPECT_EQ(s.ended(), 0u) << "a handler is never called from within a cancellation";
  s.run_until([&] { return s.ended() > 0; });
  expect_others_unharmed(s, errc::cancelled);
}

TEST_P(Http2Suspension, EndsOnceAtItsDeadline) {
  with_growing_limit(100ms, [&](std::chrono::milliseconds limit) {
    const auto begun = std::chrono::steady_clock::now();
    scene s(call_options().timeout(limit));
    if (!GetParam().arrange(s)) return false;
    s.run_until([&] { return s.ended() > 0; });
    EXPECT_GE(std::chrono::steady_clock::now() - begun, limit);
    expect_others_unharmed(s, errc::deadline_exceeded);
    return true;
  });
}

TEST_P(Http2Suspension, EndsOnceWhenTheClientIsDestroyed) {
  scene s;
  ASSERT_TRUE(GetParam().arrange(s));
  s.user.reset();
  EXPECT_EQ(s.ended(), 0u);
  s.io->restart();
  s.io->run();
  for (std::size_t i = 0; i < calls; ++i) expect_end(s, i, errc::cancelled);
  expect_nothing_left(s);
}

TEST_P(Http2Suspension, EndsOnceWhenTheClientIsClosed) {
  scene s;
  ASSERT_TRUE(GetParam().arrange(s));
  std::size_t ended_before_close = 0;
  close_report closed;
  s.user->async_close(0ms, [&](const result<close_report>& report) {
    ended_before_close = s.ended();
    closed = *report;
  });
  s.io->restart();
  s.io->run();
  for (std::size_t i = 0; i < calls; ++i) expect_end(s, i, errc::cancelled);
  EXPECT_EQ(ended_before_close, calls);
  EXPECT_EQ(closed.cancelled, calls);
  expect_nothing_left(s);
}

TEST_P(Http2Suspension, EndsWellWhenTheClientIsClosedWithTime) {
  scene s;
  ASSERT_TRUE(GetParam().arrange(s));
  std::optional<close_report> closed;
  s.user->async_close(10min, [&](const result<close_report>& report) { closed = *report; });
  s.settle();
  EXPECT_EQ(s.ended(), 0u);
  GetParam().go_on(s);
  s.run_until([&] { return closed.has_value(); });
  for (std::size_t i = 0; i < calls; ++i) expect_document(s, i);
  EXPECT_EQ(closed->drained, calls);
  expect_nothing_left(s);
}

// Each call owns the client: a circle, unless the end of the context breaks it.
TEST_P(Http2Suspension, LeavesNothingBehindWhenTheContextIsDestroyed) {
  scene s;
  auto owner = std::make_shared<std::shared_ptr<client>>();
  const std::weak_ptr<void> seen = owner;
  s.held = owner;
  ASSERT_TRUE(GetParam().arrange(s));
  *owner = std::move(s.user);
  owner.reset();
  s.held.reset();
  EXPECT_EQ(seen.use_count(), static_cast<long>(calls));
  s.io.reset();
  EXPECT_TRUE(seen.expired());
  EXPECT_EQ(s.ended(), 0u);
}

INSTANTIATE_TEST_SUITE_P(At, Http2Suspension, ::testing::ValuesIn(places),
                         [](const auto& which) { return which.param.name; });

// A connection that takes nothing more is given up with the first attempt that finds it so from its
// beginning to its end.
TEST(Http2BlockedWrite, EndsTheConnectionWithAnAttempt) {
  scene s;
  ASSERT_TRUE(wait_amid_the_head(s));
  const auto attempt = [&](const call_options& options) {
    std::optional<result<integration>> got;
    s.begin_other([&](const result<integration>& ended) { got = ended; }, options);
    s.run_until([&] { return got.has_value(); });
    return *got;
  };
  const auto given_up = [&] {
    return s.user->statistics().evictions[static_cast<std::size_t>(eviction::failed)] > 0;
  };
  while (!given_up()) {
    const auto got = attempt(call_options().attempt_timeout(10ms));
    EXPECT_EQ(got.error(), errc::attempt_timeout);
  }
  let_serve(s);
  EXPECT_TRUE(attempt({}));
  s.run_until([&] { return s.ended() >= calls; });
  for (const std::size_t sent : {0U, 1U}) {
    ASSERT_EQ(s.ends[sent].size(), 1u);
    EXPECT_EQ(s.ends[sent][0].failure, errc::connection_reset);
  }
  ASSERT_EQ(s.ends[2].size(), 1u);
  EXPECT_EQ(s.ends[2][0].name, name_of(2)) << "nothing of it had been sent";
  EXPECT_EQ(s.request(2).connection, 1u);
}

}  // namespace http2_suspension_test
}  // namespace upsun::testing
