// Responses that come compressed: from servers that are not ours, and from scripts.

#include <functional>
#include <memory>
#include <regex>
#include <string>
#include <thread>
#include <utility>

#include "http/message/content_decoder.hpp"
#include "integration/http2_documents.hpp"
#include "support/coded.hpp"
#include "support/nginx_server.hpp"
#include "support/responses.hpp"
#include "support/scripted_server.hpp"
#include "support/web_server_plans.hpp"

#if UPSUN_GZIP

namespace upsun::testing {
namespace compression_test {

namespace act = upsun::test;
using namespace std::string_literals;
using asio::awaitable;
using integrations = std::vector<result<integration>>;
using test::apache_plan;
using test::h2o_plan;
using test::haproxy_plan;
using test::nginx_plan;
using test::scripted_server;
using test::web_server;
using test::web_server_plan;

// ---- servers that are not ours

web_server_plan nginx(const std::string& listen) {
  return nginx_plan("log_format coding '[$sent_http_content_encoding]'; server { listen " + listen +
                    "; ssl_certificate {certificate}; ssl_certificate_key {key}; root {root}; "
                    "default_type application/json; gzip on; gzip_types application/json; "
                    "access_log codings coding; }");
}

web_server_plan apache() {
  return apache_plan({"filter", "brotli", "deflate"},
                     "LogFormat \"[%{Content-Encoding}o]\" coding\nCustomLog codings coding\n",
                     "SetOutputFilter BROTLI_COMPRESS\n");
}

web_server_plan h2o() {
  return h2o_plan(R"(access-log:
  path: codings
  format: "[%{content-encoding}o]"
compress: ON
)");
}

web_server_plan haproxy(std::uint16_t behind) {
  return haproxy_plan(behind, "h2,http/1.1", R"(  log-format "[%B]"
  filter compression
  compression algo gzip
  compression type application/json
)");
}

/// What each logs says that it has compressed.
struct server_case {
  const char* name;
  std::function<web_server_plan(std::uint16_t behind)> plan;
  const char* log;     ///< The file; empty: what the program prints.
  const char* logged;  ///< A pattern, of the coding or of the size.
  http_version version = http_version::http1;
  bool behind = false;  ///< Whether it takes the documents from a server behind it.
};

const server_case servers[] = {
    {"Nginx", [](auto) { return nginx("127.0.0.1:{port} ssl"); }, "codings", "\\[gzip\\]"},
    {"Apache", [](auto) { return apache(); }, "codings", "\\[br\\]"},
    {"H2o", [](auto) { return h2o(); }, "codings", "\\[(br|gzip)\\]"},
    {"Haproxy", haproxy, "", "\\[[0-9]{1,5}\\]", http_version::http1, true},
#if UPSUN_HTTP2
    {"NginxHttp2", [](auto) { return nginx("127.0.0.1:{port} ssl http2"); }, "codings",
     "\\[gzip\\]", http_version::http2},
    {"H2oHttp2", [](auto) { return h2o(); }, "codings", "\\[(br|gzip)\\]", http_version::http2},
#endif
};

class Compression : public http2_documents, public ::testing::WithParamInterface<server_case> {};
INSTANTIATE_TEST_SUITE_P(From, Compression, ::testing::ValuesIn(servers),
                         [](const auto& of) { return of.param.name; });

TEST_P(Compression, IsDecodedFromServersThatAreNotOurs) {
  std::unique_ptr<web_server> behind;
  if (GetParam().behind) {
    behind = std::make_unique<web_server>(
        nginx_plan("server { listen 127.0.0.1:{port}; root {root}; default_type "
                   "application/json; }"),
        identity, content);
  }
  const web_server server(GetParam().plan(behind ? behind->port() : 0), identity, content);
  client_config config = config_for(server);
  config.http = {.version = GetParam().version, .compression = response_compression::always};
  config.pool.max_connections = 2;
  with_client(config, [](client& client) -> awaitable<void> {
    co_await fetch_large(client);
    co_await fetch_all(client, 8, 100);
    co_await fetch_large(client);
    EXPECT_LE(client.statistics().dials, 2u) << "connections are used again";
  });
  const auto log = [&] { return *GetParam().log ? server.file(GetParam().log) : server.log(); };
  const std::regex pattern(GetParam().logged);
  const auto has_logged = [&] { return std::regex_search(log(), pattern); };
  with_growing_limit(100ms, [&](std::chrono::milliseconds limit) {
    for (const auto end = std::chrono::steady_clock::now() + limit;
         !has_logged() && std::chrono::steady_clock::now() < end;)
      std::this_thread::yield();
    return has_logged();
  });
}

// ---- what is asked for

const std::string list_document = "[" + test::slack_document + "]";

/// What a request for a list and one for an integration accept.
std::pair<std::string, std::string> accepted_with(const response_compression asked) {
  const scripted_server server({act::read_head(), act::send(test::json_response({}, list_document)),
                                act::read_head(), act::send(test::json_response())});
  client_config config{.base_url = server.url()};
  config.http.compression = asked;
  with_client(config, [](client& client) -> awaitable<void> {
    const auto list = co_await client.async_list_integrations(project());
    EXPECT_TRUE(list) << list.error();
    const auto one = co_await fetch(client);
    EXPECT_TRUE(one) << one.error();
  });
  const std::string all = server.received();
  const std::string name = "\r\nAccept-Encoding: ";
  const auto value_after = [&](std::size_t from) {
    const std::size_t begin = all.find(name, from) + name.size();
    return all.substr(begin, all.find("\r\n", begin) - begin);
  };
  return {value_after(0), value_after(all.find("\r\n\r\n"))};
}

TEST(Compression, IsAskedForWhereTheOptionSays) {
  const std::string all(http::accepted_codings());
  EXPECT_EQ(accepted_with(client_config().http.compression), std::pair(all, "identity"s));
  EXPECT_EQ(accepted_with(response_compression::lists), std::pair(all, "identity"s));
  EXPECT_EQ(accepted_with(response_compression::always), std::pair(all, all));
  EXPECT_EQ(accepted_with(response_compression::never), std::pair("identity"s, "identity"s));
}

// ---- what comes

/// A list, coded, with these bytes at its end.
std::string coded_response(const std::string& coded, const std::string& coding = "gzip") {
  return test::json_response("Content-Encoding: " + coding + "\r\n", coded);
}

result<integrations> list_from(const std::string& response, std::size_t body_bytes = 4096) {
  const scripted_server server({act::read_head(), act::send(response), act::read_to_end()});
  client_config config{.base_url = server.url(), .retry = {.max_attempts = 1}};
  config.limits.body_bytes = body_bytes;
  result<integrations> got = errc::cancelled;
  with_client(config, [&](client& client) -> awaitable<void> {
    got = co_await client.async_list_integrations(project());
  });
  return got;
}

TEST(Compression, IsTakenFromWhoWasNotAskedForIt) {
  const scripted_server server(
      {act::read_head(), act::send(test::json_response("Content-Encoding: gzip\r\n",
                                                       test::gzip(test::slack_document)))});
  EXPECT_TRUE(fetch_once({.base_url = server.url()}));
}

TEST(Compression, ThatIsBrokenIsAnErrorThatSaysSo) {
  const std::string coded = test::gzip(list_document);
  const auto whole = list_from(coded_response(coded));
  ASSERT_TRUE(whole) << whole.error();
  EXPECT_EQ(whole->size(), 1u);

  const auto cut = list_from(coded_response(coded.substr(0, coded.size() - 4)));
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error(), errc::bad_response);
  EXPECT_NE(cut.error().details().cause.find("ends in the middle of its gzip data"),
            std::string::npos);

  const auto followed = list_from(coded_response(coded + "<html>"));
  ASSERT_FALSE(followed);
  EXPECT_EQ(followed.error(), errc::bad_response);
  EXPECT_NE(followed.error().details().cause.find("gzip data are damaged"), std::string::npos);

  const auto several = list_from(coded_response(coded, "gzip, gzip"));
  ASSERT_FALSE(several);
  EXPECT_EQ(several.error(), errc::unexpected_content_type);
  EXPECT_NE(several.error().details().cause.find("several codings"), std::string::npos);
}

TEST(Compression, OfAnErrorLeavesItReadable) {
  const std::string body = test::gzip(R"({"message":"Not for you."})");
  const auto got = list_from(
      "HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\n"
      "Content-Encoding: gzip\r\nContent-Length: " +
      std::to_string(body.size()) + "\r\n\r\n" + body);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error(), errc::forbidden);
  ASSERT_TRUE(got.error().server());
  EXPECT_EQ(got.error().server()->message, "Not for you.");
}

/// The sandbox in each version of HTTP.
class CompressedSandbox : public ::testing::TestWithParam<http_version> {
 protected:
  static sandbox_options options() {
    return {.http = GetParam(), .compress = true, .integrations = 100};
  }
  sandbox server{options()};
  [[nodiscard]] client_config config() const {
    client_config made = config_for(server);
    made.http.version = GetParam();
    return made;
  }
};
const http_version versions[] = {
    http_version::http1,
#if UPSUN_HTTP2
    http_version::http2,
#endif
};
INSTANTIATE_TEST_SUITE_P(Over, CompressedSandbox, ::testing::ValuesIn(versions),
                         [](const auto& of) {
                           return of.param == http_version::http1 ? "Http1" : "Http2";
                         });

TEST_P(CompressedSandbox, ListsTheSame) {
  integrations lists[2];
  for (const bool compressed : {false, true}) {
    client_config with = config();
    with.http.compression = compressed ? response_compression::lists : response_compression::never;
    with_client(with, [&](client& client) -> awaitable<void> {
      auto got = co_await client.async_list_integrations(project());
      EXPECT_TRUE(got) << got.error();
      if (got) lists[compressed ? 1 : 0] = std::move(*got);
    });
  }
  ASSERT_EQ(lists[0].size(), 100u);
  ASSERT_EQ(lists[1].size(), 100u);
  for (std::size_t i = 0; i < 100; ++i) {
    ASSERT_TRUE(lists[0][i] && lists[1][i]);
    EXPECT_EQ(*lists[0][i], *lists[1][i]);
  }
}

TEST_P(CompressedSandbox, GivesUpAnEnormousBodyAtTheLimit) {
  const std::string bomb = test::gzip(std::string(64 * 1024 * 1024, ' '));
  client_config with = config();
  with.limits.body_bytes = 1024 * 1024;
  ASSERT_LT(bomb.size(), with.limits.body_bytes);
  server.inject({.kind = fault_kind::status,
                 .status = 200,
                 .body = bomb,
                 .headers = {{"Content-Encoding", "gzip"}}});
  with_client(with, [&](client& client) -> awaitable<void> {
    const auto got = co_await client.async_list_integrations(project());
    EXPECT_FALSE(got);
    if (!got) {
      EXPECT_EQ(got.error(), errc::body_limit);
    }
    EXPECT_TRUE(co_await fetch(client)) << "the next call is none the worse";
  });
}

}  // namespace compression_test
}  // namespace upsun::testing

#endif
