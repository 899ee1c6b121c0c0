// Every kind of integration through its life: listed, created, fetched, changed and deleted, over
// TLS, by a coroutine that awaits operations with temporaries.

#include <upsun/model/kinds.hpp>

#include <algorithm>
#include <string>

#include "integration/harness.hpp"
#include "unit/codec/requests.hpp"

namespace upsun::testing {
namespace changes_test {

using asio::awaitable;

/// An empty project, and a client for it.
struct Changes : ::testing::Test {
  sandbox server{{.integrations = 0}};

  integration_ref ref(const std::string& id) { return {project(), integration_id(id)}; }
};

TEST_F(Changes, TakeEveryKindThroughItsLife) {
  const auto inputs = full_inputs();
  const auto patches = full_patches();
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    for (std::size_t i = 0; i < kind_count; ++i) {
      auto created = co_await client.async_create_integration(project(), inputs[i]);
      EXPECT_TRUE(created) << kind_names[i] << ": " << created.error()
                           << (created.error().server() != nullptr
                                   ? created.error().server()->message
                                   : "");
      if (!created) continue;
      EXPECT_EQ(created->status, "created");
      EXPECT_EQ(created->code, 201);
      EXPECT_TRUE(created->unread.empty());
      EXPECT_EQ(created->activities.size(), 1u);
      EXPECT_EQ(created->activities.at(0).type, "integration.add");
      EXPECT_FALSE(created->activities.at(0).done());
      const std::string id = created->entity.value().id.value();
      EXPECT_EQ(created->entity->settings.index(), i);

      auto fetched = co_await fetch(client, integration_id(id));
      EXPECT_EQ(fetched.value(), *created->entity);

      auto updated = co_await client.async_update_integration(ref(id), patches[i]);
      EXPECT_TRUE(updated) << kind_names[i] << ": " << updated.error();
      if (!updated) continue;
      EXPECT_EQ(updated->status, "updated");
      EXPECT_EQ(updated->code, 200);
      EXPECT_TRUE(updated->unread.empty());
      EXPECT_EQ(updated->entity.value(), server.get("project-0", id));
      EXPECT_EQ(updated->entity->id, id);
      EXPECT_EQ(updated->entity->type, kind_names[i]);
      EXPECT_EQ(updated->entity->settings == created->entity->settings,
                kind_names[i] == "blackfire")
          << kind_names[i] << ", of which only one cannot be changed";
      EXPECT_EQ(updated->activities.at(0).type, "integration.update");
      EXPECT_EQ(updated->activities.at(0).integration, id);

      auto verdict = co_await client.async_validate_integration(ref(id));
      EXPECT_EQ(verdict.value(), (validation{.valid = true})) << kind_names[i];
      server.set_validation("project-0", id, {{"url", "Unreachable"}});
      verdict = co_await client.async_validate_integration(ref(id));
      EXPECT_EQ(verdict->problems, (std::vector<field_error>{{"url", "Unreachable"}}))
          << kind_names[i];

      auto deleted = co_await client.async_delete_integration(ref(id));
      EXPECT_TRUE(deleted) << kind_names[i];
      EXPECT_FALSE(deleted->entity);
      EXPECT_EQ(deleted->status, "deleted");
      EXPECT_EQ(deleted->activities.at(0).type, "integration.delete");
      EXPECT_EQ(deleted->activities.at(0).integration, id);
      auto missing = co_await fetch(client, integration_id(id));
      EXPECT_EQ(missing.error(), condition::not_found);

      auto gone = co_await client.async_delete_integration(ref(id));
      EXPECT_EQ(gone.error(), condition::not_found);
    }
    auto left = co_await client.async_list_integrations(project());
    EXPECT_TRUE(left.value().empty());
  });
}

TEST_F(Changes, AwaitOperationsWithTemporaries) {
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    auto created = co_await client.async_create_integration(
        project_id("project-0"),
        bitbucket_input("acme/shop")
            .app_credentials("a-key-of-some-length", secret("a-secret-of-some-length"))
            .fetch_branches(true));
    EXPECT_EQ(std::get<bitbucket_settings>(created.value().entity->settings).app_credentials->key,
              "a-key-of-some-length");
    auto updated = co_await client.async_update_integration(
        integration_ref(project_id("project-0"), integration_id("created-1")),
        bitbucket_patch().repository("acme/a-longer-name-of-a-store").app_credentials(nullptr),
        call_options().timeout(20s));
    const auto& settings = std::get<bitbucket_settings>(updated.value().entity->settings);
    EXPECT_EQ(settings.repository, "acme/a-longer-name-of-a-store");
    EXPECT_FALSE(settings.app_credentials);
    EXPECT_TRUE(settings.fetch_branches);
    auto listed = co_await client.async_list_integrations(project_id("project-0"),
                                                          call_options().timeout(20s));
    EXPECT_EQ(listed.value().size(), 1u);
    auto deleted = co_await client.async_delete_integration(
        integration_ref(project_id("project-0"), integration_id("created-1")),
        call_options().header("X-Reason", "test"));
    EXPECT_TRUE(deleted);
  });
}

TEST_F(Changes, ListEveryKindAndABrokenElementInItsPlace) {
  for (std::size_t i = 0; i < kind_count; ++i) {
    integration value{.id = std::string(1, static_cast<char>('a' + i)),
                      .type = std::string(kind_names[i]),
                      .settings = make_settings(i)};
    server.put("project-0", *value.id, value);
  }
  server.put_raw("project-0", "b0", R"({"id":"b0","type":"health.slack","channel":12})");
  server.put_raw("project-0", "b1", R"({"id":"b1","type":"novel"})");
  auto config = config_for(server);
  with_client(config, [&](client& client) -> awaitable<void> {
    auto listed = co_await client.async_list_integrations(project());
    EXPECT_EQ(std::get<unknown_settings>((*listed)[2].value().settings).mismatch->pointer,
              "/channel");
  });
  config.decode_policy = decode_policy::strict;
  with_client(config, [&](client& client) -> awaitable<void> {
    auto listed = co_await client.async_list_integrations(project());
    EXPECT_EQ(listed.value().size(), kind_count + 2);
    EXPECT_EQ(std::count_if(listed->begin(), listed->end(),
                            [](const auto& each) { return each.has_value(); }),
              kind_count + 1);
    EXPECT_EQ((*listed)[2].error().decode()->pointer, "/2/channel");
    EXPECT_TRUE(std::holds_alternative<unknown_settings>((*listed)[3].value().settings));
  });
}

TEST_F(Changes, SendNothingThatTheApiIsKnownToRefuse) {
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    auto refused = co_await client.async_create_integration(project(), syslog_input().port(65536));
    EXPECT_EQ(refused.error(), condition::invalid_argument);
    EXPECT_NE(refused.error().message().find("port is 65536"), std::string::npos);
  });
  EXPECT_EQ(server.statistics().requests, 0u);
}

TEST_F(Changes, TakeAResponseWithoutABody) {
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    server.inject({.kind = fault_kind::status, .status = 204});
    auto deleted = co_await client.async_delete_integration(ref("x"));
    EXPECT_EQ(deleted.value().code, 204);
    EXPECT_FALSE(deleted->entity);
  });
}

TEST_F(Changes, SendACreationOnceAndADeletionAgainWhenTheResponseIsLost) {
  auto config = config_for(server);
  config.retry = {.max_attempts = 3, .base = 0ms};
  with_client(config, [&](client& client) -> awaitable<void> {
    server.inject({.kind = fault_kind::close_before_reply});
    auto lost = co_await client.async_create_integration(
        project(), webhook_input("https://hooks.acme.example"));
    EXPECT_EQ(lost.error(), condition::connection);
    EXPECT_FALSE(lost.error().safe_to_retry());
    EXPECT_EQ(lost.error().details().attempts, 1u);
    server.inject({.kind = fault_kind::status, .status = 503});
    auto unavailable = co_await client.async_create_integration(
        project(), webhook_input("https://hooks.acme.example"));
    EXPECT_EQ(unavailable.error().status(), 503);
    EXPECT_EQ(unavailable.error().details().attempts, 1u);
    server.inject({.kind = fault_kind::status, .status = 503});
    auto deleted = co_await client.async_delete_integration(ref("created-1"));
    EXPECT_EQ(deleted.error(), condition::not_found)
        << "sent again, for it may be; the first had deleted it before its 503";
    EXPECT_EQ(deleted.error().details().attempts, 2u);
  });
}

}  // namespace changes_test
}  // namespace upsun::testing
