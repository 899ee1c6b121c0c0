#include "auth/token_provider.hpp"
#include "support/joining_thread.hpp"

#include <gtest/gtest.h>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <upsun/client_config.hpp>
#include <upsun/testing/fake_transport.hpp>

#include <atomic>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace upsun::auth {
namespace token_provider_test {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using testing::fake_transport;
using clock = std::chrono::steady_clock;

/// What a wait came to, and how often.
struct wait {
  int calls = 0;
  std::optional<result<token>> got;

  auto handler() {
    return [this](result<token> r) {
      ++calls;
      got.emplace(std::move(r));
    };
  }
  [[nodiscard]] bool has(const std::string& text) const {
    return calls == 1 && *got && *(*got)->authorization == "Bearer " + text;
  }
  [[nodiscard]] bool failed(errc code) const {
    return calls == 1 && !*got && got->error() == code && got->error().phase() == phase::token;
  }
};

std::string token_json(const std::string& token, int expires_in = 900) {
  return R"({"access_token":")" + token + R"(","expires_in":)" + std::to_string(expires_in) + "}";
}

struct TokenProvider : ::testing::Test {
  asio::io_context io;
  std::shared_ptr<fake_transport> network = std::make_shared<fake_transport>(io.get_executor());
  client_config config{.credentials = api_token("hunter2", "https://auth.example/sub")};
  std::shared_ptr<token_provider> provider = provider_of(config);
  const clock::time_point later = clock::now() + 1h;

  std::shared_ptr<token_provider> provider_of(const client_config& of) {
    return make_token_provider(io.get_executor(), *upsun::config::make_settings(of).auth, network);
  }
  void respond_with(const std::string& token, int expires_in = 900) {
    network->push(fake_transport::json(token_json(token, expires_in)));
  }
  /// Until nothing can go on by itself.
  void settle() {
    io.restart();
    io.poll();
  }
  /// A wait that nothing holds up.
  wait get() {
    wait one;
    provider->async_get(later, one.handler());
    EXPECT_EQ(one.calls, 0) << "never from within";
    settle();
    return one;
  }
};

TEST_F(TokenProvider, ExchangesTheApiTokenOnceAndKeepsWhatItGot) {
  respond_with("abc");
  EXPECT_FALSE(provider->try_get());
  EXPECT_TRUE(get().has("abc"));
  ASSERT_TRUE(provider->try_get());
  EXPECT_EQ(*provider->try_get()->authorization, "Bearer abc");
  EXPECT_TRUE(get().has("abc"));

  const auto sent = network->requests();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].target, "/sub/oauth2/token");
  EXPECT_EQ(sent[0].body, "grant_type=api_token&api_token=hunter2");
  EXPECT_EQ(sent[0].attempt_timeout, config.timeouts.attempt);
  EXPECT_LE(sent[0].deadline, clock::now() + config.timeouts.total);
  EXPECT_EQ(provider->statistics().requests, 1u);
  EXPECT_EQ(provider->statistics().waiting, 0u);
}

TEST_F(TokenProvider, TenThousandConcurrentCallsMakeOneExchange) {
  network->hold();
  std::atomic<int> good{0};
  const auto ask = [&] {
    for (int i = 0; i < 2'500; ++i) {
      if (provider->try_get()) continue;
      provider->async_get(later, [&good](const result<token>& got) {
        good += got && *got->authorization == "Bearer abc" ? 1 : 0;
      });
    }
  };
  respond_with("abc");
  {
    std::vector<upsun::test::joining_thread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back(ask);
  }
  settle();
  EXPECT_EQ(provider->statistics().waiting, 10'000u);
  EXPECT_EQ(good, 0);
  network->release();
  settle();
  EXPECT_EQ(good, 10'000);
  EXPECT_EQ(network->requests().size(), 1u);
}

TEST_F(TokenProvider, ABurstOfRefusalsMakesOneRenewal) {
  respond_with("old");
  respond_with("new");
  const token refused = **get().got;
  std::vector<wait> burst(100);
  for (wait& each : burst) {
    provider->invalidate(refused.generation);
    provider->async_get(later, each.handler());
  }
  settle();
  for (const wait& each : burst) EXPECT_TRUE(each.has("new"));
  provider->invalidate(refused.generation);
  EXPECT_TRUE(provider->try_get());
  EXPECT_EQ(network->requests().size(), 2u);
}

TEST_F(TokenProvider, OneCancelledWaitLeavesTheRefreshToTheOthers) {
  network->hold();
  respond_with("abc");
  wait cancelled;
  wait kept;
  asio::cancellation_signal signal;
  provider->async_get(later, asio::bind_cancellation_slot(signal.slot(), cancelled.handler()));
  provider->async_get(later, kept.handler());
  settle();
  signal.emit(asio::cancellation_type::none);
  settle();
  EXPECT_EQ(cancelled.calls, 0);
  signal.emit(asio::cancellation_type::partial);
  EXPECT_EQ(cancelled.calls, 0) << "never from within the cancellation";
  settle();
  EXPECT_TRUE(cancelled.failed(errc::cancelled));
  EXPECT_EQ(network->pending(), 1u) << "the exchange goes on";
  network->release();
  settle();
  EXPECT_TRUE(kept.has("abc"));
  signal.emit(asio::cancellation_type::total);
  settle();
  EXPECT_EQ(cancelled.calls, 1);
}

TEST_F(TokenProvider, ARefreshWithoutAnyWaiterLeftStillBringsTheToken) {
  network->hold();
  respond_with("abc");
  wait only;
  asio::cancellation_signal signal;
  provider->async_get(later, asio::bind_cancellation_slot(signal.slot(), only.handler()));
  signal.emit(asio::cancellation_type::terminal);
  settle();
  EXPECT_TRUE(only.failed(errc::cancelled));
  network->release();
  settle();
  EXPECT_TRUE(provider->try_get());
  EXPECT_EQ(network->requests().size(), 1u);
}

TEST_F(TokenProvider, AWaitEndsAtItsDeadlineAndTheOthersDoNot) {
  network->hold();
  respond_with("abc");
  wait hasty;
  wait patient;
  provider->async_get(later, patient.handler());
  provider->async_get(clock::now(), hasty.handler());
  io.restart();
  while (hasty.calls == 0) io.run_one();
  EXPECT_TRUE(hasty.failed(errc::deadline_exceeded));
  EXPECT_EQ(patient.calls, 0);
  network->release();
  settle();
  EXPECT_TRUE(patient.has("abc"));
}

TEST_F(TokenProvider, ADeadlineNamesTheLastExchangesError) {
  error_details details;
  details.phase = phase::connect;
  details.cause = "Connection refused";
  network->push(error(errc::connect_failed, details));
  const wait failed = get();
  EXPECT_TRUE(failed.failed(errc::connect_failed));
  EXPECT_EQ(failed.got->error().details().cause, "token exchange (connect): Connection refused");

  network->hold();
  wait hasty;
  provider->async_get(clock::now(), hasty.handler());
  io.restart();
  while (hasty.calls == 0) io.run_one();
  EXPECT_TRUE(hasty.failed(errc::deadline_exceeded));
  EXPECT_NE(hasty.got->error().details().cause.find("Connection refused"), std::string::npos)
      << hasty.got->error();
  provider->shutdown();
}

TEST_F(TokenProvider, ATransientFailureReachesAllThatWaitWithItsCode) {
  network->push(fake_transport::json("{}", 503));
  std::vector<wait> waits(50);
  for (wait& each : waits) provider->async_get(later, each.handler());
  settle();
  for (const wait& each : waits) {
    EXPECT_TRUE(each.failed(errc::server_error));
    EXPECT_EQ(each.got->error().status(), 503);
  }
  respond_with("abc");
  EXPECT_TRUE(get().has("abc"));
  EXPECT_EQ(provider->statistics().failures, 1u);
}

TEST_F(TokenProvider, ARefusedApiTokenIsNotSentAgainAtEveryCall) {
  network->push(fake_transport::json(R"({"error":"invalid_grant"})", 400));
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(get().failed(errc::credentials_refused));
  EXPECT_EQ(network->requests().size(), 1u);
}

TEST_F(TokenProvider, ARefusedRefreshTokenFallsBackToTheApiTokenForTheSameWaiters) {
  network->push(fake_transport::json(R"({"access_token":"a","refresh_token":"r1"})"));
  (void)get();
  provider->invalidate(1);
  network->push(fake_transport::json(R"({"error":"invalid_grant"})", 400));
  respond_with("b");
  EXPECT_TRUE(get().has("b"));
  const auto sent = network->requests();
  ASSERT_EQ(sent.size(), 3u);
  EXPECT_EQ(sent[1].body, "grant_type=refresh_token&refresh_token=r1");
  EXPECT_EQ(sent[2].body, "grant_type=api_token&api_token=hunter2");
  EXPECT_EQ(sent[1].deadline, sent[2].deadline) << "one refresh";
  EXPECT_EQ(provider->statistics().refreshes, 1u);
  EXPECT_EQ(provider->statistics().failures, 0u);
}

TEST_F(TokenProvider, ShutdownEndsTheRefreshAndEveryWait) {
  network->hold();
  respond_with("abc");
  std::vector<wait> waits(50);
  for (wait& each : waits) provider->async_get(later, each.handler());
  settle();
  ASSERT_EQ(network->pending(), 1u);
  provider->shutdown();
  for (const wait& each : waits) EXPECT_EQ(each.calls, 0);
  wait late;
  provider->async_get(later, late.handler());
  settle();
  for (const wait& each : waits) EXPECT_TRUE(each.failed(errc::cancelled));
  EXPECT_TRUE(late.failed(errc::cancelled));
  EXPECT_EQ(network->pending(), 0u) << "the exchange was cancelled";
  EXPECT_FALSE(provider->try_get());
  provider->shutdown();
}

TEST_F(TokenProvider, ShutdownBeforeTheRefreshIsSentStopsItToo) {
  network->hold();
  wait only;
  provider->async_get(later, only.handler());
  provider->shutdown();
  settle();
  EXPECT_TRUE(only.failed(errc::cancelled));
  EXPECT_EQ(network->pending(), 0u);
}

TEST_F(TokenProvider, CancelsARefreshThatTakesLongerThanTheTotalTimeout) {
  config.timeouts.total = 1ms;
  config.timeouts.attempt = 24h;
  provider = provider_of(config);
  network->hold();
  wait only;
  provider->async_get(later, only.handler());
  io.restart();
  while (only.calls == 0) io.run_one();
  EXPECT_TRUE(only.failed(errc::attempt_timeout)) << "it was the refresh's time, not the call's";
  settle();
  EXPECT_EQ(network->pending(), 0u);
  provider->shutdown();
}

TEST_F(TokenProvider, MayBeCalledWithALockHeldThatItsHandlersTake) {
  std::mutex lock;
  respond_with("abc");
  int calls = 0;
  const auto locking = [&](const result<token>&) {
    const std::scoped_lock held(lock);
    ++calls;
  };
  {
    const std::scoped_lock held(lock);
    (void)provider->try_get();
    provider->async_get(later, locking);
    provider->invalidate(7);
    asio::cancellation_signal signal;
    provider->async_get(later, asio::bind_cancellation_slot(signal.slot(), locking));
    signal.emit(asio::cancellation_type::total);
  }
  settle();
  EXPECT_EQ(calls, 2);
}

/// Threads ask, refuse, cancel and run the context, all at once.
TEST_F(TokenProvider, EveryWaitCompletesOnceWhateverTheThreadsDo) {
  std::atomic<int> generation{0};
  network = std::make_shared<fake_transport>(
      io.get_executor(), [&](const http_request&) -> result<http_response> {
        const int n = ++generation;
        if (n % 5 == 0) return error(errc::connect_failed);
        return fake_transport::json(token_json("t" + std::to_string(n)));
      });
  provider = provider_of(config);
  constexpr int threads = 4;
  constexpr int waits = 500;
  std::atomic<int> completed{0};
  auto work = asio::make_work_guard(io);
  {
    std::vector<upsun::test::joining_thread> running;
    for (int i = 0; i < 2; ++i) running.emplace_back([this] { io.run(); });
    {
      std::vector<upsun::test::joining_thread> asking;
      for (int i = 0; i < threads; ++i) {
        asking.emplace_back([&, i] {
          for (int n = 0; n < waits; ++n) {
            asio::cancellation_signal signal;
            std::atomic<bool> done{false};
            provider->async_get(
                later, asio::bind_cancellation_slot(signal.slot(), [&](const result<token>& got) {
                  if (got && n % 3 == 0) provider->invalidate(got->generation);
                  ++completed;
                  done = true;
                  done.notify_one();
                }));
            if (n % 4 == i) signal.emit(asio::cancellation_type::total);
            done.wait(false);
          }
        });
      }
    }
    provider->shutdown();
    work.reset();
  }
  EXPECT_EQ(completed, threads * waits);
  EXPECT_EQ(provider->statistics().waiting, 0u);
}

}  // namespace token_provider_test
}  // namespace upsun::auth
