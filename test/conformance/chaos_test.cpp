// Calls by the thousand, on one to four threads, to a server that responds in every way a server
// can, with cancellations and deadlines by chance: no wrong response, none doubled, none lost.
//
// Bounded in work, not in time. UPSUN_CHAOS_CALLS makes it longer, UPSUN_CHAOS_SEED repeats a run.

#include <gtest/gtest.h>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <upsun/client.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <latch>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "conformance/chaos_manners.hpp"
#include "conformance/wire_calls.hpp"
#include "support/joining_thread.hpp"
#include "support/planned_server.hpp"

namespace upsun::http::test {
namespace chaos_test {

using namespace std::chrono_literals;
using upsun::test::planned_reply;
using upsun::test::planned_server;

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}
std::size_t calls_to_make() { return from_environment("UPSUN_CHAOS_CALLS", 500); }
std::uint64_t seed_of_run() { return from_environment("UPSUN_CHAOS_SEED", 20'261'130); }

/// Dice for one thing, the same in every run with the same seed.
std::mt19937_64 dice_for(std::uint64_t what, std::uint64_t which = 0) {
  std::seed_seq seeds{seed_of_run(), what, which};
  return std::mt19937_64(seeds);
}
std::size_t pick(std::mt19937_64& dice, std::size_t below) {
  return std::uniform_int_distribution<std::size_t>(0, below - 1)(dice);
}

/// A server on a thread of its own.
class server_on_a_thread {
 public:
  server_on_a_thread(planned_server::plan plan, bool tls)
      : server_(io_, std::move(plan), tls), thread_([this] { io_.run(); }) {}
  server_on_a_thread(const server_on_a_thread&) = delete;
  server_on_a_thread& operator=(const server_on_a_thread&) = delete;
  ~server_on_a_thread() {
    asio::post(io_, [this] { server_.close(); });
    thread_.join();
  }
  [[nodiscard]] const planned_server& operator*() const { return server_; }

 private:
  asio::io_context io_{1};
  planned_server server_;
  std::thread thread_;
};

/// Runs a context on several threads, until it has nothing more to do.
class threads_of {
 public:
  threads_of(asio::io_context& io, int count) {
    for (int i = 0; i < count; ++i) all_.emplace_back([&io] { io.run(); });
  }

 private:
  std::vector<upsun::test::joining_thread> all_;
};

/// Keeps so many calls under way until all were made; each ends once.
class storm {
 public:
  /// \param begin begins the call of a number, with a signal that may cancel it, and calls `ended`
  /// with that number in the end.
  using begin_function = std::function<void(std::size_t number, asio::cancellation_signal& cancel)>;

  storm(asio::io_context& io, std::size_t calls, begin_function begin)
      : io_(io), begin_(std::move(begin)), all_(calls), done_(static_cast<std::ptrdiff_t>(calls)) {}

  /// Returns when all have ended.
  void run() {
    for (std::size_t i = 0; i < at_once; ++i) asio::post(io_, [this] { begin_next(); });
    done_.wait();
  }
  void ended(std::size_t number) {
    EXPECT_EQ(all_[number].ended++, 0) << "doubled: call " << number;
    begin_next();
    done_.count_down();
  }
  /// Cancels a call after a while, if it is still under way.
  void cancel_later(std::size_t number, std::chrono::microseconds delay) {
    one& call = all_[number];
    call.timer.emplace(io_, delay);
    call.timer->async_wait(
        [&call](const error_code&) { call.cancel.emit(asio::cancellation_type::terminal); });
  }
  void expect_that_none_was_doubled() const {
    for (std::size_t i = 0; i < all_.size(); ++i) EXPECT_EQ(all_[i].ended, 1) << "call " << i;
  }

 private:
  static constexpr std::size_t at_once = 48;
  struct one {
    asio::cancellation_signal cancel;
    std::optional<asio::steady_timer> timer;
    std::atomic<int> ended{0};
  };

  void begin_next() {
    if (const std::size_t number = begun_++; number < all_.size())
      begin_(number, all_[number].cancel);
  }

  asio::io_context& io_;
  const begin_function begin_;
  std::vector<one> all_;
  std::atomic<std::size_t> begun_{0};
  std::latch done_;
};

client_config config_for(const planned_server& server) {
  client_config config;
  config.base_url = server.url();
  config.tls.ca_pem = server.ca_pem();
  config.pool = {.max_connections = 16, .acquire_timeout = 10min};
  config.timeouts = {.total = 10min, .attempt = 10min, .connect = 10min};
  return config;
}

class Chaos : public ::testing::TestWithParam<std::tuple<int, bool>> {
 protected:
  [[nodiscard]] static int threads() { return std::get<0>(GetParam()); }
  [[nodiscard]] static bool tls() { return std::get<1>(GetParam()); }

  const std::size_t calls = calls_to_make();
  asio::io_context io;
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work{io.get_executor()};
  std::atomic<std::size_t> responses{0};
};

/// What is known of a request before it is sent.
struct planned_request {
  const manner* how = nullptr;
  bool idempotent = true;
  bool cancelled = false;
  bool hurried = false;  // it has a deadline
  std::string id{};
  std::string body{};  // of the response
};

planned_request plan_of(std::size_t number) {
  auto dice = dice_for(1, number);
  planned_request planned{.how = &manners()[pick(dice, manners().size())]};
  planned.idempotent = pick(dice, 3) != 0 && planned.how->status != 413;
  planned.cancelled = pick(dice, 8) == 0;
  planned.hurried = pick(dice, 8) == 0;
  planned.id = "call-" + std::to_string(number);
  const std::size_t padding = pick(dice, 20) == 0 ? 50'000 : pick(dice, 200);
  planned.body = R"({"id":")" + planned.id + R"(","padding":")" + std::string(padding, 'x') + "\"}";
  return planned;
}

http_request request_of(std::size_t number, const planned_request& planned) {
  auto dice = dice_for(2, number);
  http_request request = get("/" + std::to_string(number));
  request.idempotent = planned.idempotent;
  if (!planned.idempotent) {
    request.method = "POST";
    request.body = std::string(planned.how->status == 413 ? 400'000 : 1 + pick(dice, 2'000), 'b');
    request.content_type = "application/json";
  }
  request.attempt_timeout =
      planned.how->stalls() ? std::chrono::milliseconds(20 + pick(dice, 30)) : 10min;
  if (planned.hurried)
    request.deadline =
        std::chrono::steady_clock::now() + std::chrono::microseconds(pick(dice, 20'000));
  return request;
}

/// \param received how often the server had received the request when it ended
void judge(const planned_request& planned, int received, const result<http_response>& got) {
  const manner& how = *planned.how;
  const std::string what = planned.id + ", " + how.name;
  if (got) {
    EXPECT_EQ(got->status, how.status) << what;
    EXPECT_EQ(got->request_id, planned.id) << what;
    EXPECT_EQ(got->body, how.with_body ? planned.body : "") << what;
    return;
  }
  const error& failure = got.error();
  const bool lost = failure == errc::connection_closed || failure == errc::connection_reset;
  // The server closed an idle connection just when the request was sent on it.
  const bool never_came = lost && !planned.idempotent && received == 0;
  EXPECT_TRUE(how.may_fail_with(failure) || never_came ||
              (planned.cancelled && failure == errc::cancelled) ||
              (planned.hurried && failure == errc::deadline_exceeded))
      << what << ": " << failure;
}

TEST_P(Chaos, GivesEachRequestItsOwnResponseOnceOrSaysWhyNot) {
  std::vector<std::atomic<int>> received(calls);
  const server_on_a_thread server(
      [&](std::string_view target) {
        const std::size_t number = std::stoul(std::string(target.substr(1)));
        ++received.at(number);
        const planned_request asked = plan_of(number);
        return asked.how->over_http1(asked.id, asked.body);
      },
      tls());
  const auto wire = transport_for(io, config_for(*server));
  storm all(io, calls, [&](std::size_t number, asio::cancellation_signal& cancel) {
    const auto planned = std::make_shared<const planned_request>(plan_of(number));
    wire->async_send(request_of(number, *planned),
                     asio::bind_cancellation_slot(
                         cancel.slot(), [&, number, planned](const result<http_response>& got) {
                           judge(*planned, received[number], got);
                           if (got) ++responses;
                           all.ended(number);
                         }));
    if (auto dice = dice_for(3, number); planned->cancelled)
      all.cancel_later(number, std::chrono::microseconds(pick(dice, 10'000)));
  });
  {
    const threads_of running(io, threads());
    all.run();
    wire->async_close(0ms, [&](const close_report&) { work.reset(); });
  }
  all.expect_that_none_was_doubled();
  EXPECT_GT(responses, calls / 4);
  EXPECT_EQ(wire->statistics().open() + wire->statistics().waiting, 0u);
  for (std::size_t i = 0; i < calls; ++i) {
    // One that is idempotent is sent once more when its connection, which was idle before, is lost.
    EXPECT_LE(received[i], plan_of(i).idempotent ? 2 : 1) << "call " << i;
  }
}

/// The number at the end of ".../integration-17".
std::string asked_for(std::string_view target) {
  return std::string(target.substr(target.rfind('/') + 1));
}

TEST_P(Chaos, GivesEachCallTheDocumentItAskedForWithRetriesHedgesAndSharing) {
  std::size_t requests = 0;
  const server_on_a_thread server(
      [&](std::string_view target) {
        auto dice = dice_for(4, requests++);
        const std::size_t any = pick(dice, 2) == 0 ? 0 : pick(dice, manners().size());
        return manners()[any].over_http1(
            "r", R"({"id":")" + asked_for(target) + R"(","type":"health.slack","channel":"#ops"})");
      },
      tls());
  client_config config = config_for(*server);
  config.timeouts.attempt = 50ms;
  config.retry = {.base = 1ms, .throttled_base = 1ms, .max_delay = 5ms};
  config.hedge = {.enabled = true, .delay = 5ms, .max_extra_percent = 100};
  config.coalesce = true;
  config.cache = {.max_entries = 5, .ttl = 1ms};
  std::optional<client> calling(std::in_place, io.get_executor(), config);
  storm all(io, calls, [&](std::size_t number, asio::cancellation_signal& cancel) {
    auto dice = dice_for(5, number);
    const std::string id = "integration-" + std::to_string(pick(dice, 10));
    call_options options;
    if (pick(dice, 8) == 0) options.timeout(std::chrono::milliseconds(1 + pick(dice, 60)));
    const bool cancelled = pick(dice, 8) == 0;
    calling->async_get_integration(
        {project_id("p"), integration_id(id)}, options,
        asio::bind_cancellation_slot(cancel.slot(),
                                     [&, number, id, cancelled](const result<integration>& got) {
                                       if (got) {
                                         ++responses;
                                         EXPECT_EQ(got->id, id);
                                       } else if (got.error() == errc::cancelled) {
                                         EXPECT_TRUE(cancelled) << got.error();
                                       }
                                       all.ended(number);
                                     }));
    if (cancelled) all.cancel_later(number, std::chrono::microseconds(pick(dice, 30'000)));
  });
  {
    const threads_of running(io, threads());
    all.run();
    const client_statistics left = calling->statistics();
    EXPECT_EQ(left.in_flight, 0u);
    calling->async_close(0ms, [&](const result<close_report>&) { work.reset(); });
  }
  all.expect_that_none_was_doubled();
  EXPECT_GT(responses, calls / 4);
  const client_statistics left = calling->statistics();
  EXPECT_EQ(left.open() + left.waiting, 0u);
}

std::string name_of(const ::testing::TestParamInfo<std::tuple<int, bool>>& tried) {
  const auto& [threads, tls] = tried.param;
  return std::to_string(threads) + (tls ? "ThreadsOverTls" : "Threads");
}
INSTANTIATE_TEST_SUITE_P(On, Chaos,
                         ::testing::Combine(::testing::Values(1, 2, 3, 4), ::testing::Bool()),
                         name_of);

}  // namespace chaos_test
}  // namespace upsun::http::test
