#include <gtest/gtest.h>

#include <algorithm>

#include "config/proxy.hpp"
#include "fuzz/input.hpp"

/// A proxy's URL, rules of bypassing and a base URL, a line each.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace upsun::config;
  upsun::fuzz::input input(data, size);
  const std::string_view url = input.until('\n');
  const std::string rule(input.until('\n'));
  upsun::util::origin where;
  if (upsun::util::parse_origin(input.rest(), where))
    (void)upsun::util::parse_origin("https://10.1.2.3:444", where);

  const bool refused = refuse_bypass_rule(rule).has_value();
  EXPECT_FALSE(refused && bypasses_proxy({rule}, where)) << rule;
  EXPECT_TRUE(bypasses_proxy({rule, where.host}, where));
  EXPECT_TRUE(bypasses_proxy({"*"}, where));

  proxy_address via;
  if (parse_proxy(url, via)) {
    EXPECT_TRUE(via.host.empty() && via.authorization.empty());
    return 0;
  }
  const std::string request = connect_request(via, where);
  const std::size_t lines = via.authorization.empty() ? 3 : 4;
  EXPECT_EQ(static_cast<std::size_t>(std::count(request.begin(), request.end(), '\n')), lines)
      << request;
  EXPECT_EQ(static_cast<std::size_t>(std::count(request.begin(), request.end(), '\r')), lines)
      << request;
  EXPECT_EQ(via.authority.find('@'), std::string::npos);
  proxy_address again;
  EXPECT_EQ(parse_proxy("http://" + via.authority, again), std::nullopt);
  EXPECT_TRUE(again.host == via.host && again.port == via.port && again.authority == via.authority);
  return 0;
}
