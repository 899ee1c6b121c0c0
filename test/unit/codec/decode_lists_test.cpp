#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include <upsun/codec.hpp>
#include <upsun/model/kinds.hpp>

#include "fixtures.hpp"

namespace decode_lists_test {

using namespace std::chrono_literals;
using upsun::accepted_change;
using upsun::activity;
using upsun::decode_accepted_change;
using upsun::decode_activities;
using upsun::decode_activity;
using upsun::decode_integrations;
using upsun::decode_mismatch;
using upsun::decode_policy;
using upsun::errc;
using upsun::testing::fixture;

const std::string slack = R"({"id":"s1","type":"health.slack","channel":"#ops"})";
const std::string broken_slack = R"({"id":"s2","type":"health.slack","channel":12})";
const std::string novel = R"({"id":"n1","type":"novel","n":1})";
const std::string deploy =
    R"({"id":"a1","type":"integration.add","state":"in_progress","completion_percent":40})";

// ---- lists

TEST(DecodeIntegrations, ReadsEveryKindInOrder) {
  std::string list;
  for (const auto kind : upsun::kind_names)
    list.append(list.empty() ? "[" : " ,\n").append(fixture(kind, "full"));
  const auto decoded = decode_integrations(list + "]").value();
  ASSERT_EQ(decoded.size(), upsun::kind_count);
  const auto expected = upsun::testing::expected_integrations();
  for (std::size_t i = 0; i < decoded.size(); ++i)
    EXPECT_EQ(decoded[i].value(), expected[i]) << upsun::kind_names[i];
}

TEST(DecodeIntegrations, ReadsAnEmptyList) {
  EXPECT_TRUE(decode_integrations("[]").value().empty());
  EXPECT_TRUE(decode_integrations(" [\n] ").value().empty());
}

TEST(DecodeIntegrations, GivesAllOthersBesideAnUnknownKindAndABrokenElement) {
  const std::string list = "[" + novel + "," + broken_slack + "," + slack + "]";
  const auto decoded = decode_integrations(list, {.policy = decode_policy::strict}).value();
  ASSERT_EQ(decoded.size(), 3U);
  EXPECT_EQ(std::get<upsun::unknown_settings>(decoded[0]->settings).raw, novel);
  ASSERT_FALSE(decoded[1]);
  EXPECT_EQ(decoded[1].error(), errc::decode_failed);
  EXPECT_EQ(*decoded[1].error().decode(),
            (decode_mismatch{"/1/channel", "string", "number", list.find("12}")}));
  EXPECT_EQ(std::get<upsun::slack_settings>(decoded[2]->settings).channel, "#ops");
}

TEST(DecodeIntegrations, GivesAnErrorForAnElementThatIsNoObject) {
  const auto decoded = decode_integrations("[null,7," + slack + R"(,"x",[]])").value();
  ASSERT_EQ(decoded.size(), 5U);
  const decode_mismatch null{"/0", "object", "null", 1};
  EXPECT_EQ(*decoded[0].error().decode(), null);
  EXPECT_EQ(decoded[1].error().decode()->pointer, "/1");
  EXPECT_TRUE(decoded[2]);
  EXPECT_EQ(decoded[3].error().decode()->found, "string");
  EXPECT_EQ(decoded[4].error().decode()->found, "array");
}

TEST(DecodeIntegrations, KeepsABrokenElementAsRawTextWhenTolerant) {
  const std::string list = "[" + slack + "," + broken_slack + "]";
  std::vector<upsun::element_drift> drifts(7);
  const auto decoded =
      decode_integrations(list, {.policy = decode_policy::tolerant}, &drifts).value();
  ASSERT_EQ(decoded.size(), 2U);
  EXPECT_EQ(std::get<upsun::unknown_settings>(decoded[1]->settings).raw, broken_slack);
  EXPECT_EQ(decoded[1]->id, "s2");
  EXPECT_EQ(std::get<upsun::unknown_settings>(decoded[1]->settings).mismatch,
            (decode_mismatch{"/channel", "string", "number", broken_slack.find("12}")}));
  ASSERT_EQ(drifts.size(), 1U);
  EXPECT_EQ(drifts[0].index, 1U);
  EXPECT_EQ(drifts[0].mismatch,
            (decode_mismatch{"/1/channel", "string", "number", list.find("12}")}));
}

TEST(DecodeIntegrations, FailsAsAWholeForWhatIsNoArray) {
  for (const auto& [text, found] :
       {std::pair("{}", "object"), std::pair(" 12", "number"), std::pair("null", "null"),
        std::pair("\"x\"", "string"), std::pair("true", "boolean")}) {
    const auto decoded = decode_integrations(text);
    ASSERT_FALSE(decoded) << text;
    EXPECT_EQ(decoded.error(), errc::decode_failed);
    EXPECT_EQ(decoded.error().decode()->pointer, "");
    EXPECT_EQ(decoded.error().decode()->expected, "array");
    EXPECT_EQ(decoded.error().decode()->found, found);
  }
}

TEST(DecodeIntegrations, FailsAsAWholeForWhatIsNoJson) {
  for (const std::string& text :
       {R"([{"x":"\udce9","y":tru},)" + slack + "]", "[" + slack, std::string("["),
        std::string("[,]"), std::string(), "[" + slack + ",", "[" + slack + ",]",
        "[" + slack + slack + "]", "[" + slack + "]]",
        "[" + slack + R"(,{"type":"health.slack","channel":tru}])",
        "[" + slack + R"(,{"type":"health.slack","channel":"#ops"]])",
        "[" + slack + R"(,{"a":"b])"}) {
    const auto decoded = decode_integrations(text);
    ASSERT_FALSE(decoded) << text;
    EXPECT_EQ(decoded.error(), errc::decode_failed) << text;
    ASSERT_NE(decoded.error().decode(), nullptr);
    EXPECT_NE(decoded.error().decode()->expected, "array") << text;
  }
}

TEST(DecodeIntegrations, FailsForEveryPrefixOfAList) {
  const std::string list = "[" + slack + ", " + novel + "]";
  for (std::size_t size = 0; size < list.size(); ++size)
    EXPECT_FALSE(decode_integrations(list.substr(0, size))) << size;
}

TEST(DecodeIntegrations, CountsTheListAsALevelOfDepth) {
  const std::string deep = R"({"type":"health.slack","channel":"c","x":[[1]]})";
  EXPECT_TRUE(decode_integrations("[" + deep + "]", {.max_depth = 4}).value()[0]);
  const auto decoded =
      decode_integrations("[" + slack + "," + deep + "]", {.max_depth = 3}).value();
  EXPECT_TRUE(decoded[0]);
  ASSERT_FALSE(decoded[1]);
  EXPECT_EQ(decoded[1].error(), errc::json_depth_limit);
  EXPECT_EQ(decoded[1].error().decode()->pointer.substr(0, 2), "/1");
  EXPECT_FALSE(decode_integrations("[" + slack + "]", {.max_depth = 0}).value()[0]);
}

TEST(DecodeIntegrations, RefusesATextOverTheLimit) {
  const std::string list = "[" + slack + "]";
  EXPECT_TRUE(decode_integrations(list, {.max_bytes = list.size()}));
  EXPECT_EQ(decode_integrations(list, {.max_bytes = list.size() - 1}).error(), errc::body_limit);
}

TEST(DecodeIntegrations, ReadsAThousand) {
  std::string list = "[" + slack;
  for (int i = 1; i < 1000; ++i) list += "," + slack;
  EXPECT_EQ(decode_integrations(list + "]").value().size(), 1000U);
}

// ---- activities

TEST(DecodeActivity, ReadsEveryMember) {
  const activity read = decode_activity(R"({
    "id": "a1", "type": "integration.add", "parameters": {"x": [1]}, "project": "p", "integration": "i1", "environments": ["main", "feature/x"],
    "state": "complete", "result": "success", "completion_percent": 100, "log": "done\n", "text": "Added", "description": "<b>Added</b>",
    "payload": {"integration": {"type": "health.slack"}, "list": [{"a": "}"}]}, "timings": {"wait": 0.5},
    "created_at": "2026-12-13T16:06:08.081312+00:00", "updated_at": "2026-12-13T16:06:09+00:00", "started_at": "2026-12-13T16:06:08.5+00:00",
    "completed_at": "2026-12-13T16:06:09Z", "cancelled_at": null, "expires_at": "2027-01-12T16:06:09+00:00", "_links": {"self": {"href": "x"}}})")
                            .value();
  const auto day = std::chrono::sys_days(2026y / 12 / 13) + 16h + 6min;
  EXPECT_EQ(read,
            (activity{.id = "a1",
                      .type = "integration.add",
                      .state = upsun::activity_state::complete,
                      .result = upsun::activity_result::success,
                      .completion_percent = 100,
                      .log = "done\n",
                      .text = "Added",
                      .description = "<b>Added</b>",
                      .integration = "i1",
                      .project = "p",
                      .environments = {"main", "feature/x"},
                      .created_at = day + 8s + 81312us,
                      .updated_at = day + 9s,
                      .started_at = day + 8500ms,
                      .completed_at = day + 9s,
                      .expires_at = day + 9s + std::chrono::days(30),
                      .timings = {{"wait", 0.5}},
                      .parameters = upsun::raw_json(R"({"x": [1]})"),
                      .payload = upsun::raw_json(
                          R"({"integration": {"type": "health.slack"}, "list": [{"a": "}"}]})")}));
}

// A fraction is cut, so that nothing counts as complete before it is.
TEST(DecodeActivity, CutsTheFractionOfThePercentage) {
  const std::pair<const char*, std::int64_t> cases[] = {
      {"33.3", 33},  {"99.999", 99}, {"100.0", 100}, {"1e2", 100}, {"0.5", 0}, {"-0", 0},
      {"-0.0e0", 0}, {"1.5e1", 15},  {"7e-3", 0},    {"1E+1", 10}, {"0e9", 0}, {"12345e-2", 123}};
  for (const auto& [text, percent] : cases) {
    const auto read = decode_activity(
        std::string(R"({"id":"a","type":"t","state":"in_progress","completion_percent":)") + text +
        "}");
    ASSERT_TRUE(read) << text << read.error();
    EXPECT_EQ(read->completion_percent, percent) << text;
  }
  const auto list =
      decode_activities("[" + deploy +
                        R"(,{"id":"a2","type":"t","state":"pending","completion_percent":1e400}])")
          .value();
  EXPECT_TRUE(list[0]);
  EXPECT_EQ(list[1].error().decode()->pointer, "/1/completion_percent");
  EXPECT_EQ(list[1].error().decode()->found, "number out of range");
}

TEST(DecodeActivity, NeedsLittle) {
  const activity read = decode_activity(deploy).value();
  EXPECT_EQ(read.state, upsun::activity_state::in_progress);
  EXPECT_FALSE(read.done());
  EXPECT_FALSE(read.result);
  EXPECT_TRUE(read.environments.empty());
  const auto nulls = decode_activity(
      R"({"id":"a","type":"t","state":"pending","completion_percent":0,"result":null,"log":null,"text":null,"description":null,"integration":null,"environments":null,)"
      R"("created_at":null,"updated_at":null,"started_at":null,"completed_at":null,"cancelled_at":null,"expires_at":null})");
  EXPECT_EQ(nulls.value(), (activity{.id = "a", .type = "t"}));
}

TEST(DecodeActivity, KeepsStatesAndResultsItDoesNotKnow) {
  const activity read =
      decode_activity(
          R"({"id":"a","type":"t","state":"paused","result":"skipped","completion_percent":100})")
          .value();
  EXPECT_EQ(read.state.str(), "paused");
  EXPECT_EQ(read.result->str(), "skipped");
  EXPECT_TRUE(read.done());
  EXPECT_FALSE(read.succeeded());
}

TEST(DecodeActivity, FailsWithoutWhatItNeeds) {
  for (const char* missing : {"id", "type", "state", "completion_percent"}) {
    std::string text = deploy;
    text.replace(text.find(std::string("\"") + missing), 2, "\"_");
    const auto read = decode_activity(text);
    ASSERT_FALSE(read) << missing;
    EXPECT_EQ(read.error().decode()->pointer, std::string("/") + missing);
    EXPECT_EQ(read.error().decode()->found, "missing");
  }
}

TEST(DecodeActivities, GivesAllOthersBesideABrokenOne) {
  const auto read = decode_activities("[" + deploy + R"(,{"id":"a2"},)" + deploy + "]").value();
  ASSERT_EQ(read.size(), 3U);
  EXPECT_EQ(read[0]->id, "a1");
  EXPECT_EQ(read[1].error().decode()->pointer, "/1/type");
  EXPECT_TRUE(read[2]);
}

// ---- responses to changes

TEST(DecodeAcceptedChange, ReadsWhatItEmbeds) {
  const accepted_change change = decode_accepted_change(
      R"({"status":"created","code":201,"_links":{"self":{"href":"x"}},"_embedded":{"entity":)" +
          slack + R"(,"activities":[)" + deploy + "," + deploy + "]}}",
      201);
  EXPECT_EQ(change.status, "created");
  EXPECT_EQ(change.code, 201);
  ASSERT_TRUE(change.entity);
  EXPECT_EQ(change.entity->id, "s1");
  EXPECT_EQ(std::get<upsun::slack_settings>(change.entity->settings).channel, "#ops");
  ASSERT_EQ(change.activities.size(), 2U);
  EXPECT_EQ(change.activities[1].id, "a1");
  EXPECT_TRUE(change.unread.empty());
}

TEST(DecodeAcceptedChange, MakesDoWithLess) {
  for (const char* nothing :
       {"", " \r\n", "{}", R"({"_embedded":{}})", R"({"status":null,"code":null})",
        R"({"_embedded":{"entity":null ,"activities":[]}})"}) {
    const accepted_change change = decode_accepted_change(nothing, 202);
    EXPECT_EQ(change.status, "") << nothing;
    EXPECT_EQ(change.code, 202) << nothing;
    EXPECT_FALSE(change.entity) << nothing;
    EXPECT_TRUE(change.activities.empty()) << nothing;
    EXPECT_TRUE(change.unread.empty()) << nothing;
  }
  const accepted_change plain = decode_accepted_change(R"({"status":"OK","code":200})", 204);
  EXPECT_EQ(plain.status, "OK");
  EXPECT_EQ(plain.code, 200);
}

TEST(DecodeAcceptedChange, KeepsTheIdOfAnEntityThatBreaksTheContract) {
  const std::string text = R"({"status":"created","code":201,"_embedded":{"entity":)" +
                           broken_slack + R"(,"activities":[)" + deploy + "]}}";
  const accepted_change change = decode_accepted_change(text, 201);
  ASSERT_TRUE(change.entity);
  EXPECT_EQ(change.entity->id, "s2");
  EXPECT_EQ(std::get<upsun::unknown_settings>(change.entity->settings).raw, broken_slack);
  EXPECT_EQ(change.activities.size(), 1U);
  ASSERT_EQ(change.unread.size(), 1U);
  EXPECT_EQ(*change.unread[0].decode(),
            (decode_mismatch{"/_embedded/entity/channel", "string", "number", text.find("12}")}));
}

TEST(DecodeAcceptedChange, KeepsWhatCanBeReadBesideWhatCannot) {
  const accepted_change change =
      decode_accepted_change(R"({"code":"201","_embedded":{"entity":[],"activities":[7,)" + deploy +
                                 R"(,{"id":"a2"}]},"status":"created"})",
                             201);
  EXPECT_EQ(change.code, 201);
  EXPECT_FALSE(change.entity);
  ASSERT_EQ(change.activities.size(), 1U);
  EXPECT_EQ(change.activities[0].id, "a1");
  std::vector<std::string> pointers;
  for (const auto& e : change.unread) pointers.push_back(e.decode()->pointer);
  EXPECT_EQ(pointers,
            (std::vector<std::string>{"/code", "/_embedded/entity", "/_embedded/activities/0",
                                      "/_embedded/activities/2/type"}));
}

TEST(DecodeAcceptedChange, NeverFailsButReportsWhatIsNoResponseToAChange) {
  for (const char* odd : {"[]", "7", "{", R"({"_embedded":{"entity":{"type")", "<html>",
                          R"({"_embedded":{"activities":{}}})"}) {
    const accepted_change change = decode_accepted_change(odd, 200);
    EXPECT_EQ(change.code, 200) << odd;
    EXPECT_FALSE(change.entity) << odd;
    EXPECT_EQ(change.unread.size(), 1U) << odd;
  }
  EXPECT_EQ(decode_accepted_change(R"({"x":[[[[]]]]})", 200, {.max_depth = 4}).unread.at(0),
            errc::json_depth_limit);
  EXPECT_EQ(decode_accepted_change("{}", 200, {.max_bytes = 1}).unread.at(0), errc::body_limit);
}

TEST(DecodeAcceptedChange, SaysNothingOfSecretsInWhatItCouldNotRead) {
  const accepted_change change = decode_accepted_change(
      R"({"_embedded":{"entity":{"type":"health.pagerduty","routing_key":["planted-secret"]},"activities":["planted-secret"]}})",
      200);
  ASSERT_EQ(change.unread.size(), 2U);
  for (const auto& e : change.unread) EXPECT_EQ(e.message().find("planted"), std::string::npos);
}

}  // namespace decode_lists_test
