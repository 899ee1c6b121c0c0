#include "http/http1/pipeline.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "http/http1/connection.hpp"

namespace upsun::http {
namespace pipeline_test {

/// Somebody who waits for answers.
struct nobody final : connection_owner {
  void on_finished(connection&, exchange_outcome&&) override {}
  void on_idle_death(connection&) override {}
};

class Pipeline : public ::testing::Test {
 protected:
  exchange_ptr make(std::string bytes) const {
    auto e = std::make_shared<exchange>();
    e->home = home;
    e->bytes = std::move(bytes);
    return e;
  }
  /// Sends so many bytes, at most as many as are offered at once. \return them.
  std::string send(std::size_t count) {
    const std::string_view bytes = line.offer(*front);
    std::string moved(bytes.substr(0, count));
    line.sent(*front, moved.size(), now);
    return moved;
  }
  std::string send_all() {
    std::string all;
    for (std::string some = send(std::string::npos); !some.empty(); some = send(std::string::npos))
      all += some;
    return all;
  }

  const std::shared_ptr<connection_owner> home = std::make_shared<nobody>();
  const time_point now{std::chrono::hours(1)};
  exchange_ptr front = make("<front>");
  pipeline line;
};

TEST_F(Pipeline, OffersAllRequestsAtOnceInOrder) {
  line.push(make("<a>"));
  line.push(make("<b>"));
  EXPECT_EQ(line.offer(*front), "<front><a><b>");
  EXPECT_EQ(line.offer(*front), "<front><a><b>") << "until it hears that they were sent";
  EXPECT_FALSE(line.all_sent());
  line.sent(*front, 13, now);
  EXPECT_TRUE(line.all_sent());
  EXPECT_EQ(line.offer(*front), "");
}

TEST_F(Pipeline, GoesOnWhereAPartialWriteEnded) {
  const std::string all = "<front><a><b>";
  for (std::size_t step = 1; step <= all.size(); ++step) {
    front = make("<front>");
    line.take_all();
    line.push(make("<a>"));
    std::string sent = send(step);
    line.push(make("<b>"));
    while (sent.size() < all.size()) {
      const std::string more = send(step);
      ASSERT_FALSE(more.empty());
      sent += more;
    }
    EXPECT_EQ(sent, all) << step;
    EXPECT_TRUE(line.all_sent());
  }
}

TEST_F(Pipeline, GoesOnWhenTheFrontChangesInMidWrite) {
  line.push(make("<a>"));
  line.push(make("<b>"));
  EXPECT_EQ(send(8), "<front><");
  front = line.pop();
  EXPECT_EQ(front->written, 1u);
  EXPECT_EQ(send_all(), "a><b>");
}

TEST_F(Pipeline, KnowsHowFarEachRequestWasSent) {
  line.push(make("<a>"));
  EXPECT_FALSE(line.may_be_answered());
  send(7);
  EXPECT_FALSE(line.may_be_answered()) << "offered, but not sent";
  send(1);
  EXPECT_TRUE(line.may_be_answered());
  EXPECT_FALSE(line.all_sent());
  send(2);
  EXPECT_TRUE(line.all_sent());
}

TEST_F(Pipeline, OffersNoMoreAtOnceThanATlsRecordHolds) {
  for (int i = 0; i < 5; ++i) line.push(make(std::string(6'000, static_cast<char>('a' + i))));
  EXPECT_EQ(line.offer(*front).size(), 7u + 2 * 6'000);
  EXPECT_EQ(send_all().size(), 7u + 5 * 6'000);
}

TEST_F(Pipeline, SendsARequestLargerThanARecord) {
  line.push(make(std::string(40'000, 'a')));
  line.push(make("<b>"));
  const std::string all = send_all();
  EXPECT_EQ(all, "<front>" + std::string(40'000, 'a') + "<b>");
}

TEST_F(Pipeline, OffersAgainAllThatItOfferedBefore) {
  // OpenSSL takes a write that it could not finish only with at least the same bytes once more.
  line.push(make("<a>"));
  const std::string first(line.offer(*front));
  line.push(make(std::string(20'000, 'b')));
  EXPECT_TRUE(line.offer(*front).starts_with(first));
}

TEST_F(Pipeline, TakesOutARequestThatWasNotOffered) {
  const auto a = make("<a>");
  const auto b = make("<b>");
  line.push(a);
  EXPECT_EQ(send_all(), "<front><a>");
  line.push(b);
  line.push(make("<c>"));
  EXPECT_EQ(line.remove(b), pipeline::removal::taken_out);
  EXPECT_EQ(line.remove(b), pipeline::removal::absent);
  EXPECT_EQ(send_all(), "<c>");
  EXPECT_EQ(line.pop(), a);
  EXPECT_EQ(line.pop()->bytes, "<c>");
  EXPECT_TRUE(line.empty());
}

TEST_F(Pipeline, PutsAGhostInThePlaceOfARequestThatWasOffered) {
  const auto a = make("<a>");
  line.push(a);
  line.push(make("<b>"));
  EXPECT_EQ(send(8), "<front><");
  EXPECT_EQ(line.remove(a), pipeline::removal::abandoned);
  EXPECT_EQ(line.remove(a), pipeline::removal::absent);
  EXPECT_EQ(send_all(), "a><b>") << "the ghost's request is sent to its end";
  const exchange_ptr ghost = line.pop();
  EXPECT_NE(ghost, a);
  EXPECT_EQ(ghost->home, nullptr);
}

TEST_F(Pipeline, KnowsWhetherAnyoneWaits) {
  EXPECT_FALSE(line.anyone_waits());
  const auto a = make("<a>");
  line.push(a);
  send_all();
  EXPECT_TRUE(line.anyone_waits());
  EXPECT_EQ(line.remove(a), pipeline::removal::abandoned);
  EXPECT_FALSE(line.anyone_waits());
}

TEST_F(Pipeline, GivesBackThoseWhoWaitTheLastFirst) {
  std::vector<exchange_ptr> those{make("<a>"), make("<b>"), make("<c>")};
  for (const auto& e : those) line.push(e);
  send_all();
  EXPECT_EQ(line.remove(those[1]), pipeline::removal::abandoned);
  EXPECT_EQ(line.take_all(), (std::vector<exchange_ptr>{those[2], those[0]}));
  EXPECT_TRUE(line.empty());
  EXPECT_TRUE(line.all_sent());
}

TEST_F(Pipeline, TellsAnObserverWhenARequestWasSent) {
  const auto a = make("<a>");
  a->observed = true;
  line.push(a);
  send(9);
  EXPECT_EQ(a->sent, time_point{});
  send(1);
  EXPECT_EQ(a->sent, now);
}

TEST_F(Pipeline, KeepsTheOrderOfManyRequestsThatComeAndGo) {
  std::string sent;
  std::string expected = "<front>";
  std::size_t popped = 0;
  for (std::size_t i = 0; i < 200; ++i) {
    const std::string bytes = "<" + std::to_string(i) + ">";
    expected += bytes;
    line.push(make(bytes));
    if (i % 3 != 0) sent += send(5 + i % 7);
    if (i % 4 == 3 && line.may_be_answered()) {
      front = line.pop();
      EXPECT_EQ(front->bytes, "<" + std::to_string(popped++) + ">");
    }
  }
  sent += send_all();
  EXPECT_EQ(sent, expected);
  EXPECT_GT(popped, 10u);
}

}  // namespace pipeline_test
}  // namespace upsun::http
