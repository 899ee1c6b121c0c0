// An activity's log, followed while it is written: over TLS, from the sandbox, through cuts,
// repetitions, refusals and every end there is.

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <upsun/activity_log.hpp>
#include <upsun/testing/fake_transport.hpp>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "integration/harness.hpp"
#include "support/joining_thread.hpp"

namespace upsun::testing {
namespace activity_log_test {

using asio::awaitable;
using texts = std::vector<std::string>;
using line_result = result<std::optional<log_line>>;

const std::string p = "project-0";
const std::string i = "integration-0";
const std::string a = "a1";
const activity_scope of{project_id(p), integration_id(i)};

/// A sandbox with an activity that has a log, and a client that tries again.
struct ActivityLog : ::testing::TestWithParam<http_version> {
  sandbox server{{.http = GetParam()}};
  const integration_ref ref{project(), integration_number(0)};

  ActivityLog() {
    server.put_activity(
        of, {.id = a, .type = "integration.update", .state = activity_state::in_progress});
    server.put_log(of, a);
  }

  client_config config() {
    client_config made = config_for(server);
    made.retry = {.max_attempts = 3, .base = 0ms, .throttled_base = 1ms, .max_delay = 2ms};
    return made;
  }

  /// The whole log, which is sealed.
  void write(texts lines) {
    server.put_log(of, a, std::move(lines));
    server.seal_log(of, a);
  }

  template <class Body>
  void with_client(Body body) {
    testing::with_client(config(), std::move(body));
  }

  awaitable<activity_log> open(client& user, log_options options = {},
                               const std::string& activity = a) {
    auto log = co_await user.async_open_activity_log(ref, activity_id(activity), options);
    co_return std::move(log).value();
  }
  /// Lines up to the seal; the name of the error, where there is one.
  static awaitable<texts> read_all(activity_log& log) {
    texts all;
    for (;;) {
      line_result line = co_await log.async_next();
      if (!line) {
        all.emplace_back(to_string(static_cast<errc>(line.error().code().value())));
        co_return all;
      }
      if (!*line) co_return all;
      all.push_back((*line)->message);
    }
  }
  /// The same, of an activity's log, by a client of its own.
  texts read(log_options options = {}, const std::string& activity = a) {
    texts all;
    with_client([&](client& user) -> awaitable<void> {
      activity_log log = co_await open(user, options, activity);
      all = co_await read_all(log);
    });
    return all;
  }
};

constexpr http_version versions[] = {
    http_version::http1,
#if UPSUN_HTTP2
    http_version::http2,
#endif
};
std::string name_of(const ::testing::TestParamInfo<http_version>& version) {
  return version.param == http_version::http1 ? "OverHttp1" : "OverHttp2";
}
INSTANTIATE_TEST_SUITE_P(Log, ActivityLog, ::testing::ValuesIn(versions), name_of);

TEST_P(ActivityLog, IsReadUpToItsSeal) {
  write({"one\n", "two\nlines\n"});
  with_client([&](client& user) -> awaitable<void> {
    activity_log log = co_await open(user);
    EXPECT_EQ(log.last_id(), "");
    line_result first = co_await log.async_next();
    EXPECT_EQ(first.value()->id, "1");
    EXPECT_EQ(first.value()->message, "one\n");
    EXPECT_TRUE(first.value()->timestamp);
    const texts rest = co_await read_all(log);
    EXPECT_EQ(rest, texts{"two\nlines\n"});
    EXPECT_EQ(log.last_id(), "2");
    line_result again = co_await log.async_next();
    EXPECT_EQ(again.value(), std::nullopt) << "ever after";
  });
}

TEST_P(ActivityLog, IsFollowedWhileItIsWritten) {
  with_client([&](client& user) -> awaitable<void> {
    activity_log log = co_await open(user);
    for (const char* message : {"one", "two", "three"}) {
      server.append_log(of, a, message);
      line_result line = co_await log.async_next();
      EXPECT_EQ(line.value()->message, message);
    }
    server.seal_log(of, a);
    line_result end = co_await log.async_next();
    EXPECT_EQ(end.value(), std::nullopt);
    EXPECT_EQ(server.statistics().requests, 2u) << "one for the activity, one for all of the log";
    EXPECT_EQ(user.statistics().open(), 1u);
  });
}

TEST_P(ActivityLog, GoesOnWhereAConnectionWasCutAndGivesNothingTwice) {
  write({"1", "2", "3", "4", "5", "6", "7"});
  server.cut_log(of, a, 3, 2);
  server.cut_log(of, a, 1, 1);
  server.cut_log(of, a, 0, 1);
  EXPECT_EQ(read(), (texts{"1", "2", "3", "4", "5", "6", "7"}));
  EXPECT_EQ(server.statistics().requests, 6u)
      << "of which every one began with a line that was known";
}

TEST_P(ActivityLog, AsksForMoreWhenAStreamWasOfLimitedLength) {
  write({"1", "2", "3", "4", "5"});
  EXPECT_EQ(read(log_options().max_items(2).batch_delay(10ms)), (texts{"1", "2", "3", "4", "5"}));
}

TEST_P(ActivityLog, BeginsAfterALineThatIsKnown) {
  write({"1", "2", "3"});
  EXPECT_EQ(read(log_options().start_after("2")), texts{"3"});
}

TEST_P(ActivityLog, IsAskedForAgainWhenTheServerIsUnavailable) {
  write({"1"});
  with_client([&](client& user) -> awaitable<void> {
    activity_log log = co_await open(user);
    server.inject({.kind = fault_kind::status, .status = 503}, 2);
    server.inject({.kind = fault_kind::close_before_reply}, 2);
    server.inject({.kind = fault_kind::reset_at, .at = 20}, 2);
    const texts all = co_await read_all(log);
    EXPECT_EQ(all, texts{"1"});
    EXPECT_EQ(server.statistics().requests, 8u);
  });
}

TEST_P(ActivityLog, HandsAFailureOutWhenThereWereTooManyAndGoesOnWhenAsked) {
  write({"1"});
  with_client([&](client& user) -> awaitable<void> {
    activity_log log = co_await open(user, log_options().max_failures(2));
    server.inject(
        {.kind = fault_kind::status, .status = 503, .body = R"({"message":"Come back."})"}, 3);
    line_result failed = co_await log.async_next();
    EXPECT_EQ(failed.error(), errc::server_error);
    EXPECT_EQ(failed.error().status(), 503);
    EXPECT_EQ(failed.error().server()->message, "Come back.");
    EXPECT_TRUE(failed.error().safe_to_retry());
    EXPECT_NE(failed.error().message().find("/activities/{activityId}/log"), std::string::npos);
    const texts all = co_await read_all(log);
    EXPECT_EQ(all, texts{"1"});
  });
}

TEST_P(ActivityLog, EndsInAnErrorWhereTryingAgainIsNoUse) {
  with_client([&](client& user) -> awaitable<void> {
    activity_log log = co_await open(user);
    server.forbid(p);
    const texts all = co_await read_all(log);
    EXPECT_EQ(all, texts{"forbidden"});
    EXPECT_EQ(server.statistics().requests, 2u);
  });
}

TEST_P(ActivityLog, OfAnActivityThatWasNotGivenOneIsItsText) {
  server.put_activity(of, {.id = "a2",
                           .type = "integration.update",
                           .state = activity_state::complete,
                           .completion_percent = 100,
                           .log = "Started.\nDone.\n"});
  EXPECT_EQ(read({}, "a2"), (texts{"Started.\n", "Done.\n"}));
}

TEST_P(ActivityLog, RenewsTheTokenOnceWhenItWasRefused) {
  server.put_log(of, a, {"1", "2"});
  run([&]() -> awaitable<void> {
    const auto executor = co_await asio::this_coro::executor;
    client_config exchanging = config();
    exchanging.credentials = api_token(server.api_token(), server.url());
    client user(executor, exchanging);
    activity_log log = co_await open(user);
    server.expire_access_tokens();
    line_result line = co_await log.async_next();
    EXPECT_EQ(line.value()->message, "1");
    EXPECT_EQ(server.statistics().exchanges, 2u);
    line = co_await log.async_next();
    server.expire_access_tokens();
    server.close_connections();
    server.append_log(of, a, "3");
    line = co_await log.async_next();
    EXPECT_EQ(line.value()->message, "3") << "in the middle";
    EXPECT_EQ(server.statistics().exchanges, 3u);
    server.demand_step_up(true);
    server.close_connections();
    line = co_await log.async_next();
    EXPECT_EQ(line.error(), errc::step_up_required);
    EXPECT_EQ(server.statistics().exchanges, 3u);
  });
}

TEST_P(ActivityLog, IsUnsupportedWithoutALink) {
  server.put_raw_activity(
      of, "bare", timestamp(),
      R"({"id":"bare","type":"x","state":"complete","completion_percent":100})");
  server.put_raw_activity(
      of, "foreign", timestamp(),
      R"({"id":"foreign","type":"x","state":"complete","completion_percent":100,"_links":{"log":{"href":"https://elsewhere.invalid/log"}}})");
  with_client([&](client& user) -> awaitable<void> {
    auto log = co_await user.async_open_activity_log(ref, activity_id("bare"));
    EXPECT_EQ(log.error(), condition::unsupported);
    log = co_await user.async_open_activity_log(ref, activity_id("foreign"));
    EXPECT_EQ(log.error(), condition::decode) << "the token goes to no other host";
    log = co_await user.async_open_activity_log(ref, activity_id("none"));
    EXPECT_EQ(log.error(), condition::not_found);
    log = co_await user.async_open_activity_log(ref, activity_id(".."));
    EXPECT_EQ(log.error(), condition::invalid_argument);
    log =
        co_await user.async_open_activity_log(ref, activity_id(a), log_options().batch_delay(-1ms));
    EXPECT_EQ(log.error(), condition::invalid_argument);
  });
}

TEST_P(ActivityLog, FollowsALinkOfEitherName) {
  server.put_raw_activity(
      of, "abs", timestamp(),
      R"({"id":"abs","type":"x","state":"complete","completion_percent":100,"_links":{"#log":{"href":")" +
          server.url() + R"(/projects/project-0/integrations/integration-0/activities/a1/log"}}})");
  write({"1"});
  EXPECT_EQ(read({}, "abs"), texts{"1"});
}

TEST_P(ActivityLog, ReadsFromTheApiItselfWhatARegionalHostOffers) {
  server.put_raw_activity(
      of, "region", timestamp(),
      R"({"id":"region","type":"x","state":"complete","completion_percent":100,"_links":{"log":{"href":"https://eu-5.platform.invalid/api/projects/project-0/integrations/integration-0/activities/a1/log"}}})");
  write({"1"});
  EXPECT_EQ(read({}, "region"), texts{"1"});
}

TEST_P(ActivityLog, LosesNothingWhenAWaitIsCancelled) {
  using namespace asio::experimental::awaitable_operators;
  with_client([&](client& user) -> awaitable<void> {
    activity_log log = co_await open(user);
    server.append_log(of, a, "1");
    line_result line = co_await log.async_next();
    for (int turn = 0; turn < 3; ++turn) {
      asio::steady_timer timer(user.get_executor(), 5ms);
      const auto first = co_await (log.async_next() || timer.async_wait(asio::use_awaitable));
      EXPECT_EQ(first.index(), 1u);
    }
    server.append_log(of, a, "2");
    line = co_await log.async_next();
    EXPECT_EQ(line.value()->message, "2");
    EXPECT_EQ(server.statistics().requests, 2u) << "over the same connection";
  });
}

TEST_P(ActivityLog, ReportsACancelledWait) {
  with_client([&](client& user) -> awaitable<void> {
    activity_log log = co_await open(user);
    for (int turns : {0, 1, 2, 5, 10, 20}) {
      asio::cancellation_signal stop;
      std::optional<line_result> ended;
      log.async_next(asio::bind_cancellation_slot(
          stop.slot(), [&](line_result line) { ended = std::move(line); }));
      for (int turn = 0; turn < turns; ++turn)
        co_await asio::post(user.get_executor(), asio::use_awaitable);
      stop.emit(asio::cancellation_type::partial);
      co_await until([&] { return ended.has_value(); });
      EXPECT_EQ(ended->error(), errc::cancelled) << turns;
    }
  });
}

TEST_P(ActivityLog, IsReadByOneAtATime) {
  with_client([&](client& user) -> awaitable<void> {
    activity_log log = co_await open(user);
    std::optional<line_result> first;
    log.async_next([&](line_result line) { first = std::move(line); });
    line_result second = co_await log.async_next();
    EXPECT_EQ(second.error(), errc::invalid_argument);
    server.append_log(of, a, "1");
    co_await until([&] { return first.has_value(); });
    EXPECT_EQ(first->value()->message, "1");
  });
}

TEST_P(ActivityLog, EndsWithItsHandle) {
  with_client([&](client& user) -> awaitable<void> {
    std::optional<line_result> ended;
    {
      activity_log log = co_await open(user);
      server.append_log(of, a, "1");
      (void)co_await log.async_next();
      log.async_next([&](line_result line) { ended = std::move(line); });
    }
    co_await until([&] { return ended.has_value(); });
    EXPECT_EQ(ended->error(), errc::cancelled);
  });
}

TEST_P(ActivityLog, EndsWithItsClient) {
  for (const bool in_order : {false, true}) {
    run([&]() -> awaitable<void> {
      const auto executor = co_await asio::this_coro::executor;
      std::optional<client> user(std::in_place, executor, config());
      activity_log log = co_await open(*user);
      server.append_log(of, a, "1");
      (void)co_await log.async_next();
      std::optional<line_result> ended;
      log.async_next([&](line_result line) { ended = std::move(line); });
      if (in_order) {
        const auto closed = co_await user->async_close(10ms);
        EXPECT_EQ(closed.value().cancelled, 1u);
      } else {
        user.reset();
      }
      co_await until([&] { return ended.has_value(); });
      EXPECT_EQ(ended->error(), errc::cancelled);
      line_result later = co_await log.async_next();
      EXPECT_EQ(later.error(), errc::client_closed);
    });
    server.put_log(of, a);
  }
}

TEST_P(ActivityLog, LeavesNothingBehindWhenTheContextIsDestroyedUnderIt) {
  std::weak_ptr<int> held;
  {
    asio::io_context io;
    auto guard = std::make_shared<int>(0);
    held = guard;
    asio::co_spawn(
        io,
        [this, guard]() -> awaitable<void> {
          const auto executor = co_await asio::this_coro::executor;
          client user(executor, config());
          activity_log log = co_await open(user);
          server.append_log(of, a, "1");
          (void)co_await log.async_next();
          asio::post(executor,
                     [executor] { static_cast<asio::io_context&>(executor.context()).stop(); });
          (void)co_await log.async_next();
        },
        asio::detached);
    io.run();
  }
  EXPECT_TRUE(held.expired());
}

TEST_P(ActivityLog, ComesOverACustomTransport) {
  run([&]() -> awaitable<void> {
    const auto executor = co_await asio::this_coro::executor;
    const auto fake = std::make_shared<fake_transport>(
        executor, [](const http_request& request) -> result<http_response> {
          if (request.target.ends_with("/log"))
            return fake_transport::json("{\"_id\":1,\"data\":{\"message\":\"one\"}}\n");
          if (request.target.ends_with("/log?start_at=1"))
            return fake_transport::json(
                "{\"_id\":2,\"data\":{\"message\":\"two\"}}\n{\"seal\":true}");
          return fake_transport::json(R"({"_links":{"log":{"href":"/projects/p/log"}}})");
        });
    client_config faked;
    faked.transport = fake;
    client user(executor, faked);
    activity_log log = co_await open(user);
    const texts all = co_await read_all(log);
    EXPECT_EQ(all, (texts{"one", "two"}));
    EXPECT_EQ(fake->requests().size(), 3u);
  });
}

TEST_P(ActivityLog, IsAnErrorThatNamesTheCodingWhenItIsCompressed) {
  run([&]() -> awaitable<void> {
    const auto executor = co_await asio::this_coro::executor;
    client_config faked;
    faked.transport = std::make_shared<fake_transport>(
        executor, [](const http_request& request) -> result<http_response> {
          if (!request.target.ends_with("/log"))
            return fake_transport::json(R"({"_links":{"log":{"href":"/projects/p/log"}}})");
          http_response coded = fake_transport::json("\x1f\x8b\n\n");
          coded.content_encoding = "gzip";
          return coded;
        });
    client user(executor, faked);
    activity_log log = co_await open(user);
    const line_result line = co_await log.async_next();
    EXPECT_EQ(line.error(), errc::unexpected_content_type);
    EXPECT_NE(line.error().details().cause.find("(gzip)"), std::string::npos) << line.error();
  });
}

struct ActivityLogs : ::testing::TestWithParam<http_version> {};
INSTANTIATE_TEST_SUITE_P(Log, ActivityLogs, ::testing::ValuesIn(versions), name_of);

TEST_P(ActivityLogs, ServeManyReadersOnManyThreads) {
  sandbox server({.http = GetParam(), .threads = 2});
  server.put_activity(of, {.id = a, .type = "x"});
  server.put_log(of, a);
  server.cut_log(of, a, 20, 4);
  asio::io_context io;
  std::atomic<int> lines = 0;
  client_config config = config_for(server);
  config.retry.base = 0ms;
  client user(io.get_executor(), config);
  constexpr int readers = 8;
  constexpr int written = 100;
  std::atomic<int> left = readers;
  for (int reader = 0; reader < readers; ++reader) {
    asio::co_spawn(
        io,
        [&]() -> awaitable<void> {
          const integration_ref ref{project(), integration_number(0)};
          auto log = co_await user.async_open_activity_log(ref, activity_id(a));
          const texts all = co_await ActivityLog::read_all(log.value());
          lines += static_cast<int>(all.size());
          if (--left == 0) (void)co_await user.async_close(0ms);
        },
        asio::detached);
  }
  upsun::test::joining_thread writer([&] {
    for (int n = 0; n < written; ++n) server.append_log(of, a, "line");
    server.seal_log(of, a);
  });
  run_on_threads(io, 4);
  EXPECT_EQ(lines, readers * written);
}

}  // namespace activity_log_test
}  // namespace upsun::testing
