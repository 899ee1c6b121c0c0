#include "transports/caching_transport.hpp"

#include <gtest/gtest.h>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <upsun/testing/fake_transport.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace upsun::transports {
namespace caching_transport_test {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

http_response document(std::string body, std::string etag = {}) {
  http_response made;
  made.status = 200;
  made.body = std::move(body);
  made.etag = std::move(etag);
  return made;
}

http_response status(int code) {
  http_response made;
  made.status = code;
  return made;
}

error failure(errc code, upsun::phase where) {
  error_details details;
  details.phase = where;
  return {code, std::move(details)};
}

/// The network, which responds when the test says so.
struct manual_transport final : transport {
  struct exchange {
    http_request request;
    send_handler handler;
    bool cancelled = false;
    bool ended = false;
  };
  std::deque<exchange> sent;
  std::function<void()> on_send;
  bool closed = false;

  void respond(std::size_t which, result<http_response> with) {
    exchange& one = sent.at(which);
    one.ended = true;
    std::move(one.handler)(std::move(with));
  }
  [[nodiscard]] std::string header(std::size_t which, std::string_view name) const {
    for (const auto& [n, value] : sent.at(which).request.headers) {
      if (n == name) return value;
    }
    return {};
  }

  void async_send(http_request request, send_handler handler) override {
    if (on_send) on_send();
    exchange& made = sent.emplace_back();
    if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected())
      slot.assign([&made](asio::cancellation_type) { made.cancelled = true; });
    made.request = std::move(request);
    made.handler.swap(handler);
  }
  void async_close(std::chrono::milliseconds, close_handler handler) override {
    std::move(handler)(close_report{});
  }
  void shutdown() noexcept override { closed = true; }
  [[nodiscard]] pool_statistics statistics() const override { return {.leases = sent.size()}; }
};

struct outcome {
  int times = 0;
  std::optional<result<http_response>> got{};
  asio::cancellation_signal cancel{};

  [[nodiscard]] const http_response& response() const { return got.value().value(); }
  [[nodiscard]] std::string body() const { return times == 1 ? response().body : "none"; }
  [[nodiscard]] bool failed_with(errc code) const {
    return times == 1 && got->has_error() && got->error() == code;
  }
};

http_request get(std::string target) {
  http_request made;
  made.target = std::move(target);
  made.shareable = true;
  return made;
}

http_request by_call(std::uint64_t number) {
  http_request made = get("/i");
  made.call = number;
  return made;
}

struct CachingTransport : ::testing::Test {
  asio::io_context io{1};
  std::shared_ptr<manual_transport> network = std::make_shared<manual_transport>();
  std::shared_ptr<caching_transport> on;
  std::deque<outcome> outcomes;

  void coalesce() { make({.coalesce = true}); }
  void cache(std::chrono::milliseconds ttl) {
    make({.max_entries = 10, .max_bytes = 100'000, .ttl = ttl});
  }
  void both() { make({.coalesce = true, .max_entries = 10, .max_bytes = 100'000, .ttl = 1h}); }
  void make(const caching_transport::settings& how) {
    on = std::make_shared<caching_transport>(network, io.get_executor(), how);
  }

  outcome& send(http_request request) {
    outcome& mine = outcomes.emplace_back();
    on->async_send(
        std::move(request),
        asio::bind_cancellation_slot(mine.cancel.slot(), [&mine](result<http_response>&& got) {
          ++mine.times;
          mine.got.emplace(std::move(got));
        }));
    EXPECT_EQ(mine.times, 0) << "never from within the initiating function";
    return mine;
  }
  outcome& send(std::string target) { return send(get(std::move(target))); }
  outcome& change(std::string_view method, std::string target) {
    http_request request;
    request.method = method;
    request.target = std::move(target);
    return send(std::move(request));
  }
  void respond(std::size_t which, result<http_response> with) {
    network->respond(which, std::move(with));
    settle();
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
  [[nodiscard]] std::size_t sent() const { return network->sent.size(); }
  void TearDown() override {
    for (std::size_t i = 0; i < network->sent.size(); ++i) {
      if (!network->sent[i].ended) network->respond(i, errc::cancelled);
    }
    settle();
    for (const outcome& each : outcomes) EXPECT_EQ(each.times, 1);
  }
};

// ---- who shares

TEST_F(CachingTransport, RequestsForTheSameShareOne) {
  coalesce();
  outcome& first = send("/i");
  outcome& second = send("/i");
  outcome& third = send("/i");
  EXPECT_EQ(sent(), 1u);
  network->respond(0, document("a"));
  EXPECT_EQ(first.times, 1);
  EXPECT_EQ(second.times, 0) << "by itself, on the executor";
  settle();
  for (const outcome* each : {&first, &second, &third}) EXPECT_EQ(each->body(), "a");
  EXPECT_FALSE(first.response().shared);
  EXPECT_TRUE(second.response().shared);
  EXPECT_FALSE(second.response().cached);
  EXPECT_EQ(on->counted().coalesced, 2u);
  EXPECT_EQ(on->counted().sent, 1u);
  EXPECT_EQ(on->statistics().leases, 1u);
  send("/i");
  EXPECT_EQ(sent(), 2u) << "nothing is cached";
}

TEST_F(CachingTransport, WhateverChangesTheResponseKeepsThemApart) {
  coalesce();
  send("/i");
  send("/i?a=b");
  http_request by_another = get("/i");
  by_another.authorization = std::make_shared<const std::string>("Bearer a");
  send(by_another);
  http_request with_header = get("/i");
  with_header.headers = {{"X-A", "b"}};
  send(with_header);
  EXPECT_EQ(sent(), 4u);
  http_request traced = get("/i");
  traced.headers = {{"traceparent", "00-1-2-01"}};
  send(traced);
  by_another.authorization = std::make_shared<const std::string>("Bearer a");
  send(by_another);
  send(with_header);
  EXPECT_EQ(sent(), 4u);
}

TEST_F(CachingTransport, WhatMayNotShareIsSentAsItIs) {
  both();
  send("/i");
  http_request alone = get("/i");
  alone.shareable = false;
  send(alone);
  for (const char* name : {"Cache-Control", "pragma", "Range", "if-none-match"}) {
    http_request conditional = get("/i");
    conditional.headers = {{name, "x"}};
    send(conditional);
  }
  change("POST", "/i");
  EXPECT_EQ(sent(), 7u);
  respond(1, document("a"));
  EXPECT_EQ(on->counted().cached, 0u);
  EXPECT_EQ(on->counted().sent, 7u);
}

TEST_F(CachingTransport, AHedgeDoesNotJoinWhatItIsToOvertake) {
  coalesce();
  http_request hedge = get("/i");
  hedge.hedge = true;
  send("/i");
  send("/i");
  send(hedge);
  send(hedge);
  EXPECT_EQ(sent(), 2u) << "hedges share, too";
}

TEST_F(CachingTransport, WhoJoinsHasTheProgressOfWhatItJoined) {
  coalesce();
  const auto begun_with = [&] {
    http_request made = get("/i");
    made.progress = std::make_shared<request_progress>();
    auto progress = made.progress;
    send(std::move(made));
    return progress;
  };
  const auto first = begun_with();
  const auto second = begun_with();
  ASSERT_EQ(network->sent.size(), 1u);
  EXPECT_EQ(network->sent[0].request.progress, first);
  EXPECT_EQ(first->shared, nullptr);
  EXPECT_EQ(second->shared, first);
  network->respond(0, document("a"));
  io.run();
}

TEST_F(CachingTransport, AFailureGoesToAll) {
  coalesce();
  outcome& first = send("/i");
  outcome& second = send("/i");
  respond(0, failure(errc::connection_reset, phase::read_head));
  EXPECT_TRUE(first.failed_with(errc::connection_reset));
  EXPECT_FALSE(first.got->error().details().shared);
  EXPECT_TRUE(second.failed_with(errc::connection_reset));
  EXPECT_TRUE(second.got->error().details().shared);
  EXPECT_EQ(second.got->error().phase(), phase::read_head);
}

// ---- retries

TEST_F(CachingTransport, TheOthersWaitForTheRetryOfTheFirst) {
  coalesce();
  outcome& first = send(by_call(1));
  outcome& second = send(by_call(2));
  respond(0, status(503));
  EXPECT_EQ(first.response().status, 503);
  EXPECT_TRUE(on->decides_on_retry(1));
  EXPECT_FALSE(on->decides_on_retry(2));
  outcome& late = send(by_call(3));
  EXPECT_EQ(second.times + late.times, 0);
  EXPECT_EQ(sent(), 1u);
  outcome& retry = send(by_call(1));
  EXPECT_EQ(sent(), 2u);
  EXPECT_FALSE(on->decides_on_retry(1));
  outcome& later = send(by_call(4));
  respond(1, document("a"));
  for (const outcome* each : {&retry, &second, &late, &later}) EXPECT_EQ(each->body(), "a");
  EXPECT_FALSE(retry.response().shared);
  EXPECT_TRUE(second.response().shared);
  on->call_ended(1, false);
}

TEST_F(CachingTransport, TheOthersGetTheFailureThatIsNotRetried) {
  coalesce();
  send(by_call(1));
  outcome& second = send(by_call(2));
  outcome& third = send(by_call(3));
  respond(0, failure(errc::connection_reset, phase::read_head));
  EXPECT_EQ(second.times + third.times, 0);
  on->call_ended(1, true);
  EXPECT_EQ(second.times + third.times, 0) << "by themselves, on the executor";
  settle();
  for (const outcome* each : {&second, &third}) {
    EXPECT_TRUE(each->failed_with(errc::connection_reset));
    EXPECT_TRUE(each->got->error().details().shared);
  }
  EXPECT_FALSE(on->decides_on_retry(2));
}

TEST_F(CachingTransport, TheNextDecidesWhenTheFirstHasGone) {
  coalesce();
  send(by_call(1));
  outcome& second = send(by_call(2));
  outcome& third = send(by_call(3));
  respond(0, status(503));
  on->call_ended(1, false);
  settle();
  EXPECT_EQ(second.response().status, 503);
  EXPECT_TRUE(second.response().shared);
  EXPECT_TRUE(on->decides_on_retry(2));
  EXPECT_EQ(third.times, 0);
  send(by_call(2));
  respond(1, document("a"));
  EXPECT_EQ(third.body(), "a");
}

TEST_F(CachingTransport, TheNextDecidesWhenTheFirstLeftBeforeTheFailure) {
  coalesce();
  outcome& first = send(by_call(1));
  outcome& second = send(by_call(2));
  first.cancel.emit(asio::cancellation_type::total);
  settle();
  respond(0, status(503));
  EXPECT_EQ(second.response().status, 503);
  EXPECT_TRUE(on->decides_on_retry(2));
  on->call_ended(2, true);
  EXPECT_FALSE(on->decides_on_retry(2));
}

TEST_F(CachingTransport, WhoWaitsForARetryMayLeave) {
  coalesce();
  send(by_call(1));
  outcome& second = send(by_call(2));
  http_request hasty = by_call(3);
  hasty.deadline = clock::now() + 1ms;
  outcome& third = send(hasty);
  respond(0, status(503));
  second.cancel.emit(asio::cancellation_type::total);
  run_until([&] { return second.times + third.times == 2; });
  EXPECT_TRUE(second.failed_with(errc::cancelled));
  EXPECT_TRUE(third.failed_with(errc::deadline_exceeded));
  outcome& retry = send(by_call(1));
  respond(1, document("a"));
  EXPECT_EQ(retry.body(), "a");
}

TEST_F(CachingTransport, ARetryAfterAChangeServesThoseWhoWaitedAndNobodyElse) {
  coalesce();
  send(by_call(1));
  outcome& second = send(by_call(2));
  respond(0, status(503));
  on->forget("/i");
  outcome& late = send(by_call(3));
  EXPECT_EQ(sent(), 2u);
  send(by_call(1));
  EXPECT_EQ(sent(), 3u);
  respond(1, document("b"));
  respond(2, document("a"));
  EXPECT_EQ(second.body(), "a");
  EXPECT_EQ(late.body(), "b");
}

TEST_F(CachingTransport, ARetryThatTheCacheServesServesTheOthersToo) {
  both();
  send(by_call(1));
  outcome& second = send(by_call(2));
  respond(0, status(503));
  http_request hedge = by_call(3);
  hedge.hedge = true;
  send(hedge);
  respond(1, document("a"));
  outcome& retry = send(by_call(1));
  settle();
  EXPECT_EQ(sent(), 2u);
  for (const outcome* each : {&retry, &second}) {
    EXPECT_EQ(each->body(), "a");
    EXPECT_TRUE(each->response().cached);
  }
  EXPECT_FALSE(on->decides_on_retry(1));
}

TEST_F(CachingTransport, TheFailureOfAHedgeGoesToAll) {
  coalesce();
  std::array<outcome*, 2> hedges{};
  for (std::uint64_t call : {1u, 2u}) {
    http_request hedge = by_call(call);
    hedge.hedge = true;
    hedges[call - 1] = &send(hedge);
  }
  respond(0, status(503));
  for (const outcome* each : hedges) EXPECT_EQ(each->response().status, 503);
}

TEST_F(CachingTransport, AShutdownEndsThoseWhoWaitForARetry) {
  coalesce();
  send(by_call(1));
  outcome& second = send(by_call(2));
  respond(0, status(503));
  on->shutdown();
  settle();
  EXPECT_TRUE(second.failed_with(errc::cancelled));
}

// ---- cancellation and deadlines

TEST_F(CachingTransport, OneIsCancelledAndTheOthersGetTheirResponse) {
  coalesce();
  outcome& first = send("/i");
  outcome& second = send("/i");
  first.cancel.emit(asio::cancellation_type::terminal);
  EXPECT_EQ(first.times, 0) << "never from within the signal";
  settle();
  EXPECT_TRUE(first.failed_with(errc::cancelled));
  EXPECT_FALSE(network->sent[0].cancelled);
  respond(0, document("a"));
  EXPECT_EQ(second.body(), "a");
  EXPECT_TRUE(second.response().shared);
}

TEST_F(CachingTransport, TheLastWhoIsCancelledEndsTheFetch) {
  coalesce();
  send("/i").cancel.emit(asio::cancellation_type::none);
  outcome& second = send("/i");
  outcomes[0].cancel.emit(asio::cancellation_type::partial);
  EXPECT_FALSE(network->sent[0].cancelled);
  second.cancel.emit(asio::cancellation_type::total);
  EXPECT_TRUE(network->sent[0].cancelled);
  settle();
  EXPECT_EQ(second.times, 0) << "the request below says how far it came";
  send("/i");
  EXPECT_EQ(sent(), 2u) << "nobody joins what is being cancelled";
  respond(0, failure(errc::cancelled, phase::read_body));
  EXPECT_TRUE(second.failed_with(errc::cancelled));
  EXPECT_EQ(second.got->error().phase(), phase::read_body);
}

TEST_F(CachingTransport, AResponseThatComesDespiteTheCancellationIsGiven) {
  coalesce();
  outcome& only = send("/i");
  only.cancel.emit(asio::cancellation_type::total);
  respond(0, document("a"));
  EXPECT_EQ(only.body(), "a");
}

TEST_F(CachingTransport, EachHasItsOwnDeadline) {
  coalesce();
  http_request hasty = get("/i");
  hasty.deadline = clock::now() + 10ms;
  outcome& first = send(hasty);
  outcome& second = send("/i");
  EXPECT_EQ(network->sent[0].request.deadline, clock::time_point::max());
  run_until([&] { return first.times == 1; });
  EXPECT_TRUE(first.failed_with(errc::deadline_exceeded));
  EXPECT_EQ(first.got->error().phase(), phase::queue);
  EXPECT_FALSE(network->sent[0].cancelled);
  respond(0, document("a"));
  EXPECT_EQ(second.body(), "a");
}

TEST_F(CachingTransport, TheLastDeadlineCancelsTheFetchWhichSaysHowFarItCame) {
  coalesce();
  http_request hasty = get("/i");
  hasty.deadline = clock::now() + 10ms;
  outcome& only = send(hasty);
  run_until([&] { return network->sent[0].cancelled; });
  EXPECT_EQ(only.times, 0);
  respond(0, failure(errc::cancelled, phase::connect));
  EXPECT_TRUE(only.failed_with(errc::deadline_exceeded));
  EXPECT_EQ(only.got->error().phase(), phase::connect);
}

TEST_F(CachingTransport, ADeadlineThatIsOverBeforeTheRequestIsSentCancelsItAfterwards) {
  coalesce();
  network->on_send = [this] { settle(); };  // the timer fires
  http_request late = get("/i");
  late.deadline = clock::now() - 1s;
  outcome& only = send(late);
  EXPECT_TRUE(network->sent[0].cancelled);
  respond(0, failure(errc::cancelled, phase::queue));
  EXPECT_TRUE(only.failed_with(errc::deadline_exceeded));
}

TEST_F(CachingTransport, WithoutCoalescingTheTransportBelowHasTheDeadline) {
  cache(1h);
  http_request request = get("/i");
  request.deadline = clock::now() + 1h;
  send(request);
  EXPECT_EQ(network->sent[0].request.deadline, request.deadline);
  EXPECT_EQ(io.poll(), 0u);
}

// ---- the cache

TEST_F(CachingTransport, AFreshResponseIsGivenWithoutARequest) {
  cache(1h);
  send("/i");
  http_response with_all = document("a", "\"1\"");
  with_all.request_id = "r";
  with_all.reused_connection = true;
  with_all.timings.transfer = 1s;
  respond(0, with_all);
  outcome& again = send("/i");
  settle();
  EXPECT_EQ(sent(), 1u);
  EXPECT_EQ(again.body(), "a");
  EXPECT_TRUE(again.response().cached);
  EXPECT_FALSE(again.response().revalidated);
  EXPECT_FALSE(again.response().reused_connection);
  EXPECT_EQ(again.response().request_id, "r");
  EXPECT_EQ(again.response().timings, call_timings());
  EXPECT_EQ(on->counted().hits, 1u);
  EXPECT_EQ(on->counted().cached, 1u);
  outcome& cancelled = send("/i");
  cancelled.cancel.emit(asio::cancellation_type::total);
  settle();
  EXPECT_EQ(cancelled.body(), "a") << "it was on its way already";
}

TEST_F(CachingTransport, WithoutCoalescingConcurrentMissesAreSentEach) {
  cache(1h);
  send("/i");
  send("/i");
  EXPECT_EQ(sent(), 2u);
  EXPECT_EQ(on->counted().coalesced, 0u);
}

TEST_F(CachingTransport, AStaleResponseIsRevalidated) {
  cache(0ms);
  send("/i");
  respond(0, document("a", "\"1\""));
  EXPECT_EQ(network->header(0, "If-None-Match"), "");
  outcome& renewed = send("/i");
  EXPECT_EQ(network->header(1, "If-None-Match"), "\"1\"");
  http_response not_modified = status(304);
  not_modified.request_id = "r";
  not_modified.reused_connection = true;
  respond(1, not_modified);
  EXPECT_EQ(renewed.body(), "a");
  EXPECT_EQ(renewed.response().status, 200);
  EXPECT_TRUE(renewed.response().cached);
  EXPECT_TRUE(renewed.response().revalidated);
  EXPECT_TRUE(renewed.response().reused_connection);
  EXPECT_EQ(renewed.response().request_id, "r");
  EXPECT_EQ(on->counted().revalidations, 1u);
  outcome& replaced = send("/i");
  respond(2, document("b"));
  EXPECT_EQ(replaced.body(), "b");
  EXPECT_FALSE(replaced.response().cached);
  send("/i");
  EXPECT_EQ(network->header(3, "If-None-Match"), "") << "it has no ETag to ask with";
}

TEST_F(CachingTransport, A304WithNoStoreIsTheLastUseOfWhatItConfirms) {
  cache(0ms);
  send("/i");
  respond(0, document("a", "\"1\""));
  outcome& confirmed = send("/i");
  http_response not_modified = status(304);
  not_modified.no_store = true;
  respond(1, not_modified);
  EXPECT_EQ(confirmed.body(), "a");
  EXPECT_EQ(on->counted().cached, 0u);
}

TEST_F(CachingTransport, A304ThatNobodyAskedForIsPassedOn) {
  both();
  outcome& got = send("/i");
  respond(0, status(304));
  EXPECT_EQ(got.response().status, 304);
  EXPECT_FALSE(got.response().cached);
}

TEST_F(CachingTransport, AnotherTokenHasToBeConfirmedByTheServer) {
  cache(1h);
  http_request request = get("/i");
  request.authorization = std::make_shared<const std::string>("Bearer a");
  send(request);
  respond(0, document("a", "\"1\""));
  request.authorization = std::make_shared<const std::string>("Bearer b");
  outcome& confirmed = send(request);
  EXPECT_EQ(network->header(1, "If-None-Match"), "\"1\"");
  respond(1, status(304));
  EXPECT_EQ(confirmed.body(), "a");
  send(request);
  settle();
  EXPECT_EQ(sent(), 2u) << "now it is fresh for the new token";
}

TEST_F(CachingTransport, WaitersOfARevalidationGetTheCachedResponse) {
  make({.coalesce = true, .max_entries = 10, .max_bytes = 100'000, .ttl = 0s});
  send("/i");
  respond(0, document("a", "\"1\""));
  send("/i");
  outcome& joined = send("/i");
  EXPECT_EQ(sent(), 2u);
  respond(1, status(304));
  EXPECT_EQ(joined.body(), "a");
  EXPECT_TRUE(joined.response().shared && joined.response().cached);
}

TEST_F(CachingTransport, WhatIsGoneIsDroppedAndAPassingFailureDropsNothing) {
  cache(0ms);
  std::size_t next = 0;
  for (const auto& [code, left] :
       {std::pair(404, 0u), {401, 0u}, {204, 0u}, {503, 1u}, {429, 1u}}) {
    send("/i");
    respond(next++, document("a"));
    EXPECT_EQ(on->counted().cached, 1u);
    send("/i");
    respond(next++, status(code));
    EXPECT_EQ(on->counted().cached, left) << code;
  }
  send("/i");
  respond(next++, errc::connection_reset);
  EXPECT_EQ(on->counted().cached, 1u);
}

TEST_F(CachingTransport, AResponseWithNoStoreOrOfAnotherTypeIsNotCached) {
  cache(1h);
  http_response secretive = document("a");
  secretive.no_store = true;
  send("/i");
  respond(0, secretive);
  http_response page = document("<html>");
  page.content_type = "text/html";
  send("/i");
  respond(1, page);
  EXPECT_EQ(on->counted().cached, 0u);
}

// ---- changes

TEST_F(CachingTransport, AChangeForgetsBeforeItsHandlerIsCalled) {
  cache(1h);
  std::size_t next = 0;
  for (const char* method : {"PATCH", "DELETE", "POST"}) {
    for (const char* target : {"/v/i/1", "/v/i", "/v/i/2"}) {
      send(target);
      if (sent() > next) respond(next++, document("a"));
    }
    settle();
    ASSERT_EQ(on->counted().cached, 3u);
    http_request request;
    request.method = method;
    request.target = "/v/i/1";
    std::size_t left = 9;
    on->async_send(request, [&](const result<http_response>&) { left = on->counted().cached; });
    EXPECT_EQ(on->counted().cached, 3u) << "until it has ended";
    respond(next++, method == std::string("POST") ? result<http_response>(errc::connection_reset)
                                                  : status(200));
    EXPECT_EQ(left, 1u) << method << ": the resource and the list that contains it";
  }
}

TEST_F(CachingTransport, AFetchBegunBeforeAChangeIsNotForThoseWhoAskAfterIt) {
  both();
  outcome& before = send("/v/i");
  change("PATCH", "/v/i");
  outcome& during = send("/v/i");
  EXPECT_EQ(sent(), 2u);
  respond(1, status(200));
  outcome& after = send("/v/i");
  EXPECT_EQ(sent(), 3u);
  respond(0, document("old"));
  EXPECT_EQ(before.body() + during.body(), "oldold");
  EXPECT_EQ(on->counted().cached, 0u);
  respond(2, document("new"));
  EXPECT_EQ(after.body(), "new");
  EXPECT_EQ(on->counted().cached, 1u);
}

TEST_F(CachingTransport, AChangeIsCancelledByItsOwnSlot) {
  both();
  outcome& patch = change("PATCH", "/i");
  patch.cancel.emit(asio::cancellation_type::total);
  EXPECT_TRUE(network->sent[0].cancelled);
}

TEST_F(CachingTransport, ForgetsOnDemand) {
  cache(1h);
  send("/i?a=b");
  respond(0, document("a"));
  on->forget("/i?a=b");
  EXPECT_EQ(on->counted().cached, 0u);
}

// ---- the end

TEST_F(CachingTransport, AClosedOneLeavesItToTheTransportBelow) {
  both();
  send("/i");
  respond(0, document("a"));
  on->async_close(0ms, [](close_report) {});
  send("/i");
  EXPECT_EQ(sent(), 2u) << "which refuses it";
  EXPECT_FALSE(network->closed);
  on->shutdown();
  EXPECT_TRUE(network->closed);
}

TEST_F(CachingTransport, ARequestThatCannotBeSentLeavesNothing) {
  both();
  network->on_send = [] { throw std::bad_alloc(); };
  const auto alive = std::make_shared<int>(0);
  EXPECT_THROW(on->async_send(get("/i"), [alive](const result<http_response>&) {}), std::bad_alloc);
  EXPECT_EQ(alive.use_count(), 1);
  network->on_send = {};
  send("/i");
  EXPECT_EQ(sent(), 1u);
}

TEST_F(CachingTransport, IsGivenUpWithTheHandlersBelow) {
  both();
  const auto alive = std::make_shared<int>(0);
  for (int i = 0; i < 3; ++i) {
    http_request request = get("/i");
    request.deadline = clock::now() + 1h;
    on->async_send(std::move(request), [alive](const result<http_response>&) {});
  }
  network->sent.clear();
  EXPECT_EQ(alive.use_count(), 1);
  send("/i");
  EXPECT_EQ(sent(), 1u);
}

// Requests, cancellations, responses and changes in any order. Every handler is called once, nobody
// is given what a change had made old before, and what nobody waits for is cancelled.
TEST_F(CachingTransport, HoldsInAnyOrder) {
  make({.coalesce = true, .max_entries = 2, .max_bytes = 100'000, .ttl = 1h});
  std::minstd_rand dice(7);
  std::array<int, 3> versions{};                  // of the resources, as they are now
  std::vector<std::array<int, 3>> versions_sent;  // by request below: when it was sent
  struct question {
    outcome* of;
    int least;  // the version then
  };
  std::vector<question> asked;
  network->on_send = [&] { versions_sent.push_back(versions); };
  const auto name = [](std::size_t which) { return "/v/" + std::to_string(which); };
  const auto respond_to = [&](std::size_t at) {
    const auto& one = network->sent[at];
    if (one.ended) return;
    const auto which = static_cast<std::size_t>(one.request.target.back() - '0');
    if (one.request.method == "PATCH") ++versions.at(which);
    if (one.cancelled) return network->respond(at, errc::cancelled);
    if (dice() % 8 == 0) return network->respond(at, status(dice() % 2 == 0 ? 404 : 503));
    network->respond(at, document(std::to_string(versions_sent[at].at(which))));
  };
  for (int i = 0; i < 5'000; ++i) {
    const std::size_t which = dice() % versions.size();
    switch (dice() % 6) {
      case 0:
      case 1: asked.push_back({&send(name(which)), versions.at(which)}); break;
      case 2:
        if (!asked.empty())
          asked[dice() % asked.size()].of->cancel.emit(asio::cancellation_type::total);
        break;
      case 3:
        if (dice() % 4 == 0) change("PATCH", name(which));
        break;
      case 4: settle(); break;
      default:
        if (sent() > 0) respond_to(sent() - 1 - dice() % std::min<std::size_t>(sent(), 4));
    }
  }
  for (const question& each : asked) each.of->cancel.emit(asio::cancellation_type::total);
  for (std::size_t at = 0; at < sent(); ++at) {
    const auto& one = network->sent[at];
    EXPECT_TRUE(one.ended || one.cancelled || one.request.method == "PATCH");
    respond_to(at);
  }
  settle();
  for (const auto& [of, least] : asked) {
    ASSERT_EQ(of->times, 1);
    if (*of->got && of->response().status == 200) {
      EXPECT_GE(std::stoi(of->response().body), least);
    }
  }
  EXPECT_GT(on->counted().coalesced, 100u);
  EXPECT_GT(on->counted().hits, 100u);
}

// Requests that share, expire, are cancelled from elsewhere, and changes, on four threads.
TEST(CachingTransportOnManyThreads, CallsEveryHandlerOnce) {
  asio::io_context io;
  const auto network = std::make_shared<testing::fake_transport>(
      io.get_executor(), [](const http_request&) { return testing::fake_transport::json("{}"); });
  const auto on = std::make_shared<caching_transport>(
      network, io.get_executor(),
      caching_transport::settings{
          .coalesce = true, .max_entries = 2, .max_bytes = 100'000, .ttl = 1ms});
  constexpr int each = 400;
  std::atomic<int> ended{0};
  struct sender : std::enable_shared_from_this<sender> {
    sender(std::shared_ptr<caching_transport> to, const asio::any_io_executor& executor,
           unsigned seed, std::atomic<int>& count)
        : on(std::move(to)), strand(asio::make_strand(executor)), dice(seed), ended(count) {}

    std::shared_ptr<caching_transport> on;
    asio::strand<asio::any_io_executor> strand;
    std::minstd_rand dice;
    std::atomic<int>& ended;
    std::optional<asio::cancellation_signal> cancel;
    int left = each;

    void send() {
      if (left-- == 0) return;
      cancel.emplace();
      http_request request = get("/v/" + std::to_string(dice() % 3));
      if (dice() % 8 == 0) request.method = "PATCH";
      if (dice() % 4 == 0) request.deadline = clock::now() + 1ms;
      auto completed = [self = shared_from_this()](result<http_response>&&) {
        ++self->ended;
        asio::post(self->strand, [self] { self->send(); });
      };
      on->async_send(std::move(request),
                     asio::bind_cancellation_slot(cancel->slot(), std::move(completed)));
      if (dice() % 4 == 0) cancel->emit(asio::cancellation_type::total);
    }
  };
  constexpr unsigned senders = 8;
  for (unsigned seed = 1; seed <= senders; ++seed) {
    const auto made = std::make_shared<sender>(on, io.get_executor(), seed, ended);
    asio::post(made->strand, [made] { made->send(); });
  }
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&io] { io.run(); });
  for (std::thread& one : threads) one.join();
  EXPECT_EQ(ended, int{senders} * each);
  EXPECT_EQ(network->pending(), 0u);
}

}  // namespace caching_transport_test
}  // namespace upsun::transports
