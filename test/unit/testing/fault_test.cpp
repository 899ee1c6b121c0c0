#include <gtest/gtest.h>

#include "testing/fault_script.hpp"
#include "testing/fault_text.hpp"

namespace upsun::testing {
namespace fault_test {

fault of(fault_kind kind) { return {.kind = kind}; }

TEST(FaultScript, IsEmptyAtFirst) {
  fault_script script;
  EXPECT_EQ(script.next_for_request().kind, fault_kind::none);
  EXPECT_EQ(script.next_for_connection().kind, fault_kind::none);
}

TEST(FaultScript, GivesFaultsInOrderAndAsOftenAsGiven) {
  fault_script script;
  script.add(of(fault_kind::silent), 2);
  script.add(of(fault_kind::dribble), 1);
  EXPECT_EQ(script.next_for_request().kind, fault_kind::silent);
  EXPECT_EQ(script.next_for_request().kind, fault_kind::silent);
  EXPECT_EQ(script.next_for_request().kind, fault_kind::dribble);
  EXPECT_EQ(script.next_for_request().kind, fault_kind::none);
}

TEST(FaultScript, KeepsAStandingFaultForWhenTheQueueIsEmpty) {
  fault_script script;
  script.add(of(fault_kind::silent), 0);
  script.add(of(fault_kind::dribble), 1);
  EXPECT_EQ(script.next_for_request().kind, fault_kind::dribble);
  EXPECT_EQ(script.next_for_request().kind, fault_kind::silent);
  EXPECT_EQ(script.next_for_request().kind, fault_kind::silent);
  script.clear();
  EXPECT_EQ(script.next_for_request().kind, fault_kind::none);
}

TEST(FaultScript, KeepsFaultsOfConnectionsApart) {
  fault_script script;
  script.add(of(fault_kind::silent_accept), 1);
  script.add(of(fault_kind::dribble), 1);
  EXPECT_EQ(script.next_for_request().kind, fault_kind::dribble);
  EXPECT_EQ(script.next_for_connection().kind, fault_kind::silent_accept);
  EXPECT_EQ(script.next_for_connection().kind, fault_kind::none);
}

TEST(ParseFault, ReadsKindValueAndCount) {
  const fault_order cut = parse_fault("reset_at=120*3");
  EXPECT_EQ(cut.what.kind, fault_kind::reset_at);
  EXPECT_EQ(cut.what.at, 120u);
  EXPECT_EQ(cut.count, 3u);

  const fault_order late = parse_fault("delay=250");
  EXPECT_EQ(late.what.kind, fault_kind::delay);
  EXPECT_EQ(late.what.delay, std::chrono::milliseconds(250));
  EXPECT_EQ(late.count, 0u);

  EXPECT_EQ(parse_fault("status=503").what.status, 503);
  EXPECT_EQ(parse_fault("silent*1").what.kind, fault_kind::silent);
}

TEST(ParseFault, ReadsWhatIsOfHttp2) {
  EXPECT_EQ(parse_fault("goaway").what.kind, fault_kind::goaway);
  EXPECT_EQ(parse_fault("goaway_now").what.code, 0u);
  EXPECT_EQ(parse_fault("goaway_calm").what.code, 0xbu);
  EXPECT_EQ(parse_fault("goaway_calm").what.kind, fault_kind::goaway_now);
  const fault_order reset = parse_fault("reset_stream=100*2");
  EXPECT_EQ(reset.what.kind, fault_kind::reset_stream);
  EXPECT_EQ(reset.what.at, 100u);
  EXPECT_EQ(reset.what.code, 2u);
  EXPECT_EQ(parse_fault("refuse_stream").what.code, 7u);
  EXPECT_EQ(parse_fault("calm_stream").what.code, 0xbu);
  EXPECT_EQ(parse_fault("http1_required").what.code, 0xdu);
  EXPECT_EQ(parse_fault("max_streams=0").what.kind, fault_kind::max_streams);
  EXPECT_EQ(parse_fault("small_window=10").what.at, 10u);
  EXPECT_EQ(parse_fault("no_window_updates").what.kind, fault_kind::no_window_updates);
  EXPECT_EQ(parse_fault("ping_flood=1000").what.at, 1000u);
}

TEST(ParseFault, RefusesWhatItDoesNotKnow) {
  for (const char* wrong :
       {"", "sulk", "reset_at", "reset_at=", "reset_at=x", "reset_at=-1", "reset_at=1x", "silent=1",
        "status=99", "status=600", "silent*0", "silent*", "silent*x", "=1", "*1", "Silent",
        "delay=86400001", "delay=18446744073709551615"}) {
    EXPECT_THROW((void)parse_fault(wrong), std::invalid_argument) << wrong;
  }
  for (const char* wrong : {"goaway=1", "max_streams", "refuse_stream=1"}) {
    EXPECT_THROW((void)parse_fault(wrong), std::invalid_argument) << wrong;
  }
}

TEST(ParseFault, KnowsEveryKindItLists) {
  const std::string kinds = fault_kinds();
  EXPECT_NE(kinds.find("stall_at=BYTES"), kinds.npos);
  EXPECT_NE(kinds.find("status=CODE"), kinds.npos);
  EXPECT_NE(kinds.find("max_streams=COUNT"), kinds.npos);
}

}  // namespace fault_test
}  // namespace upsun::testing
