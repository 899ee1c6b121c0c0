#include "testing/reply.hpp"

#include <gtest/gtest.h>

namespace upsun::testing {
namespace reply_test {

TEST(Reply, IsAWholeResponse) {
  const reply made = make_reply(200, "application/json", "{}", {{"X-Request-Id", "7"}});
  EXPECT_EQ(made.text,
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
            "2\r\nX-Request-Id: 7\r\n\r\n{}");
  EXPECT_EQ(made.text.substr(made.body_at), "{}");
}

TEST(Reply, HasNoLengthWhereThereIsNoBody) {
  EXPECT_EQ(make_reply(204, "", "").text, "HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_EQ(make_reply(304, "", "").text, "HTTP/1.1 304 Not Modified\r\n\r\n");
  EXPECT_EQ(make_reply(500, "", "").text,
            "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n");
}

TEST(Reply, TakesOneMoreHeader) {
  const reply made = with_header(make_reply(200, "", "body"), "Connection", "close");
  EXPECT_EQ(made.text, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody");
  EXPECT_EQ(made.text.substr(made.body_at), "body");
}

TEST(Reply, ClaimsAsMuchMoreAsGiven) {
  const reply made = with_excess_length(make_reply(200, "", "12345678"), 5);
  EXPECT_EQ(made.text, "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n12345678");
  EXPECT_EQ(made.text.substr(made.body_at), "12345678");
}

TEST(Reply, HasAHeadAsLongerAsGiven) {
  const reply usual = make_reply(200, "", "body");
  const reply made = with_longer_head(usual, 2'500);
  EXPECT_EQ(made.text.size(), usual.text.size() + 2'500);
  EXPECT_EQ(made.text.substr(made.body_at), "body");
  EXPECT_EQ(http2_head(made).size(), http2_head(usual).size() + 3);
  EXPECT_LT(with_longer_head(usual, 1'000'000'000'000).text.size(), 17'000'000u);
}

TEST(Reply, HasAHeadForHttp2) {
  const reply made =
      with_header(make_reply(201, "text/plain", "body", {{"X-A", "B: c"}}), "Connection", "close");
  EXPECT_EQ(http2_head(made), (header_list{{":status", "201"},
                                           {"Content-Type", "text/plain"},
                                           {"Content-Length", "4"},
                                           {"X-A", "B: c"}}));
  EXPECT_EQ(http2_head(make_stream(nullptr)),
            (header_list{{":status", "200"}, {"Content-Type", "application/x-ndjson"}}));
}

}  // namespace reply_test
}  // namespace upsun::testing
