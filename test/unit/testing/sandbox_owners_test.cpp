// The activities of a sandbox's projects, environments and integrations, over HTTP.

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <upsun/testing/sandbox.hpp>

#include <string>

#include "blocking_client.hpp"

namespace upsun::testing {
namespace sandbox_owners_test {

namespace json = boost::json;

struct owner {
  std::string name;
  activity_scope scope;
  std::string path;
};
const owner owners[] = {
    {"Project", project_id("project-0"), "/projects/project-0"},
    {"Environment", environment_ref(project_id("project-0"), environment_id("feature/x")),
     "/projects/project-0/environments/feature%2Fx"},
    {"Integration", integration_ref(project_id("project-0"), integration_id("integration-0")),
     "/projects/project-0/integrations/integration-0"},
};

struct SandboxOwners : ::testing::TestWithParam<owner> {
  sandbox server;
  blocking_client client{peer_of(server)};
  const activity_scope of = GetParam().scope;
  const std::string list = GetParam().path + "/activities";

  SandboxOwners() {
    server.put_activity(of, {.id = "a", .type = "t", .state = activity_state::in_progress});
  }
  blocking_client::response get(const std::string& target) {
    return client.get(target, server.token());
  }
  blocking_client::response post(const std::string& target) {
    client.send("POST " + target + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
                server.token() + "\r\nContent-Length: 0\r\n\r\n");
    return client.receive();
  }
};
INSTANTIATE_TEST_SUITE_P(Activities, SandboxOwners, ::testing::ValuesIn(owners),
                         [](const auto& each) { return each.param.name; });

TEST_P(SandboxOwners, ListTheirsOnly) {
  server.put_raw_activity(of, "raw", timestamp(), R"({"id":"raw"})");
  EXPECT_EQ(json::parse(get(list).body()).as_array().size(), 2u);
  EXPECT_EQ(json::parse(get(list + "?type=t&count=1").body()).as_array().size(), 1u);
  EXPECT_EQ(get(list + "?count=0").result_int(), 400u);
  for (const owner& other : owners) {
    if (other.name == GetParam().name) continue;
    EXPECT_EQ(get(other.path + "/activities").body(), "[]") << other.name;
  }
}

TEST_P(SandboxOwners, GiveAndCancelOne) {
  EXPECT_EQ(json::parse(get(list + "/a").body()).at("id"), "a");
  EXPECT_EQ(get(list + "/none").result_int(), 404u);
  EXPECT_EQ(get(list + "/a/cancel").result_int(), 405u);
  EXPECT_EQ(get(list + "/a/more").result_int(), 404u);
  EXPECT_EQ(post(list + "/a/cancel").result_int(), 200u);
  EXPECT_EQ(server.get_activity(of, "a").state, activity_state::cancelled);
  EXPECT_EQ(post(list + "/a/cancel").result_int(), 400u);
}

TEST_P(SandboxOwners, GiveALog) {
  server.put_log(of, "a", {"one"});
  server.append_log(of, "a", "two");
  server.cut_log(of, "a", 1);
  server.seal_log(of, "a");
  const auto read = [&] {
    blocking_client reader(peer_of(server));
    reader.send(get_request(list + "/a/log", server.token()));
    return reader.receive_all();
  };
  EXPECT_EQ(read().find("two"), std::string::npos) << "it was cut";
  const std::string whole = read();
  EXPECT_NE(whole.find("one"), std::string::npos);
  EXPECT_NE(whole.find("two"), std::string::npos);
  EXPECT_NE(whole.find("seal"), std::string::npos);
  EXPECT_EQ(get(list + "/none/log").result_int(), 404u);
}

TEST_P(SandboxOwners, ThatDoNotExistHaveNone) {
  std::string none = list;
  const std::size_t id = none.rfind('/', none.rfind("/activities") - 1) + 1;
  none.replace(id, none.rfind("/activities") - id, "none");
  EXPECT_EQ(get(none).result_int(), 404u) << none;
  server.forbid("project-0");
  EXPECT_EQ(get(list).result_int(), 403u);
}

}  // namespace sandbox_owners_test
}  // namespace upsun::testing
