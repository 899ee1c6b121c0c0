#include <gtest/gtest.h>
#include <upsun/webhook.hpp>

#include <string>

namespace webhook_test {

using upsun::secret;
using upsun::verify_webhook;

const std::string body = R"({"id":"abc","type":"environment.push"})";
const secret key("planted-shared-key");
/// Of `body` with `key`, made by another implementation; the header is
/// {"alg":"HS256","b64":false,"crit":["b64"]}.
const std::string header = "eyJhbGciOiJIUzI1NiIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il19";
const std::string mac = "EYG8Vwz2b9nB_iqGs9yqM8_pj6_cItjxiMLEW2E9d5o";
const std::string signature = header + ".." + mac;

TEST(Webhook, IsVerified) { EXPECT_TRUE(verify_webhook(body, signature, key)); }

TEST(Webhook, IsVerifiedInTheExampleOfTheStandard) {  // RFC 7797 section 4.2, key of section 4
  const std::string octets =
      "\x03\x23\x35\x4b\x2b\x0f\xa5\xbc\x83\x7e\x06\x65\x77\x7b\xa6\x8f\x5a\xb3\x28\xe6\xf0\x54\xc9"
      "\x28\xa9\x0f\x84\xb2\xd2\x50\x2e\xbf"
      "\xd3\xfb\x5a\x92\xd2\x06\x47\xef\x96\x8a\xb4\xc3\x77\x62\x3d\x22\x3d\x2e\x21\x72\x05\x2e\x4f"
      "\x08\xc0\xcd\x9a\xf5\x67\xd0\x80\xa3";
  EXPECT_TRUE(verify_webhook("$.02",
                             "eyJhbGciOiJIUzI1NiIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il19..A5dxf2s96_"
                             "n5FLueVuW1Z_vh161FwXZC4YLPff6dmDY",
                             secret(octets)));
}

TEST(Webhook, IsVerifiedWithoutAListOfCriticalExtensions) {  // {"alg":"HS256","b64":false}
  EXPECT_TRUE(verify_webhook(
      "body", "eyJhbGciOiJIUzI1NiIsImI2NCI6ZmFsc2V9..ABADtFRdbIoAnZgtuX5FiBWeyuUoWw2NRWGx0us2-6c",
      secret("key")));
}

TEST(Webhook, IsRefusedWithAnotherBodyOrKey) {
  EXPECT_FALSE(verify_webhook(body + " ", signature, key));
  EXPECT_FALSE(verify_webhook("", signature, key));
  EXPECT_FALSE(verify_webhook(body, signature, secret("another-key")));
  EXPECT_FALSE(verify_webhook(body, signature, secret()));
}

TEST(Webhook, IsRefusedWithAnyOtherCharacterInItsSignature) {
  for (std::size_t i = 0; i < signature.size(); ++i) {
    for (const char other : {'A', 'z', '.', '=', '\0'}) {
      std::string changed = signature;
      if (changed[i] == other) continue;
      changed[i] = other;
      EXPECT_FALSE(verify_webhook(body, changed, key)) << changed;
    }
    EXPECT_FALSE(verify_webhook(body, signature.substr(0, i), key)) << i;
  }
  for (const auto& around : std::initializer_list<std::string>{
           " " + signature, signature + " ", signature + "=", signature + "..", header + "." + mac,
           header + "..." + mac, mac, "..", "", ".." + mac, header + ".cGF5bG9hZA." + mac}) {
    EXPECT_FALSE(verify_webhook(body, around, key)) << around;
  }
}

/// Signed rightly with "key" over "body", but by a header that promises something else.
TEST(Webhook, IsRefusedUnlessItsHeaderPromisesTheOnlyKnownForm) {
  const secret short_key("key");
  for (const char* signed_otherwise :
       {"eyJhbGciOiJub25lIiwiYjY0IjpmYWxzZX0..86oo5-h1-w2v_b-9VENINMDpHkH_"
        "Nfe4shGyiM4gd_g",  // {"alg":"none","b64":false}
        "eyJhbGciOiJIUzUxMiIsImI2NCI6ZmFsc2V9.."
        "VRmvM4qO1TEvvEDteDuEdouCqpZ2zjx8NN0N-xCJq5M",  // {"alg":"HS512","b64":false}
        "eyJhbGciOiJIUzI1NiJ9..E36TlDdtg7zwTSaUsSvU_ewkTqcav9oqIjtpZ7GTk1k",  // {"alg":"HS256"}
        "eyJhbGciOiJIUzI1NiIsImI2NCI6dHJ1ZX0..OP9SIFmiYaCKW_"
        "Dz7jubNcZj38tLAHznVTdBbO4Ds4E",  // {"alg":"HS256","b64":true}
        "eyJhbGciOiJIUzI1NiIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0IiwiZXhwIl19.."
        "JvGiRf-do3SIQgm3k9WbT7nQ8MX988UbS341L8RtSFY",  // ...
                                                        // "crit":["b64","exp"]
        "eyJhbGciOiJIUzI1NiIsImI2NCI6ZmFsc2UsImNyaXQiOltdfQ..Bprq_HS-"
        "4olbABFHuFTBBCuVHnUYZ02OpNDIxlEl888"}) {  // ... "crit":[]
    EXPECT_FALSE(verify_webhook("body", signed_otherwise, short_key)) << signed_otherwise;
  }
}

TEST(Webhook, SurvivesHeadersOfAnySize) {
  EXPECT_FALSE(verify_webhook(body, std::string(1 << 20, 'A') + ".." + mac, key));
  EXPECT_FALSE(verify_webhook(std::string(1 << 20, 'x'), signature, key));
}

}  // namespace webhook_test
