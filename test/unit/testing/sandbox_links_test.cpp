// What the links of the sandbox's integrations lead to.

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <upsun/testing/sandbox.hpp>

#include <string>

#include "blocking_client.hpp"

namespace upsun::testing {
namespace sandbox_links_test {

namespace json = boost::json;

const std::string item = "/projects/project-0/integrations/integration-0";

struct SandboxLinks : ::testing::Test {
  sandbox server;
  blocking_client client{peer_of(server)};

  blocking_client::response post(const std::string& target, bool with_token,
                                 const std::string& body = {}) {
    client.send("POST " + target + " HTTP/1.1\r\nHost: x\r\n" +
                (with_token ? "Authorization: Bearer " + server.token() + "\r\n" : "") +
                "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    return client.receive();
  }
  json::value complaints() {
    const auto refused = post(item + "/validate", true);
    EXPECT_EQ(refused.result_int(), 400u);
    return json::parse(refused.body()).at("detail");
  }
};

TEST_F(SandboxLinks, LeadToARegionalHostAndToPathsThatWork) {
  const json::value links = json::parse(client.get(item, server.token()).body()).at("_links");
  EXPECT_EQ(links.at("self").at("href"),
            json::value("https://localhost:" + std::to_string(server.port()) + item));
  EXPECT_EQ(links.at("#validate").at("href"), json::value(item + "/validate"));
  EXPECT_EQ(links.at("#hook").at("href"), json::value(item + "/hook"));
  EXPECT_EQ(post(item + "/validate", true).result_int(), 200u);
  EXPECT_EQ(post(item + "/hook", false, "{}").result_int(), 200u);
}

TEST_F(SandboxLinks, ValidateByTheChecksOfACreation) {
  syslog_settings settings;
  settings.port = 70000;
  settings.protocol = open_enum<syslog_protocol>("pigeon");
  server.put("project-0", "integration-0", {.type = "syslog", .settings = settings});
  EXPECT_EQ(
      complaints(),
      json::parse(
          R"({"protocol":"Not one of the allowed values","port":"Must be between 0 and 65535"})"));
  server.put("project-0", "integration-0", {.type = "health.email", .settings = email_settings{}});
  EXPECT_EQ(complaints(), json::parse(R"({"recipients":"Required"})"));
}

TEST_F(SandboxLinks, ValidateAsATestSays) {
  server.set_validation("project-0", "integration-0", {{"url", "Unreachable"}});
  EXPECT_EQ(complaints(), json::parse(R"({"url":"Unreachable"})"));
  server.put_raw("project-0", "integration-0", "{}");
  EXPECT_EQ(complaints(), json::parse(R"({"url":"Unreachable"})"));
  server.set_validation("project-0", "integration-0", {});
  EXPECT_EQ(post(item + "/validate", true).result_int(), 200u);
}

TEST_F(SandboxLinks, ValidateOnlyWithTheTokenAndTakeHooksOnlyWithout) {
  EXPECT_EQ(post(item + "/validate", false).result_int(), 401u);
  EXPECT_EQ(post(item + "/hook", true, "{}").result_int(), 400u);
  EXPECT_EQ(post(item + "/hook", false, "{\"x\":1}").result_int(), 200u);
  const auto hooks = server.hooks();
  ASSERT_EQ(hooks.size(), 2u);
  EXPECT_TRUE(hooks[0].with_token);
  EXPECT_FALSE(hooks[1].with_token);
  EXPECT_EQ(hooks[1].project, "project-0");
  EXPECT_EQ(hooks[1].integration, "integration-0");
  EXPECT_EQ(hooks[1].body, "{\"x\":1}");
}

TEST_F(SandboxLinks, LeadNowhereElse) {
  EXPECT_EQ(client.get(item + "/validate", server.token()).result_int(), 405u);
  EXPECT_EQ(post(item + "/validate/x", true).result_int(), 404u);
  EXPECT_EQ(post(item + "/other", true).result_int(), 404u);
  EXPECT_EQ(post("/projects/project-0/integrations/none/hook", false).result_int(), 404u);
  EXPECT_EQ(post("/projects/none/integrations/none/hook", false).result_int(), 404u);
  server.forbid("project-0");
  EXPECT_EQ(post(item + "/validate", true).result_int(), 403u);
  EXPECT_TRUE(server.hooks().empty());
}

}  // namespace sandbox_links_test
}  // namespace upsun::testing
