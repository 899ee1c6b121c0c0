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

}  // namespace reply_test
}  // namespace upsun::testing
