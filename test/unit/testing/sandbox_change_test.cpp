// What the sandbox makes of requests that change something.

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <upsun/codec.hpp>
#include <upsun/testing/sandbox.hpp>

#include <string>

#include "blocking_client.hpp"

namespace upsun::testing {
namespace sandbox_change_test {

namespace json = boost::json;

const std::string collection = "/projects/project-0/integrations";

struct SandboxChange : ::testing::Test {
  sandbox server;
  blocking_client client{peer_of(server)};

  blocking_client::response send(std::string_view method, const std::string& target,
                                 const std::string& body,
                                 const std::string& type = "application/json") {
    client.send(std::string(method) + " " + target +
                " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + server.token() +
                "\r\nContent-Type: " + type + "\r\nContent-Length: " + std::to_string(body.size()) +
                "\r\n\r\n" + body);
    return client.receive();
  }
  json::value get(const std::string& target) {
    return json::parse(client.get(target, server.token()).body());
  }
  json::value complaints(std::string_view method, const std::string& target,
                         const std::string& body, unsigned status = 400) {
    const auto refused = send(method, target, body);
    EXPECT_EQ(refused.result_int(), status) << refused.body();
    return json::parse(refused.body()).at("detail");
  }
};

TEST_F(SandboxChange, ListsWhatIsStored) {
  EXPECT_EQ(get(collection).as_array().size(), 18u);
  server.put_raw("project-0", "broken", "{\"type\":3}");
  EXPECT_EQ(get(collection).as_array().size(), 19u);
  EXPECT_EQ(client.get("/projects/none/integrations", server.token()).result_int(), 404u);
}

TEST_F(SandboxChange, ListsAnEmptyProject) {
  sandbox empty({.integrations = 0});
  EXPECT_EQ(blocking_client(peer_of(empty)).get(collection, empty.token()).body(), "[]");
}

TEST_F(SandboxChange, CreatesWithDefaultsAndReturnsTheId) {
  const auto created =
      send("POST", collection, R"({"type":"script","script":"x","events":["environment.push"]})");
  ASSERT_EQ(created.result_int(), 201u) << created.body();
  const json::value response = json::parse(created.body());
  EXPECT_EQ(response.at("status"), "created");
  EXPECT_EQ(response.at("code"), 201);
  const json::value entity = response.at("_embedded").at("entity");
  const std::string id(entity.at("id").as_string());
  EXPECT_EQ(entity.at("states"), json::parse(R"(["complete"])"));
  EXPECT_EQ(entity.at("events"), json::parse(R"(["environment.push"])"));
  EXPECT_TRUE(entity.as_object().contains("_links"));
  EXPECT_EQ(response.at("_embedded").at("activities").at(0).at("type"), "integration.add");
  EXPECT_EQ(get(collection + "/" + id), entity);
  EXPECT_EQ(std::get<script_settings>(server.get("project-0", id).settings).script, "x");
}

TEST_F(SandboxChange, NeverShowsWhatIsWriteOnly) {
  const auto created =
      send("POST", collection, R"({"type":"github","repository":"a/b","token":"planted-token"})");
  ASSERT_EQ(created.result_int(), 201u) << created.body();
  EXPECT_EQ(created.body().find("planted"), std::string::npos);
  EXPECT_EQ(
      send(
          "POST", collection,
          R"({"type":"bitbucket","repository":"a/b","app_credentials":{"key":"k","secret":"planted-secret"}})")
          .body()
          .find("planted"),
      std::string::npos);
}

TEST_F(SandboxChange, ComplainsOfEachMember) {
  EXPECT_EQ(complaints("POST", collection, R"({"type":"github"})"),
            json::parse(R"({"token":"Required","repository":"Required"})"));
  EXPECT_EQ(
      complaints("POST", collection, R"({"type":"health.slack","token":1,"channel":"c","x":1})"),
      json::parse(R"({"token":"Must be a string","x":"Extra field not permitted"})"));
  EXPECT_EQ(complaints("POST", collection, R"({"type":"health.slack","token":"t","channel":7})"),
            json::parse(R"({"channel":"Expected string, found number"})"));
  EXPECT_EQ(
      complaints("POST", collection,
                 R"({"type":"syslog","port":70000,"facility":-1,"protocol":"quic"})"),
      json::parse(
          R"({"protocol":"Not one of the allowed values","port":"Must be between 0 and 65535","facility":"Must be between 0 and 23"})"));
  EXPECT_EQ(complaints("POST", collection, "{}"), json::parse(R"({"type":"Required"})"));
  EXPECT_EQ(complaints("POST", collection, R"({"type":"novel"})"),
            json::parse(R"({"type":"Not one of the allowed values"})"));
  EXPECT_EQ(complaints("POST", collection, "no json"),
            json::parse(R"({"body":"Must be a JSON object"})"));
  EXPECT_EQ(get(collection).as_array().size(), 18u);
}

TEST_F(SandboxChange, RefusesASecondIntegrationWithOneRepository) {
  const std::string body = R"({"type":"gitlab","project":"a/b","token":"t"})";
  EXPECT_EQ(send("POST", collection, body).result_int(), 201u);
  EXPECT_EQ(send("POST", collection, body).result_int(), 409u);
  EXPECT_EQ(
      send("POST", collection, R"({"type":"gitlab","project":"a/c","token":"t"})").result_int(),
      201u);
  const std::string other = R"({"type":"health.email","recipients":["a"]})";
  EXPECT_EQ(send("POST", collection, other).result_int(), 201u);
  EXPECT_EQ(send("POST", collection, other).result_int(), 201u);
}

TEST_F(SandboxChange, ChangesOnlyWhatIsSent) {
  integration before;
  before.id = "w";
  before.type = "webhook";
  webhook_settings settings;
  settings.events = {"*"};
  settings.shared_key = secret("k");
  settings.url = "https://old.example";
  before.settings = settings;
  server.put("project-0", "w", before);
  const auto changed =
      send("PATCH", collection + "/w", R"({"url":"https://new.example","shared_key":null})");
  ASSERT_EQ(changed.result_int(), 200u) << changed.body();
  EXPECT_EQ(json::parse(changed.body()).at("status"), "updated");
  settings.url = "https://new.example";
  settings.shared_key.reset();
  const integration after = server.get("project-0", "w");
  EXPECT_EQ(after.settings, integration_settings(settings));
  EXPECT_TRUE(after.updated_at);
}

TEST_F(SandboxChange, RefusesToChangeTheTypeOrToPruneBranchesThatAreNotFetched) {
  ASSERT_EQ(
      send(
          "POST", collection,
          R"({"type":"github","repository":"a/b","token":"t","fetch_branches":true,"prune_branches":true})")
          .result_int(),
      201u);
  EXPECT_EQ(complaints("PATCH", collection + "/created-1", R"({"type":"github"})"),
            json::parse(R"({"type":"Read-only"})"));
  EXPECT_TRUE(complaints("PATCH", collection + "/created-1", R"({"fetch_branches":false})")
                  .as_object()
                  .contains("prune_branches"));
  EXPECT_EQ(
      send("PATCH", collection + "/created-1", R"({"fetch_branches":false,"prune_branches":false})")
          .result_int(),
      200u);
}

TEST_F(SandboxChange, DeletesOnce) {
  const auto deleted = send("DELETE", collection + "/integration-3", "");
  ASSERT_EQ(deleted.result_int(), 200u);
  EXPECT_FALSE(json::parse(deleted.body()).at("_embedded").as_object().contains("entity"));
  EXPECT_EQ(send("DELETE", collection + "/integration-3", "").result_int(), 404u);
  EXPECT_EQ(client.get(collection + "/integration-3", server.token()).result_int(), 404u);
  EXPECT_EQ(send("PATCH", collection + "/integration-3", "{}").result_int(), 404u);
}

TEST_F(SandboxChange, RequiresJsonAndAToken) {
  EXPECT_EQ(send("POST", collection, "{}", "text/plain").result_int(), 415u);
  client.send("DELETE " + collection + "/integration-3 HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(client.receive().result_int(), 401u);
  server.forbid("project-0");
  EXPECT_EQ(send("DELETE", collection + "/integration-3", "").result_int(), 403u);
}

}  // namespace sandbox_change_test
}  // namespace upsun::testing
