#include "testing/webhook_signature.hpp"

#include <gtest/gtest.h>

#include <string>

namespace upsun::testing {
namespace webhook_signature_test {

TEST(WebhookSignature,
     WritesBase64UrlWithoutPadding) {  // RFC 4648 section 10, and the two characters of its own
  EXPECT_EQ(base64url(""), "");
  EXPECT_EQ(base64url("f"), "Zg");
  EXPECT_EQ(base64url("fo"), "Zm8");
  EXPECT_EQ(base64url("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64url("\xfb\xff\xfe"), "-__-");
}

TEST(WebhookSignature, IsThatOfTheStandardsExample) {  // RFC 7797 section 4.2, key of section 4
  const std::string octets =
      "\x03\x23\x35\x4b\x2b\x0f\xa5\xbc\x83\x7e\x06\x65\x77\x7b\xa6\x8f\x5a\xb3\x28\xe6\xf0\x54\xc9"
      "\x28\xa9\x0f\x84\xb2\xd2\x50\x2e\xbf"
      "\xd3\xfb\x5a\x92\xd2\x06\x47\xef\x96\x8a\xb4\xc3\x77\x62\x3d\x22\x3d\x2e\x21\x72\x05\x2e\x4f"
      "\x08\xc0\xcd\x9a\xf5\x67\xd0\x80\xa3";
  EXPECT_EQ(sign_webhook("$.02", secret(octets)),
            "eyJhbGciOiJIUzI1NiIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il19..A5dxf2s96_n5FLueVuW1Z_"
            "vh161FwXZC4YLPff6dmDY");
}

TEST(WebhookSignature, IsMadeWithAnEmptyKeyAndBodyToo) {
  EXPECT_EQ(sign_detached("e30", "", secret()).size(), 3 + 2 + 43u);
}

}  // namespace webhook_signature_test
}  // namespace upsun::testing
