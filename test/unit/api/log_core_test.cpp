#include "api/log_core.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace upsun::api {
namespace log_core_test {

using namespace std::chrono_literals;
using texts = std::vector<std::string>;

const log_rules usual{.longest_line = 1000,
                      .max_failures = 2,
                      .max_quiet = 3,
                      .backoff = {.base = 100ms, .throttled_base = 1000ms, .max_delay = 10s}};
const std::string seal = "{\"seal\":true}\n";

std::string item(const std::string& id, const std::string& message) {
  return R"({"_id":")" + id + R"(","data":{"message":")" + message + "\"}}\n";
}
std::string item(int id) { return item(std::to_string(id), "m" + std::to_string(id)); }

texts ready(log_core& core) {
  texts all;
  while (const auto line = core.next())
    all.push_back(*line ? (*line)->message
                        : std::string(to_string(static_cast<errc>(line->error().code().value()))));
  return all;
}

error broken(errc code = errc::connection_closed, int status = 0) {
  error_details details;
  details.phase = phase::read_body;
  details.status = status;
  return {code, std::move(details)};
}

struct LogCore : ::testing::Test {
  log_core core{usual, ""};

  texts stream(const std::string& bytes) {
    core.opened();
    core.feed(bytes);
    return ready(core);
  }
};

TEST_F(LogCore, GivesLinesUpToTheSeal) {
  EXPECT_EQ(stream(item(1) + item(2)), (texts{"m1", "m2"}));
  EXPECT_FALSE(core.sealed());
  EXPECT_EQ(core.last_id(), "2");
  core.feed(seal + item(3));
  EXPECT_EQ(ready(core), texts{});
  EXPECT_TRUE(core.sealed());
}

TEST_F(LogCore, ReadsWhatALineSays) {
  core.opened();
  core.feed(
      R"({"_id":12,"more":[1],"data":{"timestamp":"2026-12-13T16:06:08.081312+00:00","message":"a\nb","x":null}})"
      "\n");
  const auto line = core.next();
  ASSERT_TRUE(line && *line);
  EXPECT_EQ((*line)->id, "12");
  EXPECT_EQ((*line)->message, "a\nb");
  EXPECT_EQ((*line)->timestamp, parse_timestamp("2026-12-13T16:06:08.081312+00:00"));
}

TEST_F(LogCore, LeavesOutWhatItDoesNotKnow) {
  EXPECT_EQ(stream("{}\n{\"heartbeat\":1}\n{\"seal\":false}\n{\"data\":{\"message\":\"x\","
                   "\"timestamp\":\"soon\"}}\n"),
            texts{"x"});
  EXPECT_FALSE(core.sealed());
}

TEST_F(LogCore, GivesAnErrorInThePlaceOfALineThatCannotBeReadAndGoesOn) {
  EXPECT_EQ(
      stream("nonsense\n[]\n{\"data\":1}\n{\"data\":{}}\n{\"data\":{\"message\":1}}\n" + item(1)),
      (texts{"decode_failed", "decode_failed", "decode_failed", "decode_failed", "decode_failed",
             "m1"}));
  EXPECT_EQ(stream(item("2", std::string(1000, 'x')) + item(3)), (texts{"body_limit", "m3"}));
}

TEST_F(LogCore, TellsWhereALineIsWrong) {
  core.opened();
  core.feed("{\"data\":{\"message\":1}}\n");
  const auto line = core.next();
  ASSERT_TRUE(line && line->has_error());
  EXPECT_EQ(*line->error().decode(), (decode_mismatch{"/data/message", "string", "number", 19}));
  EXPECT_EQ(line->error().phase(), phase::decode);
  EXPECT_EQ(line->error().details().cause,
            "/data/message: expected string, found number, at byte 19");
}

TEST_F(LogCore, ReadsWhatIsGrammaticalAndCannotBeRepresented) {
  const std::string replacement = "\xef\xbf\xbd";
  EXPECT_EQ(stream(item("1", R"(caf\udce9)") + item("2", R"(\ud83d)") +
                   "{\"x\":1e99999999999,\"data\":{\"message\":\"c\"}}\n" +
                   "{\"x\":" + std::string(40, '[') + std::string(40, ']') +
                   ",\"data\":{\"message\":\"deep\"}}\n" + seal),
            (texts{"caf" + replacement, replacement, "c", "deep"}));
  EXPECT_TRUE(core.sealed());
}

TEST_F(LogCore, GivesAnErrorForDataThatIsNullAndKeepsTheSeal) {
  EXPECT_EQ(stream(item(1) + "{\"_id\":\"2\",\"data\":null}\n" + item(3) +
                   "{\"seal\":true,\"data\":null}\n"),
            (texts{"m1", "decode_failed", "m3"}));
  EXPECT_TRUE(core.sealed());
}

TEST_F(LogCore, GivesWhatItCannotReadOnce) {
  const std::string null = "{\"_id\":\"2\",\"data\":null}\n";
  EXPECT_EQ(stream(item(1) + null), (texts{"m1", "decode_failed"}));
  EXPECT_EQ(core.last_id(), "2");
  (void)core.failed(broken(), 0);
  EXPECT_EQ(stream(item(1) + null + item(3)), texts{"m3"});
}

TEST_F(LogCore, GivesUpOnAServerThatSendsNothingButWhatCannotBeRead) {
  for (unsigned i = 0; i < usual.max_quiet; ++i) {
    EXPECT_EQ(stream("nonsense\n"), texts{"decode_failed"});
    EXPECT_FALSE(core.ended(0).over);
  }
  EXPECT_EQ(stream("nonsense\n"), texts{"decode_failed"});
  EXPECT_EQ(core.ended(0).over, errc::connection_closed);
}

TEST_F(LogCore, ReadsIdsThatAreNumbersHoweverTheyAreWritten) {
  core.opened();
  core.feed(
      "{\"_id\":12.0,\"data\":{\"message\":\"a\"}}\n{\"_id\":1e400,\"data\":{\"message\":\"b\"}}"
      "\n");
  EXPECT_EQ((*core.next())->id, "12");
  EXPECT_EQ((*core.next())->id, "");
}

TEST_F(LogCore, LeavesOutWhatAnotherStreamRepeats) {
  EXPECT_EQ(stream(item(1) + item(2) + item(3)), (texts{"m1", "m2", "m3"}));
  (void)core.failed(broken(), 0);
  EXPECT_EQ(stream(item(3) + item(4)), (texts{"m4"})) << "the border";
  (void)core.failed(broken(), 0);
  EXPECT_EQ(stream(item(1) + item(2) + item(3) + item(4) + item(5)), (texts{"m5"}))
      << "all of it again";
}

TEST_F(LogCore, KnowsIdsThatAreNumbersHoweverManyThereWere) {
  std::string all;
  for (int i = 1; i <= 5000; ++i) all += item(i);
  EXPECT_EQ(stream(all).size(), 5000u);
  (void)core.failed(broken(), 0);
  EXPECT_EQ(stream(all), texts{});
}

TEST_F(LogCore, TakesIdsForNoNumbersWithinAStream) {
  EXPECT_EQ(stream(item(9) + item(2) + item(2) + item("a", "a") + item("b", "b") + item("a", "a")),
            (texts{"m9", "m2", "a", "b"}))
      << "out of order, they are new; the same again, they are not";
}

TEST_F(LogCore, KnowsTheLastIdsOfAnyKind) {
  std::string all;
  for (std::size_t i = 0; i < 2 * log_core::remembered; ++i)
    all += item("x" + std::to_string(i), "y");
  EXPECT_EQ(stream(all).size(), 2 * log_core::remembered);
  (void)core.failed(broken(), 0);
  const std::size_t half = all.size() / 2;
  EXPECT_EQ(stream(all.substr(all.find('\n', half + 20) + 1)), texts{});
}

TEST_F(LogCore, GivesLinesWithoutAnIdAlways) {
  const std::string anonymous = "{\"data\":{\"message\":\"x\"}}\n";
  EXPECT_EQ(stream(anonymous + anonymous), (texts{"x", "x"}));
  EXPECT_EQ(core.last_id(), "");
}

TEST_F(LogCore, BeginsAfterALineThatIsKnown) {
  log_core later(usual, "2");
  EXPECT_EQ(later.last_id(), "2");
  later.opened();
  later.feed(item(1) + item(2) + item(3));
  EXPECT_EQ(ready(later), texts{"m3"});
}

TEST_F(LogCore, TakesALastLineWithoutAnEndOnlyFromAStreamThatIsComplete) {
  EXPECT_EQ(stream(item(1).substr(0, item(1).size() - 1)), texts{});
  (void)core.ended(0);
  EXPECT_EQ(ready(core), texts{"m1"});
  EXPECT_EQ(stream(item(2).substr(0, item(2).size() - 1)), texts{});
  (void)core.failed(broken(), 0);
  EXPECT_EQ(ready(core), texts{});
  EXPECT_EQ(stream("{\"seal\":true}"), texts{});
  (void)core.ended(0);
  EXPECT_EQ(ready(core), texts{});
  EXPECT_TRUE(core.sealed());
}

TEST_F(LogCore, TriesAgainAfterFailuresWithGrowingPausesUntilTheyAreTooMany) {
  EXPECT_EQ(core.failed(broken(errc::connect_failed), 0.5).delay, 50ms);
  EXPECT_EQ(core.failed(broken(errc::server_error, 502), 0.5).delay, 100ms);
  const auto last = core.failed(broken(errc::connect_failed), 0.5);
  ASSERT_TRUE(last.over);
  EXPECT_EQ(*last.over, errc::connect_failed);
  EXPECT_FALSE(core.failed(broken(errc::connect_failed), 0.5).over)
      << "whoever asks again gets as many tries";
}

TEST_F(LogCore, CountsFailuresFromTheLastNewLine) {
  for (int i = 1; i < 10; ++i) {
    EXPECT_EQ(stream(item(i)).size(), 1u);
    EXPECT_FALSE(core.failed(broken(), 0).over);
    EXPECT_FALSE(core.failed(broken(errc::connect_failed), 0).over);
  }
  EXPECT_EQ(stream(item(9)), texts{});
  EXPECT_TRUE(core.failed(broken(), 0).over) << "a stream without a new line is no progress";
}

TEST_F(LogCore, RespectsRetryAfter) {
  error_details details;
  details.status = 429;
  details.retry_after = 3s;
  details.phase = phase::read_body;
  EXPECT_EQ(core.failed({errc::rate_limited, std::move(details)}, 0).delay, 3s);
}

TEST_F(LogCore, EndsAtOnceWhereTryingAgainIsNoUse) {
  for (const auto& [code, status] : {std::pair(errc::not_found, 404),
                                     {errc::forbidden, 403},
                                     {errc::unauthorized, 401},
                                     {errc::bad_response, 0},
                                     {errc::tls_certificate_refused, 0},
                                     {errc::client_closed, 0},
                                     {errc::cancelled, 0}}) {
    const auto sequel = core.failed(broken(code, status), 0);
    ASSERT_TRUE(sequel.over) << to_string(code);
    EXPECT_EQ(*sequel.over, code);
  }
}

TEST_F(LogCore, AsksAgainSlowerAndSlowerWhileNothingIsSaid) {
  EXPECT_EQ(stream(item(1)).size(), 1u);
  EXPECT_EQ(core.ended(0.5).delay, 50ms) << "there was a line";
  for (const auto delay : {500ms, 1000ms, 2000ms}) {
    core.opened();
    EXPECT_EQ(core.ended(0.5).delay, delay);
  }
  core.opened();
  const auto last = core.ended(0.5);
  ASSERT_TRUE(last.over);
  EXPECT_EQ(*last.over, errc::connection_closed);
  EXPECT_EQ(last.over->details().cause, "4 streams of the log ended without a new line or a seal");
}

TEST_F(LogCore, TakesASilentStreamForNoFailure) {
  for (int i = 0; i < 3; ++i) {
    core.opened();
    EXPECT_FALSE(core.failed(broken(errc::attempt_timeout), 0).over);
  }
  EXPECT_FALSE(core.failed(broken(errc::attempt_timeout), 0).over);
  EXPECT_FALSE(core.failed(broken(errc::attempt_timeout), 0).over);
  EXPECT_TRUE(core.failed(broken(errc::attempt_timeout), 0).over)
      << "but one that was not opened in time";
}

TEST(LogTarget, AddsToTheLinkWhatIsAskedFor) {
  EXPECT_EQ(log_target("/a/log", "", log_options()), "/a/log");
  EXPECT_EQ(log_target("/a/log", "a/b&c", log_options()), "/a/log?start_at=a%2Fb%26c");
  EXPECT_EQ(log_target("/a/log?x=1", "7", log_options().max_items(50).batch_delay(1500ms)),
            "/a/log?x=1&start_at=7&max_items=50&max_delay=1500");
}

}  // namespace log_core_test
}  // namespace upsun::api
