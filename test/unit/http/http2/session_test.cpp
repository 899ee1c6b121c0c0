#include "http/http2/session.hpp"

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "http/exchange/pooled_body.hpp"
#include "support/coded.hpp"
#include "unit/http/http2/scripted_peer.hpp"

namespace upsun::http {
namespace session_test {

using namespace std::chrono_literals;
using test::field_list;
using test::scripted_peer;

const std::string get_text =
    "GET /projects/p HTTP/1.1\r\nHost: api.example:8443\r\nUser-Agent: me\r\nAuthorization: Bearer "
    "t\r\nX-Trace: 7\r\n\r\n";
const std::string post_text =
    "POST /projects/p HTTP/1.1\r\nHost: api.example\r\nContent-Type: application/json\r\n"
    "Content-Length: 2\r\n\r\n{}";

/// Of a request's head, some 1,000 bytes each.
std::string long_fields(std::size_t count) {
  std::string fields;
  for (std::size_t i = 0; i < count; ++i)
    fields += "X-" + std::to_string(i) + ": " + std::string(1'000, '~') + "\r\n";
  return fields;
}

/// A session, and the peer that it talks to over memory.
class Session : public ::testing::Test {
 protected:
  exchange_ptr ask(std::string text = get_text) {
    auto e = std::make_shared<exchange>();
    e->bytes = std::move(text);
    e->admitted = e->leased = now;
    client->begin(e);
    return e;
  }
  /// What the client has sent since the last time.
  std::vector<scripted_peer::received> sent() {
    std::vector<scripted_peer::received> all;
    for (auto bytes = client->output(); !bytes.empty(); bytes = client->output()) {
      for (auto& each : peer.read(bytes)) all.push_back(std::move(each));
      client->sent(bytes.size());
    }
    return all;
  }
  /// The same, of one type.
  std::vector<scripted_peer::received> sent(std::uint8_t type) {
    auto all = sent();
    std::erase_if(all, [&](const auto& each) { return each.type != type; });
    return all;
  }
  std::vector<exchange_outcome> feed(std::string_view bytes) {
    client->feed(bytes, now);
    return client->take_outcomes();
  }
  /// Past the preface and the settings of both.
  void greet() {
    sent();
    EXPECT_TRUE(feed(scripted_peer::settings() + scripted_peer::settings_ack()).empty());
    sent();
  }

  /// One after another, each of which has been sent.
  void cancel_requests(int count) {
    for (int i = 0; i < count; ++i) {
      const auto e = ask();
      sent();
      (void)client->cancel(*e, now);
    }
  }

  session_settings settings{.limits = {.header_bytes = 4096, .body_bytes = 1000}};
  std::optional<session> client{std::in_place, settings};
  scripted_peer peer;
  time_point now{1h};
};

TEST_F(Session, BeginsWithItsSettingsAndAWiderWindow) {
  const auto frames = sent();
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_EQ(frames[0].type, NGHTTP2_SETTINGS);
  EXPECT_EQ(frames[0].payload, test::number(2, 2) + test::number(0, 4) + test::number(4, 2) +
                                   test::number(256 * 1024, 4) + test::number(6, 2) +
                                   test::number(4096, 4));
  EXPECT_EQ(frames[1].type, NGHTTP2_WINDOW_UPDATE);
  EXPECT_EQ(frames[1].stream, 0U);
  EXPECT_EQ(frames[1].payload, test::number(8 * 1024 * 1024 - 65'535, 4));
}

TEST_F(Session, SendsARequestAsFieldsWithThePseudoHeadersFirst) {
  greet();
  const auto e = ask();
  const auto frames = sent();
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(frames[0].fields, (field_list{{":method", "GET"},
                                          {":scheme", "https"},
                                          {":authority", "api.example:8443"},
                                          {":path", "/projects/p"},
                                          {"user-agent", "me"},
                                          {"authorization", "Bearer t"},
                                          {"x-trace", "7"}}));
  EXPECT_EQ(frames[0].flags & NGHTTP2_FLAG_END_STREAM, NGHTTP2_FLAG_END_STREAM);
  EXPECT_TRUE(e->offered);
}

TEST_F(Session, NeverIndexesTheToken) {
  greet();
  ask();
  const auto first = sent();
  ask();
  const auto second = sent();
  EXPECT_LT(second[0].payload.size(), first[0].payload.size());
  EXPECT_NE(second[0].payload.find('\x1f'), std::string::npos)
      << "a literal that is never indexed (RFC 7541 section 6.2.3)";
}

TEST_F(Session, SendsABodyInDataFrames) {
  greet();
  ask(post_text);
  const auto frames = sent();
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_EQ(frames[0].flags & NGHTTP2_FLAG_END_STREAM, 0);
  EXPECT_EQ(frames[1].payload, "{}");
  EXPECT_EQ(frames[1].flags & NGHTTP2_FLAG_END_STREAM, NGHTTP2_FLAG_END_STREAM);
}

TEST_F(Session, CompletesEachExchangeByItself) {
  greet();
  const auto a = ask();
  const auto b = ask();
  sent();
  const std::string second = peer.response(3, "two");
  auto ended = feed(second + peer.response(1, "one"));
  ASSERT_EQ(ended.size(), 2U);
  EXPECT_EQ(ended[0].finished, b);
  EXPECT_EQ(ended[0].response->value().body, "two");
  EXPECT_EQ(ended[0].response->value().content_type, "application/json");
  EXPECT_EQ(ended[1].finished, a);
  EXPECT_EQ(ended[1].response->value().body, "one");
  EXPECT_EQ(ended[1].verdict, release_verdict::reusable);
  EXPECT_EQ(client->open_streams(), 0U);
}

TEST_F(Session, SendsNoMoreOfARequestWhoseResponseIsComplete) {
  greet();
  const auto e = ask(post_text + std::string(100'000, ' '));
  sent();
  const auto ended = feed(peer.headers(1, {{":status", "413"}}, true));
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].response->value().status, 413);
  const auto frames = sent();
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(frames[0].type, NGHTTP2_RST_STREAM);
}

TEST_F(Session, CancellingResetsTheStreamAndLeavesTheOthersAlone) {
  greet();
  const auto a = ask();
  const auto b = ask();
  sent();
  EXPECT_EQ(client->cancel(*a, now), phase::read_head);
  EXPECT_EQ(client->cancel(*a, now), std::nullopt);
  const auto frames = sent();
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_EQ(frames[0].type, NGHTTP2_RST_STREAM);
  EXPECT_EQ(frames[0].stream, 1U);
  EXPECT_EQ(frames[1].type, NGHTTP2_PING);
  const std::string late = peer.response(1, "late");
  const auto ended = feed(late + peer.response(3, "two"));
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].finished, b);
}

TEST_F(Session, CancellingSaysHowFarARequestHadCome) {
  greet();
  const auto begun = ask(std::string(get_text).insert(get_text.size() - 2, long_fields(100)));
  const auto behind = ask();
  client->sent(client->output().size());
  EXPECT_EQ(client->cancel(*begun, now), phase::write);
  EXPECT_EQ(client->cancel(*behind, now), phase::queue);
}

TEST_F(Session, CancellingSaysWhetherTheResponseHadBegun) {
  greet();
  feed(scripted_peer::settings({{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 1}}));
  const auto body = ask(post_text);
  const auto hinted = ask();
  const auto responded = ask();
  sent();
  feed(peer.headers(3, {{":status", "103"}}, false) + peer.headers(5, {{":status", "200"}}, false));
  EXPECT_EQ(client->cancel(*body, now), phase::write);
  EXPECT_EQ(client->cancel(*hinted, now), phase::read_head);
  EXPECT_EQ(client->cancel(*responded, now), phase::read_body);
}

TEST_F(Session, SendsAHeadOfAnyLength) {
  greet();
  ask(std::string(get_text).insert(get_text.size() - 2, long_fields(10'000)));
  const auto heads = sent(NGHTTP2_HEADERS);
  ASSERT_EQ(heads.size(), 1U);
  EXPECT_GT(heads[0].fields.size(), 10'000U);
}

TEST_F(Session, CancellingWhatIsNotSentYetSendsNothing) {
  greet();
  const auto e = ask();
  EXPECT_EQ(client->cancel(*e, now), phase::queue);
  EXPECT_TRUE(sent(NGHTTP2_HEADERS).empty());
}

TEST_F(Session, CountsAResetStreamUntilThePingComesBack) {
  greet();
  feed(scripted_peer::settings({{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 10}}));
  const auto e = ask();
  sent();
  (void)client->cancel(*e, now);
  EXPECT_EQ(client->capacity(), 9U);
  const auto pings = sent(NGHTTP2_PING);
  ASSERT_EQ(pings.size(), 1U);
  feed(scripted_peer::ping(pings[0].payload, true));
  EXPECT_EQ(client->capacity(), 10U);
}

TEST_F(Session, DrainsStreamsOnceItHasResetManyAtOnce) {
  greet();
  std::size_t resets = 0;
  for (int i = 0; i < 150; ++i) {
    const auto e = ask();
    sent();
    EXPECT_EQ(client->cancel(*e, now), phase::read_head);
    resets += sent(NGHTTP2_RST_STREAM).size();
  }
  EXPECT_EQ(resets, static_cast<std::size_t>(reset_budget::burst));
  now += 1s;
  const auto e = ask();
  sent();
  (void)client->cancel(*e, now);
  EXPECT_EQ(sent(NGHTTP2_RST_STREAM).size(), static_cast<std::size_t>(reset_budget::per_second));
}

TEST_F(Session, ResetsDrainedStreamsOnceItMay) {
  greet();
  cancel_requests(150);
  sent();
  now += 10s;
  feed(scripted_peer::ping("12345678", false));
  const auto rest = sent();
  EXPECT_EQ(std::count_if(rest.begin(), rest.end(),
                          [](const auto& each) { return each.type == NGHTTP2_RST_STREAM; }),
            50);
  for (const auto& each : rest) {
    if (each.type == NGHTTP2_PING && each.flags == 0) feed(scripted_peer::ping(each.payload, true));
  }
  EXPECT_GT(client->capacity(), 1000U);
}

TEST_F(Session, ForgetsResetsWhosePingIsNotAnswered) {
  greet();
  feed(scripted_peer::settings({{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 10}}));
  const auto e = ask();
  sent();
  (void)client->cancel(*e, now);
  sent();
  EXPECT_EQ(client->capacity(), 9U);
  now += session::silence + 1s;
  feed(scripted_peer::ping("12345678", false));
  EXPECT_EQ(client->capacity(), 10U);
}

TEST_F(Session, TakesNoMoreWhereNothingThatIsGivenUpEverEnds) {
  greet();
  feed(scripted_peer::settings({{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 0}}));
  for (int i = 0; i < 2000; ++i) {
    const auto e = ask();
    sent();
    (void)client->cancel(*e, now);
  }
  EXPECT_EQ(client->capacity(), 0U);
}

TEST_F(Session, ADrainedStreamGivesItsDataBackToTheWindow) {
  settings.connection_window = 64 * 1024;
  client.emplace(settings);
  greet();
  cancel_requests(100);
  const auto drained = ask();
  sent();
  (void)client->cancel(*drained, now);
  EXPECT_TRUE(sent(NGHTTP2_RST_STREAM).empty());
  const std::string head = peer.headers(201, {{":status", "200"}}, false);
  feed(head);
  std::size_t given_back = 0;
  for (int i = 0; i < 40; ++i) {
    feed(scripted_peer::data(201, std::string(8192, 'x'), false));
    for (const auto& each : sent(NGHTTP2_WINDOW_UPDATE)) given_back += each.stream == 0 ? 1 : 0;
  }
  EXPECT_FALSE(client->failure());
  EXPECT_GT(given_back, 4U);
}

TEST_F(Session, AGoawayLeavesWhatIsProcessedAndRefusesTheRest) {
  greet();
  const auto a = ask();
  const auto b = ask();
  sent();
  const auto unsent = ask();
  auto ended = feed(scripted_peer::goaway(1));
  ASSERT_EQ(ended.size(), 2U);
  for (const auto& each : ended) {
    EXPECT_NE(each.finished, a);
    EXPECT_TRUE(each.unprocessed);
  }
  EXPECT_EQ(client->capacity(), 0U);
  ended = feed(peer.response(1, "one"));
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].finished, a);
  EXPECT_TRUE(ended[0].response);
}

TEST_F(Session, AGoawayComesInTwoSteps) {
  greet();
  const auto a = ask();
  sent();
  EXPECT_TRUE(feed(scripted_peer::goaway(0x7fff'ffff)).empty());
  EXPECT_EQ(client->capacity(), 0U);
  EXPECT_TRUE(feed(scripted_peer::goaway(1)).empty());
  EXPECT_EQ(feed(peer.response(1, "one")).size(), 1U);
}

TEST_F(Session, ARefusedStreamIsUnprocessed) {
  greet();
  ask();
  sent();
  const auto ended = feed(scripted_peer::reset(1, NGHTTP2_REFUSED_STREAM));
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_TRUE(ended[0].unprocessed);
  EXPECT_EQ(ended[0].verdict, release_verdict::reusable);
}

TEST_F(Session, AResetIsAFailureOfItsStreamOnly) {
  greet();
  ask();
  const auto b = ask();
  sent();
  auto ended = feed(scripted_peer::reset(1, NGHTTP2_INTERNAL_ERROR));
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_FALSE(ended[0].unprocessed);
  EXPECT_EQ(ended[0].failure.code, errc::connection_reset);
  EXPECT_EQ(ended[0].failure.cause, "the server reset the stream: INTERNAL_ERROR");
  ended = feed(peer.response(3, "two"));
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].finished, b);
}

TEST_F(Session, AResetAfterACompleteResponseTakesNothingAway) {
  greet();
  ask();
  sent();
  const auto ended = feed(peer.response(1, "one") + scripted_peer::reset(1, NGHTTP2_NO_ERROR));
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_TRUE(ended[0].response);
  EXPECT_FALSE(client->failure());
}

TEST_F(Session, HeedsTheServersNumberOfStreamsAtAnyTime) {
  EXPECT_EQ(client->capacity(), 100U) << "before the settings";
  greet();
  EXPECT_GT(client->capacity(), 1000U);
  for (const std::uint32_t streams : {5U, 1U, 500U}) {
    feed(scripted_peer::settings({{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, streams}}));
    EXPECT_EQ(client->capacity(), streams);
  }
}

TEST_F(Session, HoldsRequestsBackWhileTheServerAllowsNone) {
  greet();
  feed(scripted_peer::settings({{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 0}}));
  sent();
  EXPECT_EQ(client->capacity(), 1U);
  ask();
  EXPECT_TRUE(sent(NGHTTP2_HEADERS).empty());
  feed(scripted_peer::settings({{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 1}}));
  EXPECT_EQ(sent(NGHTTP2_HEADERS).size(), 1U);
}

TEST_F(Session, EndsAllWithTheConnection) {
  greet();
  const auto a = ask();
  sent();
  const auto unsent = ask();
  client->end_all({errc::connection_closed, "the end"}, true);
  const auto ended = client->take_outcomes();
  ASSERT_EQ(ended.size(), 2U);
  EXPECT_EQ(ended[0].finished, a);
  EXPECT_TRUE(ended[0].stale);
  EXPECT_FALSE(ended[0].unprocessed);
  EXPECT_TRUE(ended[1].unprocessed);
  EXPECT_EQ(ended[1].verdict, release_verdict::failed);
}

TEST_F(Session, AHeadOverItsLimitCostsTheStream) {
  greet();
  ask();
  ask();
  sent();
  auto ended = feed(peer.headers(1, {{":status", "200"}, {"x", std::string(5000, 'x')}}, true));
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].failure.code, errc::header_limit);
  EXPECT_EQ(feed(peer.response(3, "two")).size(), 1U);
}

TEST_F(Session, AHeadFarOverItsLimitCostsTheConnection) {
  greet();
  ask();
  sent();
  field_list many{{":status", "200"}};
  for (int i = 0; i < 200; ++i) many.emplace_back("x", "a value that goes into the table once");
  feed(peer.headers(1, many, true));
  EXPECT_FALSE(client->failure());
  for (int i = 0; i < 200; ++i) many.emplace_back("x", "a value that goes into the table once");
  ask();
  sent();
  feed(peer.headers(3, many, true));
  ASSERT_TRUE(client->failure());
  EXPECT_EQ(client->failure()->code, errc::header_limit);
  EXPECT_EQ(sent(NGHTTP2_GOAWAY).size(), 1U);
}

TEST_F(Session, ABodyOverItsLimitCostsTheStream) {
  greet();
  ask();
  sent();
  const auto ended = feed(peer.response(1, std::string(1001, 'x')));
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].failure.code, errc::body_limit);
  EXPECT_EQ(sent(NGHTTP2_RST_STREAM).size(), 1U);
}

#if UPSUN_GZIP
TEST_F(Session, DecodesACodedBodyAndFailsOneThatIsBroken) {
  greet();
  ask();
  ask();
  ask();
  ask();
  sent();
  const std::string body(900, 'x');
  const std::string coded = upsun::test::gzip(body);
  const auto response = [this](std::uint32_t stream, const std::string& bytes,
                               const std::string& status = "200") {
    return peer.headers(stream, {{":status", status}, {"content-encoding", "gzip"}}, false) +
           scripted_peer::data(stream, bytes.substr(0, 5), false) +
           scripted_peer::data(stream, bytes.substr(5), true);
  };
  const std::string too_large = upsun::test::gzip(std::string(1001, 'x'));
  std::string all = response(1, coded);
  all += response(3, coded.substr(0, coded.size() - 1));
  all += response(5, too_large);
  all += response(7, "a gateway's own page", "503");
  const auto ended = feed(all);
  ASSERT_EQ(ended.size(), 4U);
  EXPECT_EQ(ended[0].response->value().body, body);
  EXPECT_EQ(ended[0].response->value().content_encoding, "");
  EXPECT_EQ(ended[1].failure.code, errc::bad_response);
  EXPECT_EQ(ended[2].failure.code, errc::body_limit);
  EXPECT_EQ(ended[3].response->value().status, 503);
  EXPECT_EQ(ended[3].response->value().body, "");
  EXPECT_FALSE(client->failure());
}
#endif

TEST_F(Session, FramesWithoutProgressEndTheConnection) {
  greet();
  ask();
  sent();
  for (int i = 0; i < 20'000 && !client->failure(); ++i) {
    feed(scripted_peer::settings() + scripted_peer::data(1, "", false));
    sent();
  }
  EXPECT_TRUE(client->failure());
}

TEST_F(Session, FramesThatMeanNothingEndTheConnection) {
  greet();
  ask();
  sent();
  const std::string junk = test::frame(0xfe, 0, 0, std::string(16'000, 'x'));
  for (int i = 0; i < 10'000 && !client->failure(); ++i) feed(junk);
  EXPECT_TRUE(client->failure());
}

TEST_F(Session, FramesThatComeSlowlyDoNoHarm) {
  greet();
  ask();
  sent();
  for (int i = 0; i < 20'000 && !client->failure(); ++i) {
    now += 2s;
    feed(scripted_peer::ping("12345678", false));
    sent();
  }
  EXPECT_FALSE(client->failure());
}

TEST_F(Session, AnswersThatNobodyReadsEndTheConnection) {
  greet();
  ask();
  sent();
  for (int i = 0; i < 40'000 && !client->failure(); ++i)
    feed(scripted_peer::ping("12345678", false));
  EXPECT_TRUE(client->failure());
}

TEST_F(Session, SaysWhyItEndsAConnectionThatBreaksTheRules) {
  greet();
  ask();
  sent();
  feed(test::frame(NGHTTP2_DATA, 0, 0, "x"));
  ASSERT_TRUE(client->failure()) << "at once, though nothing was sent yet";
  EXPECT_EQ(client->capacity(), 0U);
  EXPECT_EQ(client->failure()->code, errc::bad_response);
  EXPECT_EQ(client->failure()->cause, "HTTP/2: PROTOCOL_ERROR");
  EXPECT_EQ(sent(NGHTTP2_GOAWAY).size(), 1U);
}

TEST_F(Session, SaysItWhenTheFaultIsOneOfItsOwnLimitsToo) {
  greet();
  ask();
  sent();
  for (int i = 0; i < 20'000 && !client->failure(); ++i) {
    feed(scripted_peer::data(1, "", false));
  }
  ASSERT_TRUE(client->failure());
  EXPECT_EQ(sent(NGHTTP2_GOAWAY).size(), 1U);
}

TEST_F(Session, AServerThatAsksForCalmThrottlesWhatItHasNotProcessed) {
  greet();
  const auto a = ask();
  sent();
  const auto b = ask();
  auto ended = feed(scripted_peer::goaway(1, NGHTTP2_ENHANCE_YOUR_CALM));
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].finished, b);
  EXPECT_EQ(ended[0].failure.code, errc::rate_limited);
  EXPECT_FALSE(ended[0].unprocessed) << "that would be sent again at once";
  EXPECT_TRUE(feed(scripted_peer::goaway(1)).empty());
  client->end_all({errc::connection_closed, "the end"}, true);
  ended = client->take_outcomes();
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].failure.code, errc::rate_limited);
  EXPECT_FALSE(ended[0].stale);
}

TEST_F(Session, AsksAServerThatIsSilentWhetherItIsThere) {
  greet();
  ask();
  sent();
  EXPECT_TRUE(client->probe(now + 14s));
  EXPECT_TRUE(sent(NGHTTP2_PING).empty());
  EXPECT_TRUE(client->probe(now + 15s));
  const auto pings = sent(NGHTTP2_PING);
  ASSERT_EQ(pings.size(), 1U);
  EXPECT_TRUE(client->probe(now + 29s));
  EXPECT_TRUE(sent(NGHTTP2_PING).empty()) << "one is enough";
  EXPECT_FALSE(client->probe(now + 30s));
  now += 30s;
  feed(scripted_peer::ping(pings[0].payload, true));
  EXPECT_TRUE(client->probe(now)) << "it is";
}

TEST_F(Session, AsksNobodyWhileNothingIsUnderWay) {
  greet();
  EXPECT_TRUE(client->probe(now + 1h));
  EXPECT_TRUE(sent(NGHTTP2_PING).empty());
}

/// A body that is handed out, with what came of it.
class StreamedSession : public Session {
 protected:
  exchange_ptr ask_for_body() {
    auto e = std::make_shared<exchange>();
    e->bytes = get_text;
    e->admitted = e->leased = now;
    transport::open_handler opener = [this](result<streamed_response>&& outcome) {
      opened.emplace(std::move(outcome));
    };
    e->body = std::make_shared<pooled_body>(context.get_executor(), 0ms, std::move(opener));
    e->body->control(
        {.end = [](errc) {},
         .give_back = [this, of = e.get()](std::size_t bytes) { client->give_back(*of, bytes); }});
    client->begin(e);
    return e;
  }
  /// Reads what has arrived.
  std::string read() {
    std::string got;
    opened->value().body->async_read([&](result<std::string>&& piece) {
      got = piece ? std::move(*piece) : to_string(static_cast<errc>(piece.error().code().value()));
    });
    run();
    return got;
  }
  void run() {
    context.restart();
    context.run();
  }

  boost::asio::io_context context;
  std::optional<result<streamed_response>> opened;
};

TEST_F(StreamedSession, HandsOutTheHeadAndThenTheBody) {
  greet();
  const auto e = ask_for_body();
  sent();
  auto outcomes = feed(peer.headers(1, {{":status", "200"}}, false));
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_TRUE(outcomes[0].is_head);
  e->body->on_head(std::move(**outcomes[0].response));
  run();
  EXPECT_EQ(opened->value().head.status, 200);
  EXPECT_TRUE(feed(scripted_peer::data(1, "one", false)).empty());
  EXPECT_EQ(read(), "one");
  EXPECT_TRUE(feed(scripted_peer::data(1, std::string(2000, 'x'), false)).empty())
      << "its body has no limit";
  EXPECT_EQ(read().size(), 2000U);
  outcomes = feed(scripted_peer::data(1, "", true));
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_FALSE(outcomes[0].is_head);
  EXPECT_TRUE(outcomes[0].response->has_value());
}

TEST_F(StreamedSession, AResponseThatIsNoSuccessIsHandedOverWhole) {
  greet();
  ask_for_body();
  sent();
  EXPECT_TRUE(feed(peer.headers(1, {{":status", "404"}}, false)).empty());
  const auto outcomes = feed(scripted_peer::data(1, "why", true));
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_FALSE(outcomes[0].is_head);
  EXPECT_EQ((**outcomes[0].response).body, "why");
}

TEST_F(StreamedSession, WhatIsNotReadHoldsUpItsStreamAndNoOther) {
  settings.stream_window = 64 * 1024;
  settings.connection_window = 128 * 1024;
  settings.limits.body_bytes = 1024 * 1024;
  client.emplace(settings);
  greet();
  const auto slow = ask_for_body();
  const auto other = ask();
  sent();
  auto outcomes = feed(peer.headers(1, {{":status", "200"}}, false) +
                       peer.headers(3, {{":status", "200"}}, false));
  slow->body->on_head(std::move(**outcomes.at(0).response));
  run();
  for (int i = 0; i < 4; ++i) feed(scripted_peer::data(1, std::string(16'000, 's'), false));
  for (const auto& each : sent(NGHTTP2_WINDOW_UPDATE)) EXPECT_EQ(each.stream, 0U);
  bool other_may_go_on = false;
  for (int i = 0; i < 40; ++i) {
    feed(scripted_peer::data(3, std::string(16'000, 'o'), false));
    for (const auto& each : sent(NGHTTP2_WINDOW_UPDATE))
      other_may_go_on = other_may_go_on || each.stream == 3;
  }
  EXPECT_TRUE(other_may_go_on);
  EXPECT_FALSE(client->failure()) << "the connection's window was given back throughout";
  EXPECT_EQ(read().size(), 64'000U);
  bool may_go_on = false;
  for (const auto& each : sent(NGHTTP2_WINDOW_UPDATE)) may_go_on = may_go_on || each.stream == 1;
  EXPECT_TRUE(may_go_on);
}

TEST_F(StreamedSession, CancellingResetsItHoweverManyWereResetBefore) {
  greet();
  cancel_requests(150);
  sent();
  const auto e = ask_for_body();
  sent();
  const auto id = static_cast<std::uint32_t>(2 * 150 + 1);
  EXPECT_EQ(feed(peer.headers(id, {{":status", "200"}}, false)).size(), 1U);
  EXPECT_EQ(client->cancel(*e, now), phase::read_body);
  const auto resets = sent(NGHTTP2_RST_STREAM);
  ASSERT_EQ(resets.size(), 1U);
  EXPECT_EQ(resets[0].stream, id);
}

}  // namespace session_test
}  // namespace upsun::http
