// What a client must do with the frames of an HTTP/2 server, well-formed or not, whole and split at
// every byte.

#include <gtest/gtest.h>

#include <array>
#include <cctype>

#include <memory>
#include <string>

#include "conformance/http2_cases.hpp"
#include "http/http2/session.hpp"

namespace upsun::http {
namespace http2_conformance_test {

using http2_cases::http2_case;
using http2_cases::outcome;
using test::scripted_peer;

const std::string request = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";

class two_requests {
 public:
  explicit two_requests(bool greeted) {
    for (auto& each : asked_) {
      each = std::make_shared<exchange>();
      each->bytes = request;
      client_.begin(each);
    }
    flush();
    if (greeted) feed(scripted_peer::settings() + scripted_peer::settings_ack());
  }

  void feed(std::string_view bytes) {
    client_.feed(bytes, time_point(std::chrono::hours(1)));
    flush();
    for (auto& each : client_.take_outcomes())
      ended_[each.finished == asked_[0] ? 0 : 1].push_back(std::move(each));
  }

  [[nodiscard]] std::string result_of(std::size_t which) const {
    const auto& ended = ended_[which];
    if (ended.empty()) return "waits";
    if (ended.size() > 1) return "ended twice";
    if (ended[0].response)
      return (*ended[0].response)->body == "ok" ? "success" : "another response";
    return ended[0].unprocessed ? "refused" : "failed";
  }
  [[nodiscard]] bool is_over() const { return client_.failure().has_value(); }
  scripted_peer peer;

 private:
  void flush() {
    for (auto bytes = client_.output(); !bytes.empty(); bytes = client_.output())
      client_.sent(bytes.size());
  }

  session client_{
      {.limits = {.header_bytes = 4096, .informational_responses = 8, .body_bytes = 10'000}}};
  std::array<exchange_ptr, 2> asked_;
  std::array<std::vector<exchange_outcome>, 2> ended_;
};

std::string text_of(outcome expected) {
  switch (expected) {
    case outcome::success: return "success";
    case outcome::failed: return "failed";
    case outcome::refused: return "refused";
    case outcome::waits:
    case outcome::connection_ended: break;
  }
  return "waits";
}

class Http2 : public ::testing::TestWithParam<http2_case> {};

TEST_P(Http2, DoesAsTheRulesSay) {
  const auto& [section, what, make, expected, greeted] = GetParam();
  std::size_t size = 0;
  for (std::size_t cut = 0; cut <= size; ++cut) {
    two_requests line(greeted);
    const std::string bytes = make(line.peer);
    size = bytes.size();
    line.feed(std::string_view(bytes).substr(0, cut));
    line.feed(std::string_view(bytes).substr(cut));
    const std::string where =
        std::string(section) + ", " + what + ", cut at " + std::to_string(cut);
    ASSERT_EQ(line.is_over(), expected == outcome::connection_ended) << where;
    if (line.is_over()) continue;
    std::string result = line.result_of(0);
    if (result == "another response") result = "failed";  // it is not what was asked for
    ASSERT_EQ(result, text_of(expected)) << where;
    if (line.result_of(1) != "waits") continue;  // refused, or reset by the case
    line.feed(line.peer.response(3, "ok"));
    ASSERT_EQ(line.result_of(1), "success") << where << ": the other request";
  }
}

std::string name_of(const ::testing::TestParamInfo<http2_case>& each) {
  std::string name = std::string(each.param.section) + '_' + each.param.what;
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(Of, Http2, ::testing::ValuesIn(http2_cases::all()), name_of);

TEST(Http2Cases, AreMany) { EXPECT_GE(http2_cases::all().size(), 120U); }

}  // namespace http2_conformance_test
}  // namespace upsun::http
