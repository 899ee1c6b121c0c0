// What calls that share fetches or are served from the cache say of it, over a fake transport. How
// they share is in transports/caching_transport_test.cpp.

#include <gtest/gtest.h>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <upsun/client.hpp>
#include <upsun/testing/fake_transport.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace upsun {
namespace caching_test {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using testing::fake_transport;

constexpr const char* slack =
    R"({"id":"x","type":"health.slack","channel":"#ops","role":"","created_at":null,"updated_at":null})";
constexpr const char* accepted = R"({"status":"updated","code":200,"_embedded":{"activities":[]}})";

/// The channel of the integration that slack() makes.
std::string channel_of(const integration& value) {
  return std::get<slack_settings>(value.settings).channel;
}

http_response response_with(const std::string& channel, std::string etag = {}) {
  std::string body = slack;
  body.replace(body.find("#ops"), 4, channel);
  http_response made = fake_transport::json(body);
  made.etag = std::move(etag);
  return made;
}

http_response not_modified() {
  http_response made;
  made.status = 304;
  return made;
}

/// Asks for a pause that no test sees the end of.
http_response overloaded() {
  http_response made = fake_transport::json("{}", 503);
  made.retry_after = 5s;
  return made;
}

struct reports final : observer {
  std::vector<std::pair<bool, bool>> seen;  // shared, cached
  void on_call(const call_report& report) noexcept override {
    seen.emplace_back(report.shared, report.cached);
  }
};

/// Responds to each request when the test says so.
struct by_hand final : transport {
  struct exchange {
    http_request request;
    send_handler complete;
  };
  std::deque<exchange> exchanges;

  void respond(std::size_t which, result<http_response> with) {
    std::move(exchanges.at(which).complete)(std::move(with));
  }
  [[nodiscard]] const std::string& token_of(std::size_t which) const {
    return *exchanges.at(which).request.authorization;
  }

  void async_send(http_request request, send_handler handler) override {
    exchange& made = exchanges.emplace_back();
    made.request = std::move(request);
    made.complete.swap(handler);
  }
  void async_close(std::chrono::milliseconds, close_handler handler) override {
    std::move(handler)(close_report{});
  }
  void shutdown() noexcept override {}
  [[nodiscard]] pool_statistics statistics() const override { return {}; }
};

/// Gives "token-1", "token-2" ...
token_source numbered_tokens() {
  const auto given = std::make_shared<int>(0);
  return token_source([given](token_source::handler reply) {
    std::move(reply)(access_token("token-" + std::to_string(++*given), 3600s));
  });
}

/// A client whose network responds when the test says so.
struct Caching : ::testing::Test {
  asio::io_context io{1};
  std::shared_ptr<fake_transport> network = std::make_shared<fake_transport>(
      io.get_executor(), [this](const http_request& r) { return respond(r); });
  std::function<result<http_response>(const http_request&)> respond = [](const http_request& r) {
    return r.method == "GET" ? fake_transport::json(slack) : fake_transport::json(accepted);
  };
  std::shared_ptr<reports> reported = std::make_shared<reports>();
  std::optional<client> to;

  client_config config() {
    client_config made;
    made.coalesce = true;
    made.retry.max_attempts = 1;
    made.observer = reported;
    made.transport = network;
    return made;
  }
  client_config retrying(unsigned attempts, std::chrono::milliseconds delay = 1ms) {
    client_config made = config();
    made.retry.max_attempts = attempts;
    made.retry.base = made.retry.max_delay = delay;
    made.timeouts.total = 24h;
    return made;
  }
  client_config caching(std::chrono::milliseconds ttl) {
    client_config made = config();
    made.coalesce = false;
    made.cache = {.max_entries = 10, .ttl = ttl};
    return made;
  }

  struct ended {
    int times = 0;
    std::optional<result<integration>> got{};
    response_info info{};
    asio::cancellation_signal cancel{};

    [[nodiscard]] bool with(errc code) const {
      return times == 1 && got->has_error() && got->error() == code;
    }
    [[nodiscard]] bool with_value() const { return times == 1 && got->has_value(); }
  };
  std::deque<ended> calls;

  ended& get(const std::string& id = "i", call_options options = {}) {
    ended& mine = calls.emplace_back();
    options.info(&mine.info);
    to->async_get_integration({project_id("p"), integration_id(id)}, std::move(options),
                              asio::bind_cancellation_slot(mine.cancel.slot(), [&mine](auto got) {
                                ++mine.times;
                                mine.got.emplace(std::move(got));
                              }));
    EXPECT_EQ(mine.times, 0) << "never from within the initiating function";
    return mine;
  }
  [[nodiscard]] std::size_t completed() const {
    return static_cast<std::size_t>(std::count_if(
        calls.begin(), calls.end(), [](const ended& each) { return each.times > 0; }));
  }
  /// A call that ends at once.
  ended& fetched(const std::string& id = "i") {
    ended& mine = get(id);
    settle();
    EXPECT_EQ(mine.times, 1);
    return mine;
  }
  void settle() {
    io.restart();
    io.poll();
  }
  void run_until(const std::function<bool()>& done) {
    io.restart();
    while (!done() && io.run_one_for(10s) > 0) {
    }
    EXPECT_TRUE(done());
  }
  [[nodiscard]] std::size_t requests() const { return network->requests().size(); }
  void TearDown() override {
    to.reset();
    settle();
    for (const ended& each : calls) EXPECT_EQ(each.times, 1);
  }
};

TEST_F(Caching, TenThousandCallsMakeOneRequest) {
  to.emplace(io.get_executor(), config());
  network->hold();
  for (int i = 0; i < 10'000; ++i) get();
  settle();
  EXPECT_EQ(requests(), 1u);
  network->release();
  settle();
  for (const ended& each : calls) ASSERT_TRUE(each.with_value());
  EXPECT_FALSE(calls[0].info.shared);
  EXPECT_TRUE(calls[1].info.shared);
  EXPECT_EQ(calls[1].info.status, 200);
  EXPECT_EQ(calls[1].info.attempts, 1u);
  const auto counted = to->statistics();
  EXPECT_EQ(counted.calls, 10'000u);
  EXPECT_EQ(counted.succeeded, 10'000u);
  EXPECT_EQ(counted.coalesced, 9'999u);
  EXPECT_EQ(counted.attempts, 1u);
  EXPECT_EQ(counted.in_flight, 0u);
  EXPECT_EQ(reported->seen.size(), 10'000u);
  EXPECT_EQ(reported->seen[0], std::pair(false, false));
  EXPECT_EQ(reported->seen[1], std::pair(true, false));
}

TEST_F(Caching, IsNotSharedUnlessAskedFor) {
  client_config plain = config();
  plain.coalesce = false;
  to.emplace(io.get_executor(), plain);
  network->hold();
  get();
  get();
  settle();
  EXPECT_EQ(requests(), 2u);
}

TEST_F(Caching, AnotherItemOrOptionsThatChangeTheRequestGetAFetchOfTheirOwn) {
  to.emplace(io.get_executor(), config());
  network->hold();
  get();
  get("j");
  get("i", call_options().header("X-A", "b"));
  get("i", call_options().header("Cache-Control", "no-cache"));
  get("i", call_options().attempt_timeout(1s));
  get("i", call_options().retry({}));
  settle();
  EXPECT_EQ(requests(), 6u);
  get("i", call_options().header("X-A", "b"));
  get("i", call_options().timeout(60s));
  get("i", call_options().hedge({}));
  get("i", call_options().trace("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
  settle();
  EXPECT_EQ(requests(), 6u);
}

TEST_F(Caching, AnErrorGoesToAll) {
  to.emplace(io.get_executor(), config());
  network->hold();
  network->push(fake_transport::json("{}", 503));
  ended& first = get();
  ended& second = get();
  settle();
  network->release();
  settle();
  EXPECT_TRUE(first.with(errc::server_error));
  EXPECT_TRUE(second.with(errc::server_error));
  EXPECT_EQ(second.got->error().status(), 503);
  EXPECT_EQ(reported->seen, (std::vector{std::pair(false, false), std::pair(true, false)}));
  EXPECT_EQ(to->statistics().failures(), 2u);
}

TEST_F(Caching, OneRetryServesAllWhoShareAFailedFetch) {
  constexpr std::size_t many = 10'000;
  to.emplace(io.get_executor(), retrying(2));
  network->push(fake_transport::json("{}", 503));
  for (std::size_t i = 0; i < many; ++i) get();
  run_until([&] { return calls.back().times > 0; });
  settle();
  for (const ended& each : calls) {
    EXPECT_TRUE(each.with_value());
    EXPECT_EQ(each.times, 1);
  }
  EXPECT_EQ(requests(), 2u);
  EXPECT_EQ(to->statistics().retries, 1u);
}

TEST_F(Caching, AFailureThatLastsGoesToAllAfterTheRetriesOfOne) {
  to.emplace(io.get_executor(), retrying(3));
  respond = [](const http_request&) { return fake_transport::json("{}", 503); };
  for (int i = 0; i < 10; ++i) get();
  run_until([&] { return completed() == 10; });
  for (const ended& each : calls) EXPECT_TRUE(each.with(errc::server_error));
  EXPECT_EQ(requests(), 3u);
}

TEST_F(Caching, AnotherRetriesWhenTheOneThatWouldHaveIsCancelled) {
  to.emplace(io.get_executor(), retrying(2, 20s));
  network->push(overloaded());
  ended& first = get();
  ended& second = get();
  settle();
  ASSERT_EQ(to->statistics().retries, 1u);
  first.cancel.emit(asio::cancellation_type::terminal);
  settle();
  EXPECT_TRUE(first.with(errc::cancelled));
  EXPECT_EQ(second.times, 0);
  EXPECT_EQ(to->statistics().retries, 2u);
  EXPECT_EQ(requests(), 1u);
}

TEST_F(Caching, AClientThatEndsTakesThoseWithItWhoWaitForARetry) {
  to.emplace(io.get_executor(), retrying(2, 20s));
  network->push(overloaded());
  for (int i = 0; i < 3; ++i) get();
  settle();
  ASSERT_EQ(to->statistics().retries, 1u);
  EXPECT_EQ(completed(), 0u);
  to.reset();
  settle();
  for (const ended& each : calls) EXPECT_TRUE(each.with(errc::cancelled));
}

TEST_F(Caching, AClientThatClosesTakesThoseWithItWhoWaitForARetry) {
  to.emplace(io.get_executor(), retrying(2, 20s));
  network->push(overloaded());
  for (int i = 0; i < 3; ++i) get();
  settle();
  std::optional<close_report> closed;
  to->async_close(0ms, [&](result<close_report> got) { closed = got.value(); });
  settle();
  EXPECT_EQ(closed.value().cancelled, 3u);
  EXPECT_EQ(completed(), 3u);
}

TEST_F(Caching, AHedgeIsARequestOfItsOwnWhichOthersShare) {
  const auto hand = std::make_shared<by_hand>();
  client_config hedging = config();
  hedging.hedge.enabled = true;
  hedging.hedge.delay = 1ms;
  hedging.hedge.max_extra_percent = 100;
  hedging.transport = hand;
  to.emplace(io.get_executor(), hedging);
  ended& first = get();
  ended& second = get();
  run_until([&] { return to->statistics().hedges == 2; });
  ASSERT_EQ(hand->exchanges.size(), 2u);
  hand->respond(1, response_with("#hedge"));
  settle();
  EXPECT_EQ(channel_of(first.got->value()), "#hedge");
  EXPECT_EQ(channel_of(second.got->value()), "#hedge");
  hand->respond(0, errc::cancelled);
  settle();
}

TEST_F(Caching, AnAttemptIsReportedOnceWhoeverSharesIt) {
  struct attempts final : observer {
    std::vector<std::pair<std::uint64_t, int>> seen;  // the call and the status
    void on_attempt(const attempt_event& event) noexcept override {
      if (event.what == attempt_event::kind::completed) seen.emplace_back(event.call, event.status);
    }
  };
  const auto seen = std::make_shared<attempts>();
  client_config both = config();
  both.cache = {.max_entries = 10, .ttl = 0ms};
  both.observer = seen;
  to.emplace(io.get_executor(), both);
  network->hold();
  network->push(response_with("#first", "\"1\""));
  get();
  get();
  network->release();
  settle();
  EXPECT_EQ(seen->seen, (std::vector{std::pair(std::uint64_t{1}, 200)}));
  network->push(not_modified());
  fetched();
  EXPECT_EQ(seen->seen.back(), std::pair(std::uint64_t{3}, 304));
}

TEST_F(Caching, AResponseToAnotherTokenIsNeverShared) {
  const auto hand = std::make_shared<by_hand>();
  client_config by_source = config();
  by_source.credentials = numbered_tokens();
  by_source.transport = hand;
  to.emplace(io.get_executor(), by_source);
  ended& first = get();
  settle();
  ended& same = get();
  get("j");
  settle();
  ASSERT_EQ(hand->exchanges.size(), 2u)
      << "the token was on its way when the first began, and is the one the second would have used";
  hand->respond(1, fake_transport::json("{}", 401));
  settle();
  ASSERT_EQ(hand->exchanges.size(), 3u);
  EXPECT_NE(hand->token_of(2), hand->token_of(0));
  ended& with_second = get();
  settle();
  ASSERT_EQ(hand->exchanges.size(), 4u);
  EXPECT_EQ(hand->token_of(3), hand->token_of(2));
  hand->respond(3, response_with("#second"));
  settle();
  EXPECT_EQ(first.times + same.times, 0);
  EXPECT_EQ(channel_of(with_second.got->value()), "#second");
  hand->respond(0, response_with("#first"));
  hand->respond(2, response_with("#other"));
  settle();
  EXPECT_EQ(channel_of(first.got->value()), "#first");
  EXPECT_EQ(channel_of(same.got->value()), "#first");
}

TEST_F(Caching, AClosingClientCountsTheCallsAndHasTheGraceForThem) {
  for (const auto grace : {0s, 3600s}) {
    network = std::make_shared<fake_transport>(io.get_executor(), respond);
    to.emplace(io.get_executor(), config());
    network->hold();
    ended& first = get();
    ended& second = get();
    settle();
    std::optional<close_report> report;
    to->async_close(grace, [&](const result<close_report>& r) { report = r.value(); });
    EXPECT_TRUE(fetched().with(errc::client_closed));
    if (grace > 0s) {
      EXPECT_FALSE(report);
      network->release();
    }
    run_until([&] { return report.has_value(); });
    EXPECT_EQ(report->cancelled, grace > 0s ? 0u : 2u);
    EXPECT_EQ(report->drained, grace > 0s ? 2u : 0u);
    for (const ended* each : {&first, &second})
      EXPECT_TRUE(grace > 0s ? each->with_value() : each->with(errc::cancelled));
  }
}

TEST_F(Caching, IsGivenUpWithItsContext) {
  const auto alive = std::make_shared<int>(0);
  {
    asio::io_context other(1);
    client_config made = config();
    const auto quiet = std::make_shared<fake_transport>(other.get_executor());
    quiet->hold();
    made.transport = quiet;
    client client(other.get_executor(), made);
    for (int i = 0; i < 3; ++i)
      client.async_get_integration({project_id("p"), integration_id("i")},
                                   [alive](const result<integration>&) {});
    other.poll();
  }
  EXPECT_EQ(alive.use_count(), 1);
}

// ---- the cache

TEST_F(Caching, AFreshResponseIsGivenWithoutARequest) {
  to.emplace(io.get_executor(), caching(1h));
  EXPECT_FALSE(fetched().info.cached);
  ended& again = fetched();
  EXPECT_EQ(again.got->value(), calls[0].got->value());
  EXPECT_TRUE(again.info.cached);
  EXPECT_EQ(again.info.attempts, 0u);
  EXPECT_EQ(again.info.status, 200);
  EXPECT_EQ(requests(), 1u);
  EXPECT_EQ(to->statistics().cache_hits, 1u);
  EXPECT_EQ(to->statistics().cached, 1u);
  EXPECT_EQ(to->statistics().calls, 2u);
  EXPECT_EQ(reported->seen.back(), std::pair(false, true));
}

TEST_F(Caching, ARevalidatedResponseTookAnAttempt) {
  to.emplace(io.get_executor(), caching(0ms));
  network->push(response_with("#first", "\"1\""));
  fetched();
  network->push(not_modified());
  ended& renewed = fetched();
  EXPECT_EQ(channel_of(renewed.got->value()), "#first");
  EXPECT_TRUE(renewed.info.cached);
  EXPECT_EQ(renewed.info.status, 304);
  EXPECT_EQ(renewed.info.attempts, 1u);
  EXPECT_EQ(to->statistics().revalidations, 1u);
}

TEST_F(Caching, WhatCannotBeReadIsFetchedAnew) {
  to.emplace(io.get_executor(), caching(1h));
  network->push(fake_transport::json("{}"));
  EXPECT_TRUE(fetched().got->has_error());
  EXPECT_EQ(to->statistics().cached, 0u);
  EXPECT_TRUE(fetched().with_value());
}

TEST_F(Caching, AWaitAsksHowThingsAreNow) {
  client_config both = config();
  both.cache = {.max_entries = 10, .ttl = 1h};
  to.emplace(io.get_executor(), both);
  std::string percent = "40";
  respond = [&](const http_request&) {
    return fake_transport::json(
        R"({"id":"a","type":"t","state":"in_progress","completion_percent":)" + percent + "}");
  };
  const integration_ref ref(project_id("p"), integration_id("i"));
  to->async_get_activity(ref, activity_id("a"),
                         [](const result<activity>& got) { EXPECT_TRUE(got); });
  settle();
  percent = "100";
  bool over = false;
  to->async_wait_for_activities(ref, {activity_id("a")}, [&](const result<wait_report>& report) {
    EXPECT_TRUE(report);
    over = true;
  });
  run_until([&] { return over; });
  EXPECT_EQ(requests(), 2u);
}

TEST_F(Caching, AClosedClientGivesNothingAnyMore) {
  to.emplace(io.get_executor(), caching(1h));
  fetched();
  to->async_close(0s, [](const result<close_report>&) {});
  EXPECT_TRUE(fetched().with(errc::client_closed));
}

}  // namespace caching_test
}  // namespace upsun
