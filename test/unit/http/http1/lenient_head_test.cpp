#include "http/http1/lenient_head.hpp"

#include <gtest/gtest.h>

#include <string>

namespace upsun::http {
namespace lenient_head_test {

const std::string ok = "HTTP/1.1 200 OK\r\n";
const std::string end = "\r\n\r\n";

TEST(LenientHead, LeavesAGoodHeadAsItIs) {
  for (const std::string& head :
       {ok + "\r\n", ok + "A: b" + end, ok + "Connection: close, x" + end, ok + "Connection:" + end,
        ok + "A: ;" + end, std::string("HTTP/1.0 404 \r\n\r\n")})
    EXPECT_EQ(lenient_head(head), head);
}

TEST(LenientHead, EndsAStatusLineWithoutReasonByABlank) {
  EXPECT_EQ(lenient_head("HTTP/1.1 200\r\nA: b" + end), "HTTP/1.1 200 \r\nA: b" + end);
  for (const std::string line :
       {"HTTP/1.1 20\r\n\r\n", "HTTP/1.1 2000\r\n\r\n", "HTTP/1.1 2x0\r\n\r\n", "HTTP/1.1\r\n\r\n"})
    EXPECT_EQ(lenient_head(line), line);
}

TEST(LenientHead, JoinsAFoldedValue) {
  EXPECT_EQ(lenient_head(ok + "A: b\r\n c\r\n\td\r\nE: f" + end), ok + "A: b  c \td\r\nE: f" + end);
  EXPECT_EQ(lenient_head(ok + "A:\r\n " + end), ok + "A:  " + end);
}

TEST(LenientHead, LeavesWhatEndsTheMessageAndTheStatusLineFolded) {
  for (const std::string& head :
       {ok + "content-length:\r\n 2" + end, ok + "Transfer-Encoding: chunked\r\n , x" + end,
        ok + " A: b\r\nContent-Length: 2" + end})
    EXPECT_EQ(lenient_head(head), head);
}

TEST(LenientHead, TakesAConnectionThatIsNoListOfTokensForClose) {
  for (const char* value :
       {"close;", "keep-alive;timeout=5", "Keep-Alive; timeout=15, max=100", "\"close\"", "a b"}) {
    EXPECT_EQ(lenient_head(ok + "connection: " + value + end), ok + "connection: close" + end);
    EXPECT_EQ(lenient_head(ok + "Proxy-Connection:" + value + end),
              ok + "Proxy-Connection: close" + end);
  }
  EXPECT_EQ(lenient_head(ok + "Connection" + end), ok + "Connection" + end) << "no field at all";
  EXPECT_EQ(lenient_head(ok + "Connection: a;\x01" + end), ok + "Connection: a;\x01" + end)
      << "for Beast to refuse";
}

}  // namespace lenient_head_test
}  // namespace upsun::http
