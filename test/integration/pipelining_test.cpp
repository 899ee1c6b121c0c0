// HTTP/1.1 pipelining (`pool_options.pipeline_depth`): whatever becomes of a connection, each call
// ends once, with its own answer.

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <atomic>
#include <functional>
#include <future>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "integration/harness.hpp"
#include "support/nginx_server.hpp"
#include "support/planned_server.hpp"
#include "support/scripted_server.hpp"

namespace upsun::testing {
namespace pipelining_test {

using test::planned_reply;
using test::planned_server;
using test::script;
using test::scripted_options;
using test::scripted_server;
namespace act = upsun::test;

std::string channel(std::size_t n) { return "#" + std::to_string(n); }

std::string document(std::size_t n) {
  return R"({"type":"health.slack","channel":")" + channel(n) + "\"}";
}

std::string answer(std::size_t n, const std::string& extra = "") {
  const std::string body = document(n);
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n" + extra + "\r\n" + body;
}

/// The number at the end of a request's target.
std::size_t number_of(std::string_view target) {
  return std::stoul(std::string(target.substr(target.rfind('-') + 1)));
}

std::size_t count(std::string_view text, std::string_view what) {
  std::size_t found = 0;
  for (std::size_t at = text.find(what); at != std::string_view::npos;
       at = text.find(what, at + what.size()))
    ++found;
  return found;
}

template <class Server>
client_config config_for(const Server& server, std::size_t connections, std::size_t depth) {
  return {.base_url = server.url(),
          .credentials = bearer_token("planted-secret"),
          .tls = {.ca_pem = server.ca_pem()},
          .pool = {.max_connections = connections, .pipeline_depth = depth},
          .retry = {.max_attempts = 1},
          .observer = std::make_shared<secret_watch>(std::vector<std::string>{"planted-secret"})};
}

/// A client and what its calls came to. Runs in rounds: the next begins when all calls of the last
/// have ended; after the last the client is closed.
class session {
 public:
  using rounds = std::vector<std::function<void()>>;

  explicit session(const client_config& config) : api(io.get_executor(), config) {}
  explicit session(const std::function<client_config(asio::io_context&)>& make)
      : api(io.get_executor(), make(io)) {}

  void fetch(std::size_t n, const call_options& options = {}, asio::cancellation_slot slot = {},
             std::function<void()> at_end_of_call = {}) {
    ++open_;
    api.async_get_integration(
        {project(), integration_number(n)}, options,
        asio::bind_cancellation_slot(slot, [this, n, at_end_of_call = std::move(at_end_of_call)](
                                               const result<integration>& got) {
          outcomes_[n].push_back(got);
          if (at_end_of_call) at_end_of_call();
          if (--open_ == 0) advance();
        }));
  }
  void fetch_all(std::size_t first, std::size_t count) {
    ++open_;
    for (std::size_t n = first; n < first + count; ++n) fetch(n);
    if (--open_ == 0) advance();
  }

  void run(rounds all) {
    rounds_ = std::move(all);
    advance();
    io.run();
  }

  /// Every call of `n` so far succeeded with its own document, and was completed once.
  [[nodiscard]] bool has_its_own(std::size_t n, std::size_t calls = 1) const {
    const auto& those = outcomes_.at(n);
    if (those.size() != calls) return false;
    return std::all_of(those.begin(), those.end(), [n](const auto& got) {
      if (!got) ADD_FAILURE() << n << ": " << got.error();
      return got && std::get<slack_settings>(got->settings).channel == channel(n);
    });
  }
  [[nodiscard]] error failure(std::size_t n) const {
    const auto& those = outcomes_.at(n);
    if (those.size() != 1 || those[0]) ADD_FAILURE() << n << " did not fail once";
    return those.empty() || those[0] ? error(errc::invalid_argument) : those[0].error();
  }
  void expect_all_own(std::size_t first, std::size_t count) const {
    for (std::size_t n = first; n < first + count; ++n) EXPECT_TRUE(has_its_own(n)) << n;
  }

  asio::io_context io{1};
  client api;
  pool_statistics pool;               // before the client is closed
  std::function<void()> at_end = {};  // then

 private:
  void advance() {
    if (next_ < rounds_.size()) return rounds_[next_++]();
    if (next_++ > rounds_.size()) return;
    pool = api.statistics();
    api.async_close(0ms, [](const result<close_report>&) {});
    if (at_end) at_end();
  }

  std::map<std::size_t, std::vector<result<integration>>> outcomes_;
  rounds rounds_;
  std::size_t next_ = 0;
  std::size_t open_ = 0;
};

class Pipelining : public ::testing::TestWithParam<bool> {
 protected:
  const scripted_options over{.tls = GetParam()};

  /// Answers request 0, and has then taken in so many more at once.
  static script warm_then_read(std::size_t requests) {
    script steps{act::read_head(), act::send(answer(0))};
    for (std::size_t i = 0; i < requests; ++i) steps.push_back(act::read_head());
    return steps;
  }
  static script then(script first, const script& then) {
    first.insert(first.end(), then.begin(), then.end());
    return first;
  }
};
INSTANTIATE_TEST_SUITE_P(Over, Pipelining, ::testing::Bool(), [](const auto& over) {
  return std::string(over.param ? "Tls" : "PlainTcp");
});

TEST_P(Pipelining, SendsRequestsBeforeTheFirstIsAnsweredAndMatchesTheAnswersInOrder) {
  const scripted_server server(then(warm_then_read(3), {act::send(answer(1)), act::send(answer(2)),
                                                        act::send(answer(3)), act::stall()}),
                               over);
  session s(config_for(server, 1, 4));
  s.run({[&] { s.fetch(0); }, [&] { s.fetch_all(1, 3); }});
  s.expect_all_own(0, 4);
  EXPECT_EQ(server.connections(), 1u);
  EXPECT_EQ(s.pool.pipelined, 2u);
  EXPECT_EQ(s.pool.leases, 4u);
}

TEST_P(Pipelining, GoesNoDeeperThanItsDepth) {
  std::atomic<const scripted_server*> running{nullptr};
  std::atomic<std::size_t> sent{0};
  const scripted_server server(
      then(warm_then_read(2), {act::run([&] { sent = count(running.load()->received(), "GET "); }),
                               act::send(answer(1)), act::read_head(), act::send(answer(2)),
                               act::send(answer(3)), act::stall()}),
      over);
  running = &server;
  session s(config_for(server, 1, 2));
  s.run({[&] { s.fetch(0); }, [&] { s.fetch_all(1, 3); }});
  s.expect_all_own(0, 4);
  EXPECT_EQ(sent, 3u) << "one before, and two at once";
  EXPECT_EQ(s.pool.pipelined, 2u) << "the third goes behind the second once the first is answered";
}

TEST_P(Pipelining, ReadsAnswersThatAreCutAnywhere) {
  const std::string all = answer(1) + answer(2) + answer(3);
  script steps = warm_then_read(0);
  for (std::size_t cut = 0; cut < all.size(); ++cut) {
    steps = then(std::move(steps), {act::read_head(), act::read_head(), act::read_head(),
                                    act::send(all.substr(0, cut)), act::send(all.substr(cut))});
  }
  steps.push_back(act::stall());
  const scripted_server server(steps, over);
  session s(config_for(server, 1, 4));
  session::rounds rounds{[&] { s.fetch(0); }};
  for (std::size_t cut = 0; cut < all.size(); ++cut)
    rounds.emplace_back([&] { s.fetch_all(1, 3); });
  s.run(std::move(rounds));
  for (std::size_t n = 1; n <= 3; ++n) EXPECT_TRUE(s.has_its_own(n, all.size()));
  EXPECT_EQ(server.connections(), 1u);
}

TEST_P(Pipelining, ReadsAnswersThatComeByteByByte) {
  const scripted_server server(
      then(warm_then_read(3), {act::send_slowly(answer(1) + answer(2) + answer(3)), act::stall()}),
      over);
  session s(config_for(server, 1, 4));
  s.run({[&] { s.fetch(0); }, [&] { s.fetch_all(1, 3); }});
  s.expect_all_own(0, 4);
  EXPECT_EQ(server.connections(), 1u);
}

TEST_P(Pipelining, SendsAgainElsewhereWhatAClosedConnectionLeftUnanswered) {
  constexpr std::size_t calls = 8;
  for (std::size_t answered = 0; answered <= calls; ++answered) {
    for (const auto how : {planned_reply::ending::close, planned_reply::ending::drop,
                           planned_reply::ending::reset}) {
      SCOPED_TRACE("after " + std::to_string(answered) + ", " +
                   std::to_string(static_cast<int>(how)));
      std::optional<planned_server> server;
      std::map<std::size_t, std::size_t> asked;
      std::size_t requests = 0;
      session s([&](asio::io_context& io) {
        server.emplace(
            io,
            [&, answered, how](std::string_view target) -> planned_reply {
              const std::size_t n = number_of(target);
              ++asked[n];
              const bool ends = requests++ == answered + 1;  // one has warmed it up
              return ends ? planned_reply{.bytes = {}, .then = how}
                          : planned_reply{.bytes = answer(n)};
            },
            GetParam());
        return config_for(*server, 1, calls);
      });
      s.at_end = [&] { server->close(); };
      s.run({[&] { s.fetch(0); }, [&] { s.fetch_all(1, calls); }});
      s.expect_all_own(0, calls + 1);
      EXPECT_EQ(s.pool.pipeline_moves, answered < calls ? calls - answered - 1 : 0u)
          << "all but the one whose turn it was";
      EXPECT_EQ(s.pool.stale_replays, answered < calls ? 1u : 0u);
      for (const auto& [n, times] : asked) EXPECT_LE(times, 2u) << n;
    }
  }
}

TEST_P(Pipelining, TakesAnAnnouncedEndForNobodysFailure) {
  const scripted_server server(
      {then(warm_then_read(3), {act::send(answer(1, "Connection: close\r\n")), act::stall()}),
       {act::read_head(), act::send(answer(2)), act::read_head(), act::send(answer(3)),
        act::stall()}},
      over);
  session s(config_for(server, 1, 4));
  s.run({[&] { s.fetch(0); }, [&] { s.fetch_all(1, 3); }});
  s.expect_all_own(0, 4);
  EXPECT_EQ(server.connections(), 2u);
  EXPECT_EQ(s.pool.stale_replays, 0u);
  EXPECT_EQ(s.pool.pipeline_moves, 2u);
  EXPECT_EQ(s.pool.evictions[static_cast<std::size_t>(eviction::not_reusable)], 1u);
}

TEST_P(Pipelining, BlamesABrokenAnswerOnTheOneCallItWasFor) {
  const script second{act::read_head(), act::send(answer(3)), act::read_head(),
                      act::send(answer(4)), act::stall()};
  for (const char* garbage :
       {"garbage\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"}) {
    const scripted_server server(
        {then(warm_then_read(4), {act::send(answer(1) + garbage), act::stall()}), second}, over);
    session s(config_for(server, 1, 4));
    s.run({[&] { s.fetch(0); }, [&] { s.fetch_all(1, 4); }});
    EXPECT_TRUE(s.has_its_own(1));
    EXPECT_EQ(s.failure(2), errc::bad_response) << s.failure(2);
    EXPECT_TRUE(s.has_its_own(3));
    EXPECT_TRUE(s.has_its_own(4));
  }
}

TEST_P(Pipelining, DropsAConnectionThatSaysMoreThanItWasAsked) {
  const scripted_server server(
      {then(warm_then_read(2), {act::send(answer(1) + answer(2) + answer(9)), act::stall()}),
       {act::read_head(), act::send(answer(3)), act::stall()}},
      over);
  session s(config_for(server, 1, 4));
  s.run({[&] { s.fetch(0); }, [&] { s.fetch_all(1, 2); }, [&] { s.fetch(3); }});
  s.expect_all_own(0, 4);
  EXPECT_EQ(server.connections(), 2u);
}

/// The end of one of the calls under way while the server holds its answers back.
struct interruption {
  std::promise<void> ended;
  session* running = nullptr;
  asio::cancellation_signal cancel;

  /// On the server's thread, when it has all three requests.
  void cancel_and_wait() {
    asio::post(running->io, [this] { cancel.emit(asio::cancellation_type::terminal); });
    wait();
  }
  void wait() { ended.get_future().wait(); }
};

TEST_P(Pipelining, CancelsOneCallAndLeavesItsNeighboursAlone) {
  for (const std::size_t victim : {1U, 2U, 3U}) {
    SCOPED_TRACE(victim);
    interruption user;
    const script elsewhere{act::read_head(), act::send(answer(4)), act::stall()};
    const scripted_server server(
        {then(warm_then_read(3),
              {act::run([&] { user.cancel_and_wait(); }), act::send(answer(1) + answer(2)),
               act::send(answer(3)), act::read_head(), act::send(answer(4)), act::stall()}),
         elsewhere},
        over);
    session s(config_for(server, 1, 4));
    user.running = &s;
    s.run({[&] { s.fetch(0); },
           [&] {
             for (std::size_t n = 1; n <= 3; ++n) {
               n == victim ? s.fetch(n, {}, user.cancel.slot(), [&] { user.ended.set_value(); })
                           : s.fetch(n);
             }
           },
           [&] { s.fetch(4); }});
    EXPECT_EQ(s.failure(victim), condition::cancelled);
    for (const std::size_t n : {1U, 2U, 3U}) EXPECT_TRUE(n == victim || s.has_its_own(n)) << n;
    EXPECT_TRUE(s.has_its_own(4));
    // The last to be answered may find nobody left but the ghost behind it, which is not worth the
    // connection.
    if (victim != 3) {
      EXPECT_EQ(server.connections(), 1u) << "the connection goes on, in step";
    }
  }
}

TEST_P(Pipelining, EndsOneCallByItsDeadlineAndDelaysNoOther) {
  interruption time_is_up;
  const scripted_server server(
      then(warm_then_read(3),
           {act::run([&] { time_is_up.wait(); }), act::send(answer(1) + answer(2) + answer(3)),
            act::read_head(), act::send(answer(4)), act::stall()}),
      over);
  session s(config_for(server, 1, 4));
  s.run({[&] { s.fetch(0); },
         [&] {
           s.fetch(1);
           s.fetch(2, call_options().timeout(30ms), {}, [&] { time_is_up.ended.set_value(); });
           s.fetch(3);
         },
         [&] { s.fetch(4); }});
  EXPECT_EQ(s.failure(2), errc::deadline_exceeded);
  for (const std::size_t n : {1U, 3U, 4U}) EXPECT_TRUE(s.has_its_own(n)) << n;
  EXPECT_EQ(server.connections(), 1u);
}

TEST_P(Pipelining, PutsNothingBehindACallThatTimedOut) {
  interruption time_is_up;
  const scripted_server server(
      {then(warm_then_read(2),
            {act::run([&] { time_is_up.wait(); }), act::send(answer(1) + answer(2)),
             act::read_head(), act::send(answer(3)), act::stall()})},
      over);
  session s(config_for(server, 1, 4));
  s.run({[&] { s.fetch(0); },
         [&] {
           s.fetch(1, call_options().timeout(30ms), {}, [&] {
             s.fetch(3);
             EXPECT_EQ(s.api.statistics().waiting, 1u);
             time_is_up.ended.set_value();
           });
           s.fetch(2);
         }});
  EXPECT_EQ(s.failure(1), errc::deadline_exceeded);
  EXPECT_TRUE(s.has_its_own(2));
  EXPECT_TRUE(s.has_its_own(3));
}

TEST_P(Pipelining, GivesAConnectionUpWhenNobodyOnItWaitsAnyMore) {
  const scripted_server server({then(warm_then_read(3), {act::stall()}),
                                {act::read_head(), act::send(answer(4)), act::stall()}},
                               over);
  session s(config_for(server, 1, 4));
  s.run({[&] { s.fetch(0); },
         [&] {
           for (std::size_t n = 1; n <= 3; ++n) s.fetch(n, call_options().timeout(30ms));
         },
         [&] { s.fetch(4); }});
  for (std::size_t n = 1; n <= 3; ++n) EXPECT_EQ(s.failure(n), errc::deadline_exceeded);
  EXPECT_TRUE(s.has_its_own(4));
  EXPECT_TRUE(server.wait_for_end(0));
}

TEST_P(Pipelining, EndsEveryCallOnceWhenTheClientIsClosed) {
  session* running = nullptr;
  const auto close_client = [&] {
    asio::post(running->io,
               [&] { running->api.async_close(0ms, [](const result<close_report>&) {}); });
  };
  const scripted_server server(then(warm_then_read(3), {act::run(close_client), act::stall()}),
                               over);
  session s(config_for(server, 1, 4));
  running = &s;
  s.run({[&] { s.fetch(0); }, [&] { s.fetch_all(1, 3); }});
  for (std::size_t n = 1; n <= 3; ++n) EXPECT_EQ(s.failure(n), condition::cancelled);
}

TEST_P(Pipelining, DrainsWhatItHadToSendElsewhere) {
  session* running = nullptr;
  std::promise<void> closing;
  const auto drain = [&] {
    asio::post(running->io, [&] {
      running->api.async_close(
          20s, [](const result<close_report>& closed) { EXPECT_EQ(closed->drained, 3u); });
      closing.set_value();
    });
    closing.get_future().wait();
  };
  const scripted_server server(
      {then(warm_then_read(3), {act::run(drain), act::send(answer(1)), act::drop()}),
       {act::read_head(), act::send(answer(2)), act::drop()},
       {act::read_head(), act::send(answer(3)), act::stall()}},
      over);
  session s(config_for(server, 1, 4));
  running = &s;
  s.run({[&] { s.fetch(0); }, [&] { s.fetch_all(1, 3); }});
  s.expect_all_own(0, 4);
}

TEST_P(Pipelining, LosesNoCallOnManyThreadsWhenConnectionsBreak) {
  asio::io_context server_io(1);
  std::size_t requests = 0;
  planned_server server(
      server_io,
      [&](std::string_view target) -> planned_reply {
        const std::string bytes = answer(number_of(target));
        switch (++requests % 61) {
          case 20: return {.bytes = bytes, .then = planned_reply::ending::drop};
          case 40: return {.bytes = {}, .then = planned_reply::ending::reset};
          case 60:
            return {.bytes = answer(number_of(target), "Connection: close\r\n"),
                    .then = planned_reply::ending::close};
          default: return {.bytes = bytes};
        }
      },
      GetParam());
  std::jthread serving([&] { server_io.run(); });

  asio::io_context io;
  client_config config = config_for(server, 3, 8);
  config.retry.max_attempts = 10;
  client api(io.get_executor(), config);
  constexpr std::size_t calls = 600;
  std::atomic<std::size_t> begun{0};
  std::atomic<std::size_t> ended{0};
  std::atomic<std::size_t> own{0};
  std::function<void()> next = [&] {
    const std::size_t n = begun++;
    if (n >= calls) return;
    api.async_get_integration(
        {project(), integration_number(n)}, [&, n](const result<integration>& got) {
          EXPECT_TRUE(got) << got.error();
          if (got && std::get<slack_settings>(got->settings).channel == channel(n)) ++own;
          if (++ended == calls)
            return api.async_close(0ms, [&](const result<close_report>&) {
              asio::post(server_io, [&] { server.close(); });
            });
          next();
        });
  };
  for (int i = 0; i < 30; ++i) next();
  run_on_threads(io, 4);
  EXPECT_EQ(own, calls);
  EXPECT_GT(api.statistics().pipelined, 0u);
}

TEST(PipeliningToNginx, LosesNoCallWhenConnectionsHaveServedTheirRequests) {
  const certificate_authority authority{"Trusted authority"};
  const certificate identity = authority.issue(
      {.common_name = "localhost", .dns_names = {"localhost"}, .addresses = {"127.0.0.1"}});
  constexpr std::size_t documents = 20;
  constexpr std::size_t calls = 600;
  test::nginx_server::files content;
  for (std::size_t n = 0; n < documents; ++n)
    content["projects/project-0/integrations/integration-" + std::to_string(n)] = document(n);
  const test::nginx_server server(
      "server { listen 127.0.0.1:{port} ssl; ssl_certificate {certificate}; ssl_certificate_key "
      "{key}; root {root}; default_type application/json; "
      "keepalive_requests 25; }",
      identity, content);
  session s(client_config{.base_url = "https://127.0.0.1:" + std::to_string(server.port()),
                          .credentials = bearer_token("a-token"),
                          .tls = {.ca_pem = authority.pem()},
                          .pool = {.max_connections = 3, .pipeline_depth = 8},
                          .retry = {.max_attempts = 1}});
  // When nobody happened to stand behind the last request of a connection, nothing could be lost:
  // then once more.
  std::size_t rounds = 0;
  const auto until_some_moved = [&] {
    if (s.api.statistics().pipeline_moves > 0) return s.fetch_all(0, 0);
    ++rounds;
    for (std::size_t i = 0; i < calls; ++i) s.fetch(i % documents);
  };
  s.run(session::rounds(10, until_some_moved));
  for (std::size_t n = 0; n < documents; ++n)
    EXPECT_TRUE(s.has_its_own(n, rounds * calls / documents)) << n;
  EXPECT_GT(s.pool.pipelined, 0u);
  EXPECT_GT(s.pool.pipeline_moves, 0u);
  EXPECT_EQ(s.pool.stale_replays, 0u) << "nginx announces the end";
}

}  // namespace pipelining_test
}  // namespace upsun::testing
