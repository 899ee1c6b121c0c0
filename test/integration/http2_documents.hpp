#pragma once

#include <cstddef>
#include <string>

#include "integration/harness.hpp"
#include "support/web_server.hpp"

namespace upsun::testing {

/// Documents for web servers that serve files, and the fetching of them.
class http2_documents : public ::testing::Test {
 protected:
  static constexpr std::size_t documents = 50;
  static constexpr std::size_t large = 4'000'000;  ///< The bytes of the large one, and some more.

  http2_documents() {
    for (std::size_t i = 0; i < documents; ++i) {
      content["projects/project-0/integrations/integration-" + std::to_string(i)] =
          R"({"type":"health.slack","channel":")" + channel(i) + "\"}";
    }
    content["projects/project-0/integrations/large"] =
        R"({"type":"novel","text":")" + std::string(large, 'x') + "\"}";
  }

  [[nodiscard]] static std::string channel(std::size_t i) { return "#" + std::to_string(i); }

  [[nodiscard]] client_config config_for(const test::web_server& server,
                                         const std::string& scheme = "https") const {
    return prepared({.base_url = scheme + "://127.0.0.1:" + std::to_string(server.port()),
                     .credentials = bearer_token("a-token"),
                     .tls = {.ca_pem = authority.pem()}});
  }

  /// So many coroutines fetch one document after another, `count` in all. Each has to be the right
  /// one.
  static asio::awaitable<void> fetch_all(client& from, std::size_t lanes, std::size_t count) {
    const auto executor = co_await asio::this_coro::executor;
    std::size_t begun = 0;
    std::size_t running = lanes;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      asio::co_spawn(
          executor,
          [&]() -> asio::awaitable<void> {
            while (begun < count && !HasFailure()) {
              const std::size_t which = begun++ % documents;
              const auto got = co_await fetch(from, integration_number(which));
              EXPECT_TRUE(got) << got.error();
              if (got) {
                EXPECT_EQ(std::get<slack_settings>(got->settings).channel, channel(which));
              }
            }
            --running;
          },
          asio::detached);
    }
    co_await until([&] { return running == 0; });
  }

  /// Fetches that many documents, the server reloading after each thousand.
  static asio::awaitable<void> fetch_all_amid_reloads(client& from, std::size_t count,
                                                      test::web_server& server) {
    const auto executor = co_await asio::this_coro::executor;
    bool done = false;
    asio::co_spawn(
        executor,
        [&]() -> asio::awaitable<void> {
          co_await fetch_all(from, 32, count);
          done = true;
        },
        asio::detached);
    while (!done) {
      const std::uint64_t seen = from.statistics().leases;
      co_await until([&] { return done || from.statistics().leases > seen + 1000; });
      if (!done) server.reload();
    }
  }

  static asio::awaitable<void> fetch_large(client& from) {
    const auto got = co_await fetch(from, integration_id("large"));
    EXPECT_TRUE(got) << got.error();
    if (got) {
      EXPECT_GT(std::get<unknown_settings>(got->settings).raw.size(), large);
    }
  }

  const certificate_authority authority{"Trusted authority"};
  const certificate identity = authority.issue(
      {.common_name = "localhost", .dns_names = {"localhost"}, .addresses = {"127.0.0.1"}});
  test::web_server::files content;
};

}  // namespace upsun::testing
