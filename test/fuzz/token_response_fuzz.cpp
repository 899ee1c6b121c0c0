#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "auth/token_core.hpp"
#include "auth/token_exchange.hpp"
#include "fuzz/input.hpp"
#include "util/ascii.hpp"

namespace {

constexpr std::array statuses{200, 201, 400, 401, 429, 500, 302};
constexpr std::string_view api_token = "planted-secret";
constexpr std::string_view refresh_token = "planted-refresh";

bool shows_no_secret(const std::string& text) {
  return text.find(api_token) == text.npos && text.find(refresh_token) == text.npos;
}

}  // namespace

/// A byte for the status, a line for the content type, then the body of the token endpoint's
/// response.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  upsun::fuzz::input input(data, size);
  upsun::http_response response;
  response.status = statuses[input.pick(statuses.size())];
  response.content_type = input.until('\n');
  response.body = input.rest();
  const auto issued = upsun::auth::parse_exchange(response, upsun::secret(std::string(api_token)),
                                                  {.refresh_token = std::string(refresh_token)});
  if (issued) {
    EXPECT_LT(response.status, 300);
    EXPECT_PRED1(upsun::util::is_b64token, issued->access_token);
    EXPECT_GT(issued->lifetime.count(), 0);
    EXPECT_LE(issued->lifetime, upsun::auth::longest_lifetime);
    return 0;
  }
  const upsun::error why = issued.error();
  EXPECT_EQ(why.phase(), upsun::phase::token);
  EXPECT_PRED1(shows_no_secret, why.message());
  EXPECT_PRED1(shows_no_secret, why.details().cause);
  if (why.server() == nullptr) return 0;
  EXPECT_PRED1(shows_no_secret, why.server()->message);
  EXPECT_PRED1(shows_no_secret, why.server()->code);
  for (const auto& [field, message] : why.server()->fields)
    EXPECT_TRUE(shows_no_secret(field) && shows_no_secret(message));
  return 0;
}
