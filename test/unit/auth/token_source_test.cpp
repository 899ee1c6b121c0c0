#include <gtest/gtest.h>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <upsun/client_config.hpp>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

#include "auth/token_provider.hpp"
#include "support/joining_thread.hpp"

namespace upsun::auth {
namespace token_source_test {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

struct TokenSource : ::testing::Test {
  asio::io_context io;
  std::shared_ptr<token_provider> provider;
  int calls = 0;
  std::optional<result<token>> got;

  ~TokenSource() override {
    if (provider) provider->shutdown();
    settle();
  }

  /// Until nothing can go on by itself.
  void settle() {
    io.restart();
    io.poll();
  }
  /// Begins a wait with this source.
  void begin(token_source source) {
    const client_config config{.credentials = std::move(source)};
    provider = make_token_provider(io.get_executor(), *config::make_settings(config).auth, nullptr);
    calls = 0;
    got.reset();
    provider->async_get(clock::now() + 1h, [this](result<token> r) {
      ++calls;
      got.emplace(std::move(r));
    });
    EXPECT_EQ(calls, 0) << "never from within";
  }
  /// What a wait comes to with this source.
  result<token> get(token_source source) {
    begin(std::move(source));
    io.restart();
    while (calls == 0 && io.run_one() != 0) {
    }
    EXPECT_EQ(calls, 1);
    return got ? *got : result<token>(errc::cancelled);
  }
};

TEST_F(TokenSource, MayBeACoroutineFunction) {
  int requests = 0;
  const auto token = get(token_source([&requests]() -> asio::awaitable<result<access_token>> {
    ++requests;
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor, 1ms);
    co_await timer.async_wait(asio::use_awaitable);
    co_return access_token("abc", 15min);
  }));
  ASSERT_TRUE(token) << token.error();
  EXPECT_EQ(*token->authorization, "Bearer abc");
  EXPECT_TRUE(provider->try_get());
  EXPECT_EQ(requests, 1);
}

TEST_F(TokenSource, MayBeAFunctionThatTakesAHandler) {
  const auto token = get(token_source(
      [](token_source::handler handler) { std::move(handler)(access_token("abc", 15min)); }));
  ASSERT_TRUE(token) << token.error();
  EXPECT_EQ(*token->authorization, "Bearer abc");
}

TEST_F(TokenSource, MayCompleteFromAnyThread) {
  upsun::test::joining_thread other;
  const auto work = asio::make_work_guard(io);
  const auto token = get(token_source([&other](token_source::handler handler) {
    other = upsun::test::joining_thread(
        [handler = std::make_shared<token_source::handler>(std::move(handler))] {
          std::move (*handler)(access_token("abc", 15min));
        });
  }));
  ASSERT_TRUE(token) << token.error();
  EXPECT_EQ(*token->authorization, "Bearer abc");
}

TEST_F(TokenSource, ItsErrorReachesTheCalls) {
  error_details details;
  details.phase = phase::connect;
  details.cause = "the vault is sealed";
  const error sealed(errc::connect_failed, details);
  const auto token =
      get(token_source([sealed]() -> asio::awaitable<result<access_token>> { co_return sealed; }));
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error(), errc::connect_failed);
  EXPECT_EQ(token.error().phase(), phase::token);
  EXPECT_EQ(token.error().details().cause, "token source (connect): the vault is sealed");
}

TEST_F(TokenSource, ItsExceptionsBecomeErrors) {
  auto token = get(token_source([]() -> asio::awaitable<result<access_token>> {
    throw std::runtime_error("no vault");
    co_return errc::cancelled;
  }));
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error(), errc::token_source_failed);
  EXPECT_EQ(token.error().details().cause, "token source: threw: no vault");

  token = get(token_source([](token_source::handler) { throw std::runtime_error("no vault"); }));
  EXPECT_EQ(token.error(), errc::token_source_failed);
  EXPECT_EQ(token.error().details().cause, "token source: threw: no vault")
      << "and not that it dropped its handler";

  token = get(token_source(token_source::coroutine_function(
      []() -> asio::awaitable<result<access_token>> { throw 7; })));
  EXPECT_EQ(token.error(), errc::token_source_failed);

  token = get(token_source([]() -> asio::awaitable<result<access_token>> {
    co_return result<access_token>(errc::server_error).value();
  }));
  EXPECT_EQ(token.error(), errc::server_error)
      << "the error that `value()` throws is the error itself";
}

TEST_F(TokenSource, ADroppedHandlerIsAnError) {
  const auto token = get(token_source([](const token_source::handler&) {}));
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error(), errc::token_source_failed);
  EXPECT_EQ(token.error(), condition::unauthorized);
  EXPECT_EQ(token.error().details().cause, "token source: dropped its handler");
}

TEST_F(TokenSource, ATokenThatCannotBeUsedIsAnErrorThatDoesNotShowIt) {
  const access_token useless[] = {
      {"", 15min},     {"planted token", 15min}, {"planted\r\n", 15min},
      {"planted", 0s}, {"planted", -5s},         {"planted", std::chrono::seconds::min()}};
  for (const access_token& each : useless) {
    const auto token =
        get(token_source([each](token_source::handler handler) { std::move(handler)(each); }));
    ASSERT_FALSE(token);
    EXPECT_EQ(token.error(), errc::token_source_failed);
    EXPECT_EQ(token.error().message().find("planted"), std::string::npos) << token.error();
  }
  const auto token =
      get(token_source([](token_source::handler handler) { std::move(handler)(error()); }));
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error(), errc::token_source_failed) << "an error without a code";
}

TEST_F(TokenSource, IsCancelledWhenTheClientEnds) {
  bool cancelled = false;
  begin(token_source([&cancelled]() -> asio::awaitable<result<access_token>> {
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor, 1h);
    try {
      co_await timer.async_wait(asio::use_awaitable);
    } catch (const boost::system::system_error& e) {
      cancelled = e.code() == asio::error::operation_aborted;
    }
    co_return errc::cancelled;
  }));
  io.poll();
  provider->shutdown();
  io.run();
  EXPECT_TRUE(cancelled);
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(got->error(), errc::cancelled);
}

TEST_F(TokenSource, ACallbackSourceIsCancelledByItsSlot) {
  bool cancelled = false;
  std::optional<token_source::handler> kept;
  begin(token_source([&](token_source::handler handler) {
    asio::get_associated_cancellation_slot(handler).assign(
        [&cancelled](asio::cancellation_type) { cancelled = true; });
    kept.emplace(std::move(handler));
  }));
  settle();
  EXPECT_EQ(calls, 0);
  provider->shutdown();
  settle();
  EXPECT_TRUE(cancelled);
  EXPECT_EQ(calls, 1);
  std::move (*kept)(access_token("late", 15min));
  settle();
  EXPECT_EQ(calls, 1);
}

TEST_F(TokenSource, MayOutliveTheProviderWithItsHandler) {
  std::optional<token_source::handler> kept;
  begin(token_source([&](token_source::handler handler) { kept.emplace(std::move(handler)); }));
  settle();
  provider->shutdown();
  provider.reset();
  std::move (*kept)(access_token("late", 15min));
  settle();
  EXPECT_EQ(calls, 1);
}

}  // namespace token_source_test
}  // namespace upsun::auth
