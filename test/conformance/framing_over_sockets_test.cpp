// Every response of the table once more, through the transport over real sockets: the same outcome,
// and a bad one ends its connection.

#include <gtest/gtest.h>

#include "conformance/framing_cases.hpp"
#include "conformance/wire_calls.hpp"
#include "support/planned_server.hpp"
#include "support/responses.hpp"

namespace upsun::http::test {
namespace framing_over_sockets_test {

using upsun::test::planned_reply;
using upsun::test::planned_server;

const std::string good = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood";

/// "/17" asks for the case of that number, anything else for a good response.
planned_reply reply_to(std::string_view target) {
  target.remove_prefix(1);
  if (target == "good") return {good};
  const framing_case& asked = framing_cases().at(std::stoul(std::string(target)));
  switch (asked.end) {
    case stream_end::announced: return {asked.bytes, planned_reply::ending::close};
    case stream_end::cut_off: return {asked.bytes, planned_reply::ending::drop};
    case stream_end::open: break;
  }
  return {asked.bytes};
}

class FramingOverSockets : public ::testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Over, FramingOverSockets, ::testing::Bool(), upsun::test::plain_or_tls);

TEST_P(FramingOverSockets, EndsTheConnectionOfEachBadResponse) {
  const bool tls = GetParam();
  asio::io_context io(1);
  planned_server server(io, reply_to, tls);
  const auto judge = [&](std::size_t i) -> asio::awaitable<void> {
    const framing_case& each = framing_cases()[i];
    if (!tls && each.end == stream_end::cut_off)
      co_return;  // which only TLS distinguishes from an announced end
    client_config config;
    config.base_url = server.url();
    config.tls.ca_pem = server.ca_pem();
    config.limits = each.limits;
    config.pool.max_connections = 1;
    const auto wire = transport_for(io, config);
    auto request = get("/" + std::to_string(i));
    const auto got = co_await send(*wire, std::move(request));
    if (got) {
      EXPECT_FALSE(each.verdict.refused) << each.name;
      EXPECT_EQ(got->status, each.verdict.status) << each.name;
      EXPECT_EQ(got->body, each.verdict.body) << each.name;
    } else {
      EXPECT_EQ(got.error().code(),
                each.verdict.refused ? make_error_code(*each.verdict.refused) : error_code())
          << each.name << ": " << got.error();
    }
    auto next = get("/good");
    const auto after = co_await send(*wire, std::move(next));
    EXPECT_TRUE(after) << each.name << ": " << after.error();
    if (after) {
      EXPECT_EQ(after->body, "good") << each.name;
      EXPECT_EQ(after->reused_connection, each.verdict.reusable && each.end == stream_end::open)
          << each.name;
    }
    wire->shutdown();
  };
  run_each(io, framing_cases().size(), 8, judge, [&] { server.close(); });
}

}  // namespace framing_over_sockets_test
}  // namespace upsun::http::test
