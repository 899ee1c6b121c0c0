#include <gtest/gtest.h>

#include <array>
#include <memory>

#include "fuzz/input.hpp"
#include "http/http2/session.hpp"

namespace {

using namespace upsun;
using namespace upsun::http;

constexpr std::size_t requests = 3;

/// A connection with three requests under way, which end once each.
class connection_under_test {
 public:
  connection_under_test() {
    for (auto& each : asked_) {
      each = std::make_shared<exchange>();
      each->bytes = "PATCH /x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}";
      client_.begin(each);
    }
    flush();
  }

  void feed(std::string_view bytes) {
    client_.feed(bytes, now_ += std::chrono::milliseconds(1));
    flush();
    take();
  }
  void cancel(std::size_t which) {
    const bool was_over = over_[which];
    const bool found = client_.cancel(*asked_[which], now_).has_value();
    EXPECT_EQ(found, !was_over);
    over_[which] = true;
    flush();
    take();
  }
  void end() {
    client_.end_all({errc::connection_closed, "the end"}, true);
    take();
    for (const bool each : over_) EXPECT_TRUE(each);
    EXPECT_EQ(client_.open_streams(), 0U);
  }

 private:
  void flush() {
    for (auto bytes = client_.output(); !bytes.empty(); bytes = client_.output())
      client_.sent(bytes.size());
  }
  void take() {
    for (const exchange_outcome& each : client_.take_outcomes()) {
      for (std::size_t i = 0; i < requests; ++i) {
        if (each.finished != asked_[i]) continue;
        EXPECT_FALSE(over_[i]) << "ended twice";
        over_[i] = true;
      }
      EXPECT_TRUE(each.response || each.failure.code != errc::connection_reset ||
                  !each.failure.cause.empty());
      if (each.response) {
        EXPECT_LE((*each.response)->body.size(), limits_.body_bytes);
        EXPECT_GE((*each.response)->status, 200);
      }
    }
  }

  const limit_options limits_{
      .header_bytes = 1024, .header_fields = 8, .informational_responses = 2, .body_bytes = 100};
  session client_{{.limits = limits_, .validators = true}};
  std::array<exchange_ptr, requests> asked_;
  std::array<bool, requests> over_{};
  time_point now_{std::chrono::hours(1)};
};

}  // namespace

/// A portion's length or, from 0xf0 on, a request to cancel, a byte; the portion; and so on.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t cancels = 0xf0;
  fuzz::input input(data, size);
  connection_under_test line;
  line.feed(
      {"\0\0\0\4\0\0\0\0\0\0\0\0\4\1\0\0\0\0", 18});  // settings, and the client's acknowledged
  while (!input.empty()) {
    const std::size_t choice = input.byte();
    if (choice >= cancels) {
      line.cancel(choice % requests);
    } else {
      line.feed(input.take(choice + 1));
    }
  }
  line.end();
  return 0;
}
