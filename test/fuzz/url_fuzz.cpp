#include <gtest/gtest.h>

#include "fuzz/input.hpp"
#include "util/origin.hpp"

namespace {

using upsun::util::origin;

auto parts(const origin& o) {
  return std::tie(o.tls, o.host, o.port, o.prefix, o.loopback, o.host_header);
}

void expect_same(const std::string& url, const origin& expected) {
  origin again;
  EXPECT_EQ(upsun::util::parse_origin(url, again), std::nullopt) << url;
  EXPECT_EQ(parts(again), parts(expected)) << url;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  origin where;
  if (const auto problem =
          upsun::util::parse_origin(upsun::fuzz::input(data, size).rest(), where)) {
    EXPECT_FALSE(problem->empty());
    EXPECT_EQ(parts(where), parts(origin{}));
    return 0;
  }
  const std::string scheme = where.tls ? "https://" : "http://";
  const std::string host =
      where.host.find(':') == std::string::npos ? where.host : "[" + where.host + "]";
  expect_same(scheme + where.host_header + where.prefix, where);
  expect_same(scheme + host + ":" + std::to_string(where.port) + where.prefix + "/", where);
  EXPECT_EQ((where.prefix + where.host_header).find_first_of(" \r\n\t?#@\\\"<>"),
            where.prefix.find('@'));
  EXPECT_FALSE(where.prefix.ends_with('/'));
  return 0;
}
