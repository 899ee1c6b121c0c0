// What went wrong in other clients of HTTP/2, numbered as it was collected, with their reports in
// brackets; and the seven ways in which the server of gRPC's interoperability tests misbehaves.

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "http/exchange/pooled_body.hpp"
#include "http/http2/connection.hpp"
#include "http/http2/session.hpp"
#include "integration/harness.hpp"
#include "unit/http/http2/scripted_peer.hpp"
#include "unit/http/pool/pool_script.hpp"

namespace upsun::http {
namespace http2_pitfalls_test {

using namespace std::chrono_literals;
using boost::asio::awaitable;
using test::field_list;
using test::frame;
using test::pool_script;
using test::scripted_peer;
using upsun::testing::config_for;
using upsun::testing::fault_kind;
using upsun::testing::sandbox;
using upsun::testing::start_fetch;
using upsun::testing::until;
using upsun::testing::with_client;
using frame_list = std::vector<scripted_peer::received>;

const std::string get = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";
const field_list ok{{":status", "200"}};

std::string post(std::size_t size) {
  return "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n" +
         std::string(size, ' ');
}

/// DATA with so many bytes of padding, and one that says so.
std::string padded(std::uint32_t stream, std::string_view bytes, std::size_t padding, bool last) {
  const int flags = NGHTTP2_FLAG_PADDED | (last ? NGHTTP2_FLAG_END_STREAM : 0);
  return frame(NGHTTP2_DATA, static_cast<std::uint8_t>(flags), stream,
               test::number(padding, 1) + std::string(bytes) + std::string(padding, '\0'));
}

frame_list of_type(std::uint8_t type, frame_list all) {
  std::erase_if(all, [&](const auto& each) { return each.type != type; });
  return all;
}

std::size_t data_bytes(const frame_list& frames) {
  std::size_t sum = 0;
  for (const auto& each : frames) sum += each.type == NGHTTP2_DATA ? each.payload.size() : 0;
  return sum;
}

/// So much more may be sent on the stream; zero: on the connection.
std::size_t window_updates(const frame_list& frames, std::uint32_t stream = 0) {
  std::size_t sum = 0;
  for (const auto& each : frames) {
    if (each.type != NGHTTP2_WINDOW_UPDATE || each.stream != stream) continue;
    std::size_t by = 0;
    for (const char c : each.payload) by = by << 8U | static_cast<unsigned char>(c);
    sum += by;
  }
  return sum;
}

/// A session, and the server that it talks to over memory.
class Http2Pitfall : public ::testing::Test {
 protected:
  exchange_ptr ask(std::string text = get, std::shared_ptr<pooled_body> body = nullptr) {
    auto e = std::make_shared<exchange>();
    e->bytes = std::move(text);
    e->body = std::move(body);
    e->admitted = e->leased = now;
    ours->begin(e);
    return e;
  }
  /// What the client has sent since the last time.
  frame_list sent() {
    frame_list all;
    for (auto bytes = ours->output(); !bytes.empty(); bytes = ours->output()) {
      for (auto& each : peer->read(bytes)) all.push_back(std::move(each));
      ours->sent(bytes.size());
    }
    return all;
  }
  frame_list sent(std::uint8_t type) { return of_type(type, sent()); }
  std::vector<exchange_outcome> feed(std::string_view bytes) {
    ours->feed(bytes, now);
    return ours->take_outcomes();
  }
  std::vector<exchange_outcome> lose_connection() {
    ours->end_all({errc::connection_closed, "the end"}, true);
    return ours->take_outcomes();
  }
  /// A new connection, past the preface and the settings of both.
  void connect() {
    ours.emplace(settings);
    peer.emplace();
    sent();
    feed(scripted_peer::settings() + scripted_peer::settings_ack());
    sent();
  }

  session_settings settings{
      .limits = {.header_bytes = 4096, .informational_responses = 8, .body_bytes = 1'000'000}};
  boost::asio::io_context context;  // outlives the bodies in the session
  std::optional<session> ours;
  std::optional<scripted_peer> peer;
  time_point now{1h};
};

/// Notes what ends.
struct noting_owner final : connection_owner {
  void on_finished(connection& from, exchange_outcome&& outcome) override {
    outcome.finished->home.reset();  // this
    finished.push_back(std::move(outcome));
    if (then) then(from);
  }
  void on_idle_death(connection&) override { ++idle_deaths; }
  void on_capacity(connection&, const stream_capacity&) override {}

  std::vector<exchange_outcome> finished;
  std::function<void(connection&)> then;
  int idle_deaths = 0;
};

/// A connection over a pair of sockets, with the server's end in our hand.
class socket_line {
 public:
  socket_line() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) != 0)
      throw std::runtime_error("no pair of sockets");
    const int small = 32 * 1024;
    ::setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    util::unique_fd one(ends[0]);
    server_ = util::unique_fd(ends[1]);
    byte_stream stream(one.get());
    client = std::make_shared<http2_connection>(
        connection_id{1}, std::move(one), std::move(stream), std::nullopt,
        session_settings{.limits = {}, .tls = false}, watch_, owner);
    client->start();
    send(scripted_peer::settings());
    run_ready();
  }

  void send(const std::string& bytes) const {
    ASSERT_EQ(::send(server_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  /// What the client has sent since the last time.
  frame_list received() {
    std::array<char, 4096> bytes{};
    frame_list all;
    for (ssize_t size = 0; (size = ::recv(server_.get(), bytes.data(), bytes.size(), 0)) > 0;) {
      for (auto& each : peer.read({bytes.data(), static_cast<std::size_t>(size)}))
        all.push_back(std::move(each));
    }
    return all;
  }
  void run_ready() {
    context_.restart();
    context_.poll();
  }
  [[nodiscard]] exchange_ptr request(std::string text = get) const {
    auto made = std::make_shared<exchange>();
    made->home = owner;
    made->bytes = std::move(text);
    made->admitted = made->leased = std::chrono::steady_clock::now();
    return made;
  }

 private:
  boost::asio::io_context context_;
  const std::shared_ptr<readiness> watch_ = std::make_shared<readiness>(context_.get_executor());
  util::unique_fd server_;

 public:
  const std::shared_ptr<noting_owner> owner = std::make_shared<noting_owner>();
  std::shared_ptr<http2_connection> client;
  scripted_peer peer;
};

/// What is private to a session; an explicit instantiation may name it.
template <auto Member>
struct reveal {
  friend nghttp2_session* frames_of(session& s) { return s.*Member; }
};
nghttp2_session* frames_of(session& s);
template struct reveal<&session::frames_>;

// ---- pitfalls

// Bytes for streams that nobody wants any more were not given back, until the connection stood
// still for all (h2 0.4.14, curl 11052, Go 40423).
TEST_F(Http2Pitfall, N01_AllThatComesIsGivenBackToTheConnectionsWindow) {
  settings.connection_window = 64 * 1024;
  settings.limits.body_bytes = 1000;
  const std::string bytes(16'000, 'x');
  struct waste {
    const char* on;
    std::function<std::string()> arrange;  ///< Returns what comes again and again.
  };
  const waste wastes[] = {
      {"a stream that was reset",
       [&] {
         const auto e = ask();
         sent();
         (void)ours->cancel(*e, now);
         sent();
         return scripted_peer::data(1, bytes, false);
       }},
      {"a stream that is drained",
       [&] {
         for (int i = 0; i <= static_cast<int>(reset_budget::burst); ++i) {
           const auto e = ask();
           sent();
           (void)ours->cancel(*e, now);
           sent();
         }
         const auto last = static_cast<std::uint32_t>(2 * reset_budget::burst + 1);
         feed(peer->headers(last, ok, false));
         return scripted_peer::data(last, bytes, false);
       }},
      {"a stream that has ended",
       [&] {
         ask();
         sent();
         feed(peer->response(1, "{}"));
         return scripted_peer::data(1, bytes, false);
       }},
      {"a stream that a GOAWAY has ended",
       [&] {
         ask();
         ask();
         sent();
         feed(scripted_peer::goaway(1));
         return scripted_peer::data(3, bytes, false);
       }},
      {"a stream that goes on after a GOAWAY, in padding",
       [&] {
         ask();
         sent();
         feed(scripted_peer::goaway(1) + peer->headers(1, ok, false));
         return padded(1, "", 255, false);
       }},
      {"a stream whose body is over its limit",
       [&] {
         ask();
         sent();
         feed(peer->headers(1, ok, false));
         return scripted_peer::data(1, bytes, false);
       }},
  };
  for (const waste& each : wastes) {
    SCOPED_TRACE(each.on);
    connect();
    const std::string again = each.arrange();
    constexpr std::size_t head_of_frame = 9;
    std::size_t came = 0;
    std::size_t given_back = 0;
    while (came < std::size_t{10} * settings.connection_window && !ours->failure()) {
      feed(again);
      came += again.size() - head_of_frame;
      given_back += window_updates(sent());
    }
    EXPECT_FALSE(ours->failure());
    EXPECT_GT(given_back + settings.connection_window / 2, came);
  }
}

// One paused transfer stopped all others on its connection (curl 10988).
TEST_F(Http2Pitfall, N01_APausedReaderHoldsUpNoOther) {
  settings.stream_window = settings.connection_window = 64 * 1024;
  connect();
  const auto unread = std::make_shared<pooled_body>(
      context.get_executor(), 0ms, transport::open_handler([](result<streamed_response>&&) {}));
  ask(get, unread);
  ask();
  sent();
  feed(peer->headers(1, ok, false) + peer->headers(3, ok, false));
  const std::string bytes(16'000, 'x');
  std::size_t for_paused = 0;
  std::size_t for_other = 0;
  const auto send = [&](std::uint32_t stream) {
    feed(scripted_peer::data(stream, bytes, false));
    const auto frames = sent();
    for_paused += window_updates(frames, 1);
    for_other += window_updates(frames, 3);
  };
  for (int i = 0; i < 4; ++i) send(1);  // as much as its window takes
  for (int i = 0; i < 40; ++i) send(3);
  EXPECT_FALSE(ours->failure());
  EXPECT_EQ(for_paused, 0U);
  EXPECT_GT(for_other + settings.stream_window / 2, 40 * bytes.size());
}

// SETTINGS_INITIAL_WINDOW_SIZE was taken for the connection's window, which stayed at 65,535 bytes.
TEST_F(Http2Pitfall, N02_AWindowUpdateRaisesTheConnectionsWindow) {
  ours.emplace(settings);
  peer.emplace();
  EXPECT_EQ(window_updates(sent()), settings.connection_window - 65'535);
}

// The same the other way: more was sent than the server had room for.
TEST_F(Http2Pitfall, N02_TheServersSettingRaisesTheWindowsOfStreamsOnly) {
  connect();
  feed(scripted_peer::settings({{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 1'000'000}}));
  ask(post(200'000));
  EXPECT_EQ(data_bytes(sent()), 65'535U);
  feed(scripted_peer::window_update(0, 1'000'000));
  EXPECT_EQ(data_bytes(sent()), 200'000U - 65'535U);
}

// Requests that a server may have processed were done twice (kolmafia 725), and refused ones sent
// again without end (curl 5119).
TEST_F(Http2Pitfall, N03_OnlyWhatWasCertainlyNotProcessedIsSentAgainAndNotForEver) {
  connect();
  const auto refused = ask(post(2));
  const auto reset = ask(post(2));
  const auto lost = ask(post(2));
  const auto above_last = ask(post(2));
  for (const auto& each : {refused, reset, lost, above_last}) each->idempotent = false;
  sent();
  std::map<exchange_ptr, exchange_outcome> ended;
  const auto note = [&](std::vector<exchange_outcome> outcomes) {
    for (auto& each : outcomes) ended.emplace(each.finished, each);
  };
  note(feed(scripted_peer::reset(1, NGHTTP2_REFUSED_STREAM) +
            scripted_peer::reset(3, NGHTTP2_INTERNAL_ERROR) + scripted_peer::goaway(5)));
  note(lose_connection());
  ASSERT_EQ(ended.size(), 4U);
  EXPECT_TRUE(may_replay(ended.at(refused)));
  EXPECT_FALSE(may_replay(ended.at(reset)));
  EXPECT_FALSE(may_replay(ended.at(lost)));
  EXPECT_TRUE(may_replay(ended.at(above_last)));
  refused->refusals = above_last->refusals = most_refusals;
  EXPECT_FALSE(may_replay(ended.at(refused)));
  EXPECT_FALSE(may_replay(ended.at(above_last)));
}

// Requests hung behind the first GOAWAY of two (undici 3140), or were lost by it (Go 18639).
TEST_F(Http2Pitfall, N04_StreamsFinishThroughBothStepsOfAGoaway) {
  connect();
  const auto running = ask();
  sent();
  const auto unsent = ask();
  auto outcomes = feed(scripted_peer::goaway(0x7fff'ffff));
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_EQ(outcomes[0].finished, unsent);
  EXPECT_TRUE(may_replay(outcomes[0]));
  EXPECT_EQ(ours->capacity(), 0U);
  EXPECT_TRUE(feed(scripted_peer::goaway(1)).empty());
  outcomes = feed(peer->response(1, "{}"));
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_EQ(outcomes[0].finished, running);
  EXPECT_TRUE(outcomes[0].response);
}

// Every 1,000th request failed, or all of them waited for a dial (Go 18112, grpc-java 10533).
TEST_F(Http2Pitfall, N05_ConnectionsThatEndAgainAndAgainCostNoCallAndNoRoom) {
  pool_script pool({.max_connections = 1, .streams = 4});
  EXPECT_EQ(pool.acquire(), "w1 queued, dial c1");
  EXPECT_EQ(pool.dialled(1, 0, 4), "c1 to w1");
  for (std::size_t c = 1; c <= 10; ++c) {
    const std::string next = std::to_string(c + 1);
    EXPECT_EQ(pool.set_capacity(c, 0), "dial c" + next) << "before it is asked for";
    EXPECT_EQ(pool.acquire(), "w" + next + " queued");
    EXPECT_EQ(pool.dialled(c + 1, 0, 4), "c" + next + " to w" + next);
    EXPECT_EQ(pool.release(c), "close c" + std::to_string(c)) << "with its last stream";
  }
}

// The first number was taken for the last word, or a request above it failed (Go 17265).
TEST_F(Http2Pitfall, N06_TheNumberOfStreamsIsHeededWheneverItChanges) {
  connect();
  const auto allow = [&](std::uint32_t streams) {
    feed(scripted_peer::settings({{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, streams}}));
    return sent(NGHTTP2_HEADERS).size();
  };
  allow(0);
  EXPECT_EQ(ours->capacity(), 1U) << "the connection is not over";
  for (int i = 0; i < 3; ++i) ask();
  EXPECT_EQ(sent(NGHTTP2_HEADERS).size(), 0U);
  EXPECT_EQ(allow(1), 1U);
  EXPECT_EQ(allow(500), 2U);
  EXPECT_EQ(ours->capacity(), 500U);
  EXPECT_EQ(allow(1), 0U);
  ask();
  for (const std::uint32_t stream : {1U, 3U})
    EXPECT_EQ(feed(peer->response(stream, "{}")).size(), 1U);
  EXPECT_EQ(sent(NGHTTP2_HEADERS).size(), 0U) << "one is open still";
  EXPECT_EQ(feed(peer->response(5, "{}")).size(), 1U);
  EXPECT_EQ(sent(NGHTTP2_HEADERS).size(), 1U);
}

// The same in the pool.
TEST_F(Http2Pitfall, N06_RequestsWaitWhileMoreAreOpenThanAreStillAllowed) {
  pool_script pool({.max_connections = 1, .streams = 8});
  pool.acquire();
  EXPECT_EQ(pool.dialled(1, 0, 8), "c1 to w1");
  for (int i = 0; i < 2; ++i) EXPECT_EQ(pool.acquire(), "leased c1 again");
  EXPECT_EQ(pool.set_capacity(1, 1), "");
  EXPECT_EQ(pool.acquire(), "w2 queued");
  EXPECT_EQ(pool.release(1), "");
  EXPECT_EQ(pool.release(1), "");
  EXPECT_EQ(pool.release(1), "c1 again to w2");
  EXPECT_EQ(pool.set_capacity(1, 500), "");
  EXPECT_EQ(pool.acquire(), "leased c1 again");
}

// Servers took many cancelled calls for an attack and closed the connection (aspnetcore 13668,
// grpc-node 2872, Go 76296): ASP.NET Core after 200 resets in five seconds.
TEST_F(Http2Pitfall, N07_CancellingQuicklyDoesNotLookLikeAnAttack) {
  connect();
  const auto kept = ask();
  std::size_t resets = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto e = ask();
    sent();
    EXPECT_TRUE(ours->cancel(*e, now));
    resets += sent(NGHTTP2_RST_STREAM).size();
    now += 5ms;
  }
  EXPECT_LE(resets, 200U);
  EXPECT_GT(resets, 100U);
  const std::string drained = peer->response(2001, "{}");
  const auto outcomes = feed(drained + peer->response(1, "{}"));
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_EQ(outcomes[0].finished, kept);
  EXPECT_GT(ours->capacity(), 0U);
}

// PINGs too often were answered by GOAWAY with ENHANCE_YOUR_CALM (grpc 33661, grpc-node 1164).
TEST_F(Http2Pitfall, N08_PingsAreFew) {
  connect();
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(ours->probe(now += 1min)) << "nothing is under way";
  EXPECT_EQ(sent(NGHTTP2_PING).size(), 0U);
  feed(scripted_peer::settings());
  ask();
  std::size_t pings = 0;
  for (int i = 0; i < 50; ++i) {
    const auto e = ask();
    sent();
    EXPECT_TRUE(ours->cancel(*e, now));
    for (const auto& each : sent(NGHTTP2_PING)) {
      ++pings;
      feed(scripted_peer::ping(each.payload, true));
    }
  }
  EXPECT_EQ(pings, 1U) << "behind resets, until something else comes";
  pings = 0;
  for (int second = 0; second < 29; ++second) {
    EXPECT_TRUE(ours->probe(now += 1s));
    pings += sent(NGHTTP2_PING).size();
  }
  EXPECT_EQ(pings, 1U) << "when nothing comes";
}

// A connection that could not be written to passed for alive, as bytes still came (Go 48810).
TEST_F(Http2Pitfall, N09_AConnectionThatTakesNoBytesEndsAlthoughSomeCome) {
  socket_line line;
  const std::string path(8000, 'p');  // 64 of them are more than the socket takes
  std::vector<exchange_ptr> all;
  for (int i = 0; i < 64; ++i) {
    all.push_back(line.request("GET /" + path + " HTTP/1.1\r\nHost: a\r\n\r\n"));
    ASSERT_FALSE(line.client->begin(all.back()));
  }
  line.run_ready();
  all[0]->leased = std::chrono::steady_clock::now();
  line.send(scripted_peer::ping("12345678", false));
  line.run_ready();
  ASSERT_TRUE(line.owner->finished.empty());
  const auto too_late = line.client->abort(all[0], errc::attempt_timeout);
  ASSERT_TRUE(too_late);
  EXPECT_EQ(too_late->verdict, release_verdict::failed);
  line.run_ready();
  EXPECT_EQ(line.owner->finished.size(), 63U);
}

// A dead connection was picked again for the next request (Go 36026).
TEST_F(Http2Pitfall, N10_ADeadConnectionEndsAllItsStreamsAndIsNotPickedAgain) {
  connect();
  for (int i = 0; i < 3; ++i) ask();
  sent();
  EXPECT_EQ(lose_connection().size(), 3U);
  EXPECT_EQ(ours->open_streams(), 0U);
  EXPECT_EQ(ours->capacity(), 0U);

  pool_script pool({.max_connections = 2, .streams = 4});
  pool.acquire();
  pool.dialled(1, 0, 4);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(pool.acquire(), "leased c1 again");
  EXPECT_EQ(pool.release(1, release_verdict::failed), "close c1");
  EXPECT_EQ(pool.acquire(), "w2 queued, dial c2");
  for (int i = 0; i < 2; ++i) EXPECT_EQ(pool.release(1, release_verdict::failed), "");
}

// Each of the first requests dialled (jetty 2293), or one connection had to do for all of them
// (hyper 3917, YARP 748).
TEST_F(Http2Pitfall, N11_TheFirstDialTellsHowManyMoreThereAre) {
  struct first_calls {
    http_version spoken;
    std::size_t calls;
    std::size_t dials;
  };
  const first_calls all[] = {
      {http_version::http2, 32, 1}, {http_version::http2, 100, 4}, {http_version::http1, 20, 20}};
  for (const first_calls& each : all) {
    const sandbox server({.http = each.spoken});
    with_client(config_for(server), [&](client& user) -> awaitable<void> {
      std::size_t fetched = 0;
      for (std::size_t i = 0; i < each.calls; ++i)
        start_fetch(user, [&](const result<integration>& got) { fetched += got ? 1 : 100; });
      co_await until([&] { return fetched >= each.calls; });
      EXPECT_EQ(fetched, each.calls);
      EXPECT_EQ(user.statistics().dials, each.dials);
    });
  }

  pool_script pool({.max_connections = 8, .streams = 4, .asks_protocol = true});
  EXPECT_EQ(pool.acquire(), "w1 queued, dial c1");
  for (int w = 2; w <= 10; ++w)
    EXPECT_EQ(pool.acquire(), "w" + std::to_string(w) + " queued") << "behind the first dial";
  EXPECT_EQ(pool.dialled(1, 0, 100),
            "c1 to w1, c1 again to w2, c1 again to w3, c1 again to w4, dial c2, dial c3");
}

// Heads of streams that were given up were skipped, and later ones decoded wrongly (helidon 11991).
TEST_F(Http2Pitfall, N12_HeadsOfStreamsThatAreGivenUpAreDecoded) {
  settings.limits.header_fields = 3;
  connect();
  const auto cancelled = ask();
  ask();
  const auto kept = ask();
  sent();
  EXPECT_TRUE(ours->cancel(*cancelled, now));
  sent();
  const field_list known{{":status", "200"}, {"content-type", "application/known"}};
  const std::string first = peer->headers(1, known, true);
  const std::string too_many =
      peer->headers(3, {{":status", "200"}, {"a", "1"}, {"b", "2"}, {"c", "3"}, {"d", "4"}}, true);
  const std::string last = peer->headers(5, known, true);
  ASSERT_EQ(last.size(), 9U + 2U) << "both fields are in the table, behind those of stream 3";
  EXPECT_TRUE(feed(first).empty());
  EXPECT_EQ(feed(too_many).at(0).failure.code, errc::header_limit);
  const auto outcomes = feed(last);
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_EQ(outcomes[0].finished, kept);
  EXPECT_EQ((**outcomes[0].response).content_type, "application/known");
}

// The ids of a connection that lived long ran out, and every request on it failed.
TEST_F(Http2Pitfall, N13_AConnectionEndsBeforeItsStreamIdsRunOut) {
  connect();
  constexpr std::uint32_t last = 0x7ffe'ffff;
  ASSERT_EQ(nghttp2_session_set_next_stream_id(frames_of(*ours), last), 0);
  EXPECT_GT(ours->capacity(), 0U);
  const auto e = ask();
  EXPECT_EQ(sent(NGHTTP2_HEADERS).at(0).stream, last);
  EXPECT_EQ(ours->capacity(), 0U);
  ask();
  EXPECT_EQ(sent(NGHTTP2_HEADERS).at(0).stream, last + 2) << "begun before that was known";
  const auto outcomes = feed(peer->response(last, "{}"));
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_EQ(outcomes[0].finished, e);
  EXPECT_FALSE(ours->failure());
}

// What came on idle connections was not read, or taken for a fault (curl's known bugs).
TEST_F(Http2Pitfall, N14_AnIdleConnectionReadsWhatComes) {
  socket_line line;
  EXPECT_FALSE(line.client->begin(line.request()));
  line.send(line.peer.response(1, "{}"));
  line.run_ready();
  ASSERT_EQ(line.owner->finished.size(), 1U);
  line.received();

  const std::string frames =
      scripted_peer::settings({{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 7}}) +
      scripted_peer::ping("12345678", false) + scripted_peer::window_update(0, 1000);
  line.send(frames);
  line.run_ready();
  const auto accepted = line.received();
  ASSERT_EQ(accepted.size(), 2U);
  EXPECT_EQ(accepted[0].type, NGHTTP2_SETTINGS);
  EXPECT_EQ(accepted[1].type, NGHTTP2_PING);
  EXPECT_EQ(line.client->capacity().streams, 7U);

  line.send(frames);
  EXPECT_FALSE(line.client->begin(line.request()));
  line.run_ready();
  const auto used = line.received();
  ASSERT_EQ(used.size(), 3U);
  EXPECT_EQ(used[2].type, NGHTTP2_HEADERS) << "it was read before it was used again";
  line.send(line.peer.response(3, "{}"));
  line.run_ready();
  ASSERT_EQ(line.owner->finished.size(), 2U);
  EXPECT_TRUE(line.owner->finished[1].response);
  EXPECT_EQ(line.owner->idle_deaths, 0);
}

// The reset behind a response that needs no more of its request was taken for a failure, or the
// rest was sent nevertheless.
TEST_F(Http2Pitfall, N15_AResponseBeforeTheRequestsEndIsASuccess) {
  connect();
  ask(post(100'000));
  EXPECT_EQ(data_bytes(sent()), 65'535U);
  const auto outcomes = feed(peer->response(1, "{}") + scripted_peer::reset(1, NGHTTP2_NO_ERROR));
  ASSERT_EQ(outcomes.size(), 1U);
  ASSERT_TRUE(outcomes[0].response);
  EXPECT_EQ((**outcomes[0].response).body, "{}");
  EXPECT_EQ(outcomes[0].verdict, release_verdict::reusable);
  feed(scripted_peer::window_update(0, 100'000));
  ask(post(100'000));
  EXPECT_EQ(data_bytes(sent()), 65'535U) << "of this only";
  EXPECT_TRUE(feed(peer->response(3, "{}")).at(0).response);
  feed(scripted_peer::window_update(3, 100'000));
  const auto frames = sent();
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(frames[0].type, NGHTTP2_RST_STREAM);
  EXPECT_EQ(frames[0].payload, test::number(NGHTTP2_NO_ERROR, 4));
  EXPECT_FALSE(ours->failure());
}

// A response by the wrong server was handed on, or asked for without end.
TEST_F(Http2Pitfall, N16_AMisdirectedRequestIsSentOnceMoreElsewhere) {
  sandbox server({.http = http_version::http2});
  const upsun::testing::fault misdirected{.kind = fault_kind::status, .status = 421, .body = "{}"};
  with_client(config_for(server), [&](client& user) -> awaitable<void> {
    server.inject(misdirected);
    const auto elsewhere = co_await upsun::testing::fetch(user);
    EXPECT_TRUE(elsewhere);
    EXPECT_EQ(server.statistics().connections, 2U);
    server.inject(misdirected, 0);
    const auto nowhere = co_await upsun::testing::fetch(user);
    EXPECT_EQ(nowhere.error().status(), 421);
  });
  EXPECT_EQ(server.statistics().connections, 3U);
  EXPECT_EQ(server.statistics().requests, 4U);
}

// Interim responses without end kept a request waiting for ever.
TEST_F(Http2Pitfall, N16_InterimResponsesAreCounted) {
  connect();
  ask();
  ask();
  sent();
  for (int i = 0; i < 8; ++i) {
    EXPECT_TRUE(feed(peer->headers(1, {{":status", "103"}}, false)).empty());
    EXPECT_TRUE(feed(peer->headers(3, {{":status", "103"}}, false)).empty());
  }
  EXPECT_EQ(feed(peer->headers(1, {{":status", "103"}}, false)).at(0).failure.code,
            errc::header_limit);
  EXPECT_TRUE(feed(peer->response(3, "{}")).at(0).response);
}

// At a shutdown calls completed twice (aws-c-http 558, 570) or never (undici 5603).
TEST_F(Http2Pitfall, N17_EachCallEndsOnceAtAShutdown) {
  enum class way { client_closes, client_is_destroyed, server_closes };
  for (const way how : {way::client_closes, way::client_is_destroyed, way::server_closes}) {
    SCOPED_TRACE(static_cast<int>(how));
    sandbox server({.http = http_version::http2});
    server.inject({.kind = fault_kind::silent}, 0);
    std::vector<int> ended(40);
    boost::asio::cancellation_signal cancel;
    with_client(config_for(server), [&](client& user) -> awaitable<void> {
      start_fetch(user, cancel, [&](const result<integration>&) { ++ended[0]; });
      for (std::size_t i = 1; i < ended.size(); ++i)
        start_fetch(user, [&ended, i](const result<integration>&) { ++ended[i]; });
      co_await until([&] { return server.statistics().requests == ended.size(); });
      server.clear_faults();  // some may be sent once more
      cancel.emit(boost::asio::cancellation_type::terminal);
      if (how == way::client_closes) co_await user.async_close(0ms);
      if (how == way::server_closes) {
        server.close_connections();
        co_await until([&] { return std::count(ended.begin(), ended.end(), 0) == 0; });
      }
    });
    EXPECT_EQ(ended, std::vector<int>(40, 1));
  }
}

// The same where frames and the loss of the connection end it one after another.
TEST_F(Http2Pitfall, N17_EachExchangeEndsOnceWithItsConnection) {
  connect();
  const auto responded = ask();
  const auto cancelled = ask();
  const auto lost = ask();
  sent();
  const auto unsent = ask();
  std::map<exchange_ptr, int> ended;
  const auto note = [&](const std::vector<exchange_outcome>& outcomes) {
    for (const auto& each : outcomes) ++ended[each.finished];
  };
  EXPECT_TRUE(ours->cancel(*cancelled, now));
  EXPECT_FALSE(ours->cancel(*cancelled, now));
  const std::string first = peer->response(1, "{}");
  note(feed(first + peer->response(3, "{}") + scripted_peer::goaway(5)));
  EXPECT_FALSE(ours->cancel(*responded, now));
  note(lose_connection());
  note(lose_connection());
  EXPECT_EQ(ended, (std::map<exchange_ptr, int>{{responded, 1}, {lost, 1}, {unsent, 1}}));
}

// A body that had waited for its window was never sent on (nghttp2 1205).
TEST_F(Http2Pitfall, N18_ABodyThatWaitsForItsWindowGoesOn) {
  connect();
  ask(post(200'000));
  std::size_t body = data_bytes(sent());
  EXPECT_EQ(body, 65'535U);
  feed(scripted_peer::window_update(0, 1'000'000));
  EXPECT_EQ(data_bytes(sent()), 0U) << "the stream's is used up, too";
  feed(scripted_peer::window_update(1, 1'000'000));
  const auto rest = sent();
  body += data_bytes(rest);
  EXPECT_EQ(body, 200'000U);
  EXPECT_EQ(rest.back().flags, NGHTTP2_FLAG_END_STREAM);
}

// Sending within what reports a response called into a session that was at work.
TEST_F(Http2Pitfall, N18_TheNextRequestMayBeginWithinTheReportOfTheLast) {
  socket_line line;
  std::uint32_t stream = 1;
  line.owner->then = [&](connection& from) {
    stream += 2;
    EXPECT_FALSE(from.begin(line.request()));
  };
  EXPECT_FALSE(line.client->begin(line.request()));
  for (const std::uint32_t expected : {1U, 3U, 5U}) {
    ASSERT_EQ(stream, expected);
    line.run_ready();
    ASSERT_EQ(of_type(NGHTTP2_HEADERS, line.received()).size(), 1U);
    line.send(line.peer.response(stream, "{}"));
    line.run_ready();
  }
  EXPECT_EQ(line.owner->finished.size(), 3U);
}

// Heads were not bounded, or as they came: a kilobyte that refers to the table is megabytes.
TEST_F(Http2Pitfall, N19_HeadsAreBoundedAsDecoded) {
  connect();
  const auto head_of = [&](std::uint32_t stream, std::size_t decoded) {
    const std::pair<std::string, std::string> field{"x", std::string(67, 'v')};
    constexpr std::size_t counted = 100;  // with 32 for each (RFC 9113 section 10.5.1)
    field_list fields = ok;
    fields.insert(fields.end(), decoded / counted, field);
    std::string made = peer->headers(stream, fields, true);
    EXPECT_LT(made.size(), 400U);
    return made;
  };
  for (int i = 0; i < 4; ++i) ask();
  sent();
  EXPECT_TRUE(feed(head_of(1, 4000)).at(0).response);
  EXPECT_EQ(feed(head_of(3, 4300)).at(0).failure.code, errc::header_limit);
  EXPECT_EQ(feed(head_of(5, 16'000)).at(0).failure.code, errc::header_limit);
  EXPECT_FALSE(ours->failure()) << "which costs the stream";
  feed(head_of(7, 17'000));
  ASSERT_TRUE(ours->failure()) << "and far more the connection";
  EXPECT_EQ(ours->failure()->code, errc::header_limit);
}

// A reset behind the end of a stream threw away what had come before (h2 0.4.14 to 0.4.18, as the
// next three).
TEST_F(Http2Pitfall, N20_AResetBehindTheEndLosesNothing) {
  connect();
  ask();
  sent();
  const auto outcomes = feed(peer->response(1, "{}") + scripted_peer::reset(1, NGHTTP2_CANCEL));
  ASSERT_EQ(outcomes.size(), 1U);
  ASSERT_TRUE(outcomes[0].response);
  EXPECT_EQ((**outcomes[0].response).body, "{}");
}

// HEADERS were sent for a stream that had been reset before, which opened it.
TEST_F(Http2Pitfall, N20_ARequestThatIsCancelledBeforeItIsSentIsNotSent) {
  connect();
  const auto cancelled = ask();
  ask();
  EXPECT_EQ(ours->cancel(*cancelled, now), phase::queue);
  const auto frames = sent();
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(frames[0].type, NGHTTP2_HEADERS);
  EXPECT_EQ(frames[0].stream, 3U);
}

// 255 bytes of padding were one too many.
TEST_F(Http2Pitfall, N20_AFrameMayBePaddedByAsMuchAsItCanSay) {
  connect();
  ask();
  sent();
  const std::string head = peer->headers(1, ok, false);
  const auto outcomes = feed(head + padded(1, "{", 255, false) + padded(1, "}", 255, true));
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_EQ((**outcomes[0].response).body, "{}");
}

// Empty frames without end kept a client busy, or frames that were merely small ended it.
TEST_F(Http2Pitfall, N20_FramesAreBoundedByProgressNotByTheirCount) {
  constexpr std::size_t many = 50'000;
  connect();
  ask();
  sent();
  feed(peer->headers(1, ok, false));
  for (std::size_t i = 0; i < many; ++i) {
    ASSERT_TRUE(feed(scripted_peer::data(1, "x", false)).empty());
    sent();
  }
  const auto outcomes = feed(scripted_peer::data(1, "", true));
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_EQ((**outcomes[0].response).body.size(), many);

  ask();
  sent();
  feed(peer->headers(3, ok, false));
  for (std::size_t i = 0; i < many && !ours->failure(); ++i) {
    feed(scripted_peer::data(3, "", false));
    sent();
  }
  EXPECT_TRUE(ours->failure());
}

// ---- gRPC's http2_test server

using Http2Misbehaviour = Http2Pitfall;

TEST_F(Http2Misbehaviour, Goaway) {
  pool_script pool({.max_connections = 2, .streams = 4});
  pool.acquire();
  EXPECT_EQ(pool.dialled(1, 0, 4), "c1 to w1");
  connect();
  ask();
  sent();
  EXPECT_TRUE(feed(scripted_peer::goaway(1)).empty());
  EXPECT_EQ(pool.set_capacity(1, ours->capacity()), "dial c2");
  EXPECT_EQ(pool.acquire(), "w2 queued") << "for another connection";
  EXPECT_TRUE(feed(peer->response(1, "{}")).at(0).response);
  EXPECT_EQ(pool.release(1), "close c1");
  EXPECT_EQ(pool.dialled(2, 0, 4), "c2 to w2");
}

TEST_F(Http2Misbehaviour, MaxStreams) {
  pool_script pool({.max_connections = 1, .streams = 4});
  pool.acquire();
  EXPECT_EQ(pool.dialled(1, 0, 4), "c1 to w1");
  connect();
  ask();
  sent();
  EXPECT_TRUE(
      feed(scripted_peer::settings({{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 1}})).empty());
  EXPECT_EQ(pool.set_capacity(1, ours->capacity()), "");
  EXPECT_EQ(pool.acquire(), "w2 queued");
  EXPECT_TRUE(feed(peer->response(1, "{}")).at(0).response);
  EXPECT_EQ(pool.release(1), "c1 again to w2");
  ask();
  EXPECT_EQ(sent(NGHTTP2_HEADERS).size(), 1U);
  EXPECT_TRUE(feed(peer->response(3, "{}")).at(0).response);
}

TEST_F(Http2Misbehaviour, Ping) {
  connect();
  ask();
  sent();
  const auto ping = [&](std::string_view eight_bytes) {
    EXPECT_TRUE(feed(scripted_peer::ping(eight_bytes, false)).empty());
    const auto frames = sent();
    ASSERT_EQ(frames.size(), 1U);
    EXPECT_EQ(frames[0].type, NGHTTP2_PING);
    EXPECT_EQ(frames[0].flags, NGHTTP2_FLAG_ACK);
    EXPECT_EQ(frames[0].payload, eight_bytes);
  };
  ping("in front");
  feed(peer->headers(1, ok, false));
  ping("between.");
  feed(scripted_peer::data(1, "{", false));
  ping("at most.");
  EXPECT_TRUE(feed(scripted_peer::data(1, "}", true)).at(0).response);
  ping("behind..");
  EXPECT_FALSE(ours->failure());
}

// The server resets with NO_ERROR, which must not make a success of a response without its end.
TEST_F(Http2Misbehaviour, ResetAfterHeader) {
  connect();
  ask();
  sent();
  const auto outcome =
      feed(peer->headers(1, ok, false) + scripted_peer::reset(1, NGHTTP2_NO_ERROR)).at(0);
  EXPECT_FALSE(outcome.response);
  EXPECT_EQ(outcome.failure.code, errc::connection_reset);
  EXPECT_FALSE(may_replay(outcome));
  EXPECT_EQ(outcome.verdict, release_verdict::reusable);
}

TEST_F(Http2Misbehaviour, ResetDuringData) {
  connect();
  ask();
  sent();
  const std::string head = peer->headers(1, ok, false);
  const auto outcome = feed(head + scripted_peer::data(1, "half of", false) +
                            scripted_peer::reset(1, NGHTTP2_NO_ERROR))
                           .at(0);
  EXPECT_FALSE(outcome.response);
  EXPECT_EQ(outcome.failure.code, errc::connection_reset);
  EXPECT_FALSE(may_replay(outcome));
  EXPECT_EQ(outcome.verdict, release_verdict::reusable);
}

TEST_F(Http2Misbehaviour, ResetAfterData) {
  connect();
  ask();
  sent();
  const auto outcomes = feed(peer->response(1, "{}") + scripted_peer::reset(1, NGHTTP2_NO_ERROR));
  ASSERT_EQ(outcomes.size(), 1U);
  ASSERT_TRUE(outcomes[0].response);
  EXPECT_EQ((**outcomes[0].response).body, "{}");
  EXPECT_EQ(outcomes[0].verdict, release_verdict::reusable);
  EXPECT_FALSE(ours->failure());
}

TEST_F(Http2Misbehaviour, DataFramePadding) {
  settings.stream_window = settings.connection_window = 64 * 1024;
  connect();
  ask();
  sent();
  feed(peer->headers(1, ok, false));
  std::string body;
  std::size_t came = 0;
  std::size_t to_stream = 0;
  std::size_t to_connection = 0;
  for (std::size_t padding = 1; padding <= 255; ++padding) {
    const std::string bytes(1000, static_cast<char>('a' + padding % 26));
    ASSERT_TRUE(feed(padded(1, bytes, padding, false)).empty());
    body += bytes;
    came += bytes.size() + padding + 1;
    const auto frames = sent();
    to_stream += window_updates(frames, 1);
    to_connection += window_updates(frames);
  }
  EXPECT_GT(to_stream + settings.stream_window / 2, came);
  EXPECT_GT(to_connection + settings.connection_window / 2, came);
  const auto outcomes = feed(padded(1, "", 255, true));
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_EQ((**outcomes[0].response).body, body);
}

}  // namespace http2_pitfalls_test
}  // namespace upsun::http
