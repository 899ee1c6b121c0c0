#include "http/net/name_cache.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "fuzz/input.hpp"

namespace {

using namespace std::chrono_literals;

upsun::http::ip_addresses addresses(std::size_t bits) {
  upsun::http::ip_addresses all;
  for (unsigned i = 0; i < 8; ++i) {
    if ((bits >> i & 1U) != 0)
      all.push_back(boost::asio::ip::address_v4(0x0a000001 + i % 5));  // three of them twice
  }
  return all;
}

}  // namespace

/// Time that passes and what happens then, a byte each; results take one more.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  upsun::fuzz::input input(data, size);
  upsun::http::name_cache cache(30s, 300s);
  upsun::http::name_cache::time_point now{1h};
  std::optional<upsun::http::name_cache::time_point> looked_up;
  bool asking = false;
  while (!input.empty()) {
    now += std::chrono::seconds(input.byte());
    const std::size_t event = input.pick(4);
    const bool known = looked_up && !cache.last().empty();
    EXPECT_EQ(cache.usable(now), known && now < *looked_up + 330s);
    if (asking && event == 0) {
      const auto before = cache.last();
      const auto found = addresses(input.byte());
      const bool lost = std::any_of(before.begin(), before.end(), [&](const auto& a) {
        return std::find(found.begin(), found.end(), a) == found.end();
      });
      EXPECT_EQ(cache.looked_up(found, now), lost);
      EXPECT_TRUE(
          std::all_of(found.begin(), found.end(), [&](const auto& a) { return cache.holds(a); }));
      EXPECT_TRUE(cache.last().size() <= std::min<std::size_t>(found.size(), 5));
      looked_up = now;
      asking = false;
    } else if (asking && event == 1) {
      cache.lookup_failed(now);
      EXPECT_FALSE(cache.usable(now) && cache.ask(now)) << "asked again at once";
      asking = false;
    } else {
      const bool asks = cache.ask(now);
      EXPECT_FALSE(asks && asking) << "two lookups at once";
      asking = asking || asks;
      EXPECT_TRUE(asking || cache.usable(now)) << "no lookup is under way";
      const bool fresh = known && now < *looked_up + 30s;
      EXPECT_FALSE(asks && fresh);
    }
  }
  return 0;
}
