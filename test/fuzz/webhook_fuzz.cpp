#include <gtest/gtest.h>
#include <upsun/webhook.hpp>

#include <boost/json/parse.hpp>

#include <string>

#include "fuzz/input.hpp"
#include "testing/webhook_signature.hpp"

namespace {

using upsun::secret;
using upsun::verify_webhook;
using upsun::testing::base64url;
using upsun::testing::sign_detached;
using upsun::testing::sign_webhook;

/// Whether a protected header says what it must, by another reader.
bool promises_hs256(std::string_view json) {
  boost::system::error_code failure;
  const auto header = boost::json::parse({json.data(), json.size()}, failure);
  if (failure || !header.is_object()) return false;
  const auto& members = header.get_object();
  const auto says = [&](std::string_view name, const boost::json::value& what) {
    return members.contains(name) && members.at(name) == what;
  };
  return says("alg", "HS256") && says("b64", false);
}

}  // namespace

/// A key, a line; a protected header as JSON, another; a signature, a third; a body.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  upsun::fuzz::input input(data, size);
  const secret key{std::string(input.until('\n'))};
  const std::string_view json = input.until('\n');
  const std::string_view signature = input.until('\n');
  const std::string body(input.rest());

  const std::string genuine = sign_webhook(body, key);
  EXPECT_EQ(verify_webhook(body, genuine, key), !key.empty());
  EXPECT_FALSE(verify_webhook(body + "x", genuine, key));
  EXPECT_FALSE(verify_webhook(body, genuine, secret(key.reveal() + "x")));
  EXPECT_FALSE(verify_webhook(body, genuine + "x", key));

  // Signed rightly, whatever the header says.
  EXPECT_TRUE(!verify_webhook(body, sign_detached(base64url(json), body, key), key) ||
              promises_hs256(json))
      << json;
  // Anything: only what another signer makes of the same header is believed.
  const std::string_view header = signature.substr(0, signature.find(".."));
  EXPECT_TRUE(!verify_webhook(body, signature, key) ||
              signature == sign_detached(header, body, key))
      << signature;
  return 0;
}
