// Sequences over pages with cursors, of an API that is scripted target by target.

#include <gtest/gtest.h>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <upsun/client.hpp>
#include <upsun/testing/fake_transport.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace upsun {
namespace paged_source_test {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using testing::fake_transport;
using texts = std::vector<std::string>;

const std::string first_target = "/organizations?page%5Bsize%5D=100";

/// A page of organizations with these ids, "-" for one that is broken.
std::string page_text(const texts& ids, const std::string& next = {}) {
  std::string items;
  for (const std::string& id : ids) {
    items.append(items.empty() ? "" : ",");
    items.append(id == "-" ? R"({"label":"no id"})" : R"({"id":")" + id + R"("})");
  }
  const std::string link = next.empty() ? "" : R"("next":{"href":")" + next + R"("})";
  return R"({"count":9,"items":[)" + items + R"(],"_links":{)" + link + "}}";
}

struct Sequences : ::testing::Test {
  using read = std::optional<result<std::optional<organization>>>;

  asio::io_context io;
  std::map<std::string, std::string> pages{{first_target, page_text({"o1", "o2"}, "?2")},
                                           {"/organizations?2", page_text({"o3"})}};
  const std::shared_ptr<fake_transport> network = std::make_shared<fake_transport>(
      io.get_executor(), [this](const http_request& request) -> http_response {
        const auto found = pages.find(request.target);
        if (found == pages.end()) return fake_transport::json("{}", 404);
        return fake_transport::json(found->second);
      });
  std::optional<client> api{std::in_place, io, config()};
  sequence<organization> all = api->organizations();

  client_config config() {
    return {.base_url = "https://api.upsun.com",
            .credentials = bearer_token("planted-secret"),
            .retry = {.max_attempts = 1},
            .transport = network};
  }
  void go_ahead() { all = api->organizations({}, sequence_options().ahead()); }
  void poll() {
    io.restart();
    io.poll();
  }

  std::shared_ptr<read> start_read() {
    auto done = std::make_shared<read>();
    all.async_next([done](result<std::optional<organization>> got) { *done = std::move(got); });
    return done;
  }
  /// The id of the next item, "end", or why there is none.
  static std::string shown(const read& done) {
    if (!done) return "under way";
    if (!*done) {
      const auto* broken = done->error().decode();
      if (broken != nullptr && !broken->pointer.empty()) return broken->pointer;
      const bool says_why = done->error() == errc::decode_failed;
      return says_why ? done->error().details().cause : done->error().code().message();
    }
    return **done ? (**done)->id : "end";
  }
  std::string next() {
    const auto done = start_read();
    poll();
    return shown(*done);
  }
  texts rest() {
    texts seen;
    while (seen.empty() || seen.back() != "end") {
      if (seen.size() == 100) break;
      seen.push_back(next());
    }
    return seen;
  }
  texts targets() {
    texts seen;
    for (const http_request& each : network->requests()) seen.push_back(each.target);
    return seen;
  }
};

TEST_F(Sequences, SendNothingBeforeTheFirstRead) {
  go_ahead();
  poll();
  EXPECT_EQ(targets(), texts{});
}

TEST_F(Sequences, GiveTheSameWithAndWithoutFetchingAhead) {
  pages["/organizations?2"] = page_text({"o3", "-"}, "https://api.upsun.com/organizations?3");
  pages["/organizations?3"] = page_text({}, "/organizations?page[after]=4");
  pages["/organizations?page[after]=4"] = page_text({"-"}, "?5");
  pages["/organizations?5"] = page_text({"-"}, "https://eu-5.platform.sh/api/organizations?6");
  pages["/organizations?6"] = page_text({"o4"});
  const texts expected{"o1", "o2", "o3", "/items/1/id", "/items/0/id", "/items/0/id", "o4", "end"};
  const texts asked{first_target,       "/organizations?2",
                    "/organizations?3", "/organizations?page[after]=4",
                    "/organizations?5", "/organizations?6"};
  EXPECT_EQ(rest(), expected);
  EXPECT_EQ(next(), "end") << "the end stays";
  EXPECT_EQ(targets(), asked);
  go_ahead();
  EXPECT_EQ(rest(), expected);
  EXPECT_EQ(next(), "end");
  texts twice = asked;
  twice.insert(twice.end(), asked.begin(), asked.end());
  EXPECT_EQ(targets(), twice);
}

TEST_F(Sequences, GiveTheRestOfAPage) {
  EXPECT_EQ(next(), "o1");
  std::optional<result<page<organization>>> got;
  const auto next_page = [&] {
    all.async_next_page([&](result<page<organization>> page) { got = std::move(page); });
    poll();
  };
  next_page();
  ASSERT_EQ(got->value().items.size(), 1u);
  EXPECT_EQ((*got)->items[0].value().id, "o2");
  EXPECT_EQ((*got)->count, 9);
  EXPECT_EQ((*got)->links.at("next"), "?2");
  next_page();
  EXPECT_EQ(got->value().items.at(0).value().id, "o3");
  EXPECT_TRUE((*got)->links.empty());
  next_page();
  EXPECT_TRUE(got->value().items.empty());
  EXPECT_EQ(next(), "end");
}

TEST_F(Sequences, GiveAnEmptyListAsAnEmptyPage) {
  pages[first_target] = page_text({});
  std::optional<result<page<organization>>> got;
  all.async_next_page([&](result<page<organization>> page) { got = std::move(page); });
  poll();
  EXPECT_TRUE(got->value().items.empty());
  EXPECT_EQ((*got)->count, 9) << "what the page says, all the same";
  EXPECT_EQ(next(), "end");
}

TEST_F(Sequences, FetchOnePageAhead) {
  pages["/organizations?2"] = page_text({"o3", "o4"}, "?3");
  pages["/organizations?3"] = page_text({"o5"});
  EXPECT_EQ(next(), "o1");
  EXPECT_EQ(targets().size(), 1u);
  go_ahead();
  EXPECT_EQ(next(), "o1");
  EXPECT_EQ(targets().size(), 3u) << "its second page";
  EXPECT_EQ(next(), "o2");
  EXPECT_EQ(targets().size(), 3u);
  EXPECT_EQ(next(), "o3");
  EXPECT_EQ(targets().size(), 4u);
}

TEST_F(Sequences, SayWhatIsKnownOfThePageThatWasRead) {
  response_info info;
  all = api->organizations({}, sequence_options().ahead().fetch(call_options().info(&info)));
  const auto with_id = [&](const std::string& target, const std::string& id) {
    http_response made = fake_transport::json(pages[target]);
    made.request_id = id;
    network->push(made);
  };
  with_id(first_target, "first");
  with_id("/organizations?2", "second");
  EXPECT_EQ(next(), "o1");
  EXPECT_EQ(targets().size(), 2u) << "the second is there";
  EXPECT_EQ(info.request_id, "first");
  EXPECT_EQ(next(), "o2");
  EXPECT_EQ(info.request_id, "first");
  EXPECT_EQ(next(), "o3");
  EXPECT_EQ(info.request_id, "second");
}

TEST_F(Sequences, FetchAgainWhatFailed) {
  EXPECT_EQ(next(), "o1");
  EXPECT_EQ(next(), "o2");
  network->push(fake_transport::json("{}", 503));
  EXPECT_EQ(next(), make_error_code(errc::server_error).message());
  EXPECT_EQ(next(), "o3");
  EXPECT_EQ(targets(), (texts{first_target, "/organizations?2", "/organizations?2"}));
  EXPECT_EQ(next(), "end");
}

TEST_F(Sequences, FetchAgainWhatFailedAhead) {
  go_ahead();
  network->push(fake_transport::json(pages[first_target]));
  network->push(fake_transport::json("{}", 503));
  EXPECT_EQ(next(), "o1");
  EXPECT_EQ(next(), "o2") << "what was fetched is given first";
  EXPECT_EQ(targets().size(), 2u);
  EXPECT_EQ(next(), make_error_code(errc::server_error).message());
  EXPECT_EQ(next(), "o3");
  EXPECT_EQ(targets(), (texts{first_target, "/organizations?2", "/organizations?2"}));
}

TEST_F(Sequences, FetchAgainAPageThatIsNone) {
  pages["/organizations?2"] = R"({"items":{}})";
  EXPECT_EQ(next(), "o1");
  EXPECT_EQ(next(), "o2");
  EXPECT_EQ(next(), "/items");
  EXPECT_EQ(next(), "/items");
  pages["/organizations?2"] = R"({"items":[],"_links":{"next":{}}})";
  EXPECT_EQ(next(), "/_links/next");
  pages["/organizations?2"] = page_text({"o3"});
  EXPECT_EQ(rest(), (texts{"o3", "end"}));
}

TEST_F(Sequences, EndWithALinkThatLeadsNowhere) {
  const std::string elsewhere =
      "/_links/next: leads to elsewhere than the API, which must not see the token";
  const std::map<std::string, std::string> table{
      {"https://evil.example/page?2", elsewhere},
      {"http://api.upsun.com/page?2", elsewhere},
      {"//evil.example/organizations?2",
       "/_links/next: is not the URL of a resource: a host without a scheme"},
      {"?2", "/_links/next: leads back to a page that was there before"},
      {first_target, "/_links/next: leads back to a page that was there before"}};
  for (const bool ahead : {false, true}) {
    for (const auto& [link, cause] : table) {
      pages["/organizations?2"] = page_text({"o3"}, link);
      const std::size_t before = targets().size();
      all = api->organizations({}, sequence_options().ahead(ahead));
      EXPECT_EQ(rest(), (texts{"o1", "o2", "o3", cause, "end"})) << link;
      EXPECT_EQ(targets().size(), before + 2) << "nothing is sent there";
    }
  }
  for (const http_request& each : network->requests())
    EXPECT_TRUE(each.target.starts_with("/organizations?"));
}

TEST_F(Sequences, RefuseAnArgumentAtEachRead) {
  all = api->organizations(organization_filter().page_size(0), sequence_options().ahead());
  EXPECT_EQ(next(), make_error_code(errc::invalid_argument).message());
  EXPECT_EQ(next(), make_error_code(errc::invalid_argument).message());
  EXPECT_EQ(targets(), texts{});
}

TEST_F(Sequences, AreReadByOneAtATime) {
  network->hold();
  const auto first = start_read();
  poll();
  EXPECT_EQ(next(), make_error_code(errc::invalid_argument).message());
  EXPECT_EQ(shown(*first), "under way");
  network->release();
  poll();
  EXPECT_EQ(shown(*first), "o1");
  EXPECT_EQ(next(), "o2");
}

TEST_F(Sequences, MayGoWithAReadUnderWayWhichGoesOn) {
  network->hold();
  const auto first = start_read();
  poll();
  all = api->organizations();
  network->release();
  poll();
  EXPECT_EQ(shown(*first), "o1");
}

TEST_F(Sequences, AbandonThePageAheadWhenTheyGo) {
  go_ahead();
  network->hold();
  const auto first = start_read();
  poll();
  network->release();
  network->hold();  // the page ahead
  poll();
  EXPECT_EQ(shown(*first), "o1");
  EXPECT_EQ(network->pending(), 1u);
  all = api->organizations();
  poll();
  EXPECT_EQ(network->pending(), 0u);
}

/// With the page ahead held back.
struct SequencesAhead : Sequences {
  std::shared_ptr<read> waiting;
  asio::cancellation_signal cancel;

  void SetUp() override {
    go_ahead();
    network->hold();
    const auto first = start_read();
    poll();
    network->release();
    network->hold();
    poll();
    EXPECT_EQ(shown(*first), "o1");
    EXPECT_EQ(next(), "o2");
    waiting = std::make_shared<read>();
    all.async_next(asio::bind_cancellation_slot(
        cancel.slot(),
        [done = waiting](result<std::optional<organization>> got) { *done = std::move(got); }));
    poll();
    EXPECT_EQ(shown(*waiting), "under way");
    EXPECT_EQ(network->pending(), 1u);
  }
};

TEST_F(SequencesAhead, WaitForThePageThatIsUnderWay) {
  network->release();
  poll();
  EXPECT_EQ(shown(*waiting), "o3");
  EXPECT_EQ(targets().size(), 2u);
}

TEST_F(SequencesAhead, LeaveThePageToTheNextReadWhenOneIsCancelled) {
  cancel.emit(asio::cancellation_type::total);
  poll();
  EXPECT_EQ(shown(*waiting), make_error_code(errc::cancelled).message());
  EXPECT_EQ(network->pending(), 1u) << "the page is still wanted";
  network->release();
  EXPECT_EQ(next(), "o3");
  EXPECT_EQ(targets().size(), 2u);
  EXPECT_EQ(next(), "end");
}

TEST_F(SequencesAhead, GoWithTheReadThatWaits) {
  all = api->organizations();
  poll();
  network->release();
  poll();
  EXPECT_EQ(shown(*waiting), "o3");
}

TEST_F(SequencesAhead, EndWithTheClient) {
  api.reset();
  poll();
  EXPECT_EQ(shown(*waiting), make_error_code(errc::cancelled).message());
  EXPECT_EQ(next(), make_error_code(errc::client_closed).message());
  EXPECT_EQ(network->pending(), 0u);
}

TEST_F(SequencesAhead, EndWhenTheClientIsClosed) {
  std::optional<close_report> closed;
  api->async_close(0ms, [&](result<close_report> report) { closed = report.value(); });
  poll();
  io.restart();
  io.run();
  EXPECT_TRUE(closed);
  EXPECT_EQ(shown(*waiting), make_error_code(errc::cancelled).message());
  EXPECT_EQ(next(), make_error_code(errc::client_closed).message());
}

TEST_F(Sequences, GiveNothingThatWasFetchedOnceTheClientIsGone) {
  go_ahead();
  EXPECT_EQ(next(), "o1");
  api.reset();
  EXPECT_EQ(next(), make_error_code(errc::client_closed).message());
}

TEST_F(Sequences, ReadAgainAfterADeadline) {
  for (auto limit = 20ms;; limit *= 2) {
    ASSERT_LT(limit, 60s) << "never comes far enough";
    network->release();
    all = api->organizations({}, sequence_options().ahead().fetch(call_options().timeout(limit)));
    network->hold();
    const auto first = start_read();
    poll();
    network->release();
    network->hold();
    poll();
    if (shown(*first) != "o1" || next() != "o2") continue;  // too slow for this limit
    const auto late = start_read();
    io.restart();
    while (!*late) io.run_one();
    EXPECT_EQ(shown(*late), make_error_code(errc::deadline_exceeded).message());
    network->release();
    const std::string too_late = make_error_code(errc::deadline_exceeded).message();
    std::string again = next();
    if (again == too_late) again = next();  // it was the fetch's, if the read's came first
    if (again == too_late) continue;
    EXPECT_EQ(again, "o3");
    break;
  }
}

}  // namespace paged_source_test
}  // namespace upsun
