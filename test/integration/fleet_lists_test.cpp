// What is shared, where links lead, and what a list meets on its way: over TLS, from a sandbox that
// serves a fleet.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "integration/fleet.hpp"

namespace upsun::testing {
namespace fleet_lists_test {

using asio::awaitable;

class FleetLists : public ServedFleet {};
INSTANTIATE_TEST_SUITE_P(Links, FleetLists, ::testing::Bool(), name_of_links);

// ---- what is shared

TEST_P(FleetLists, GiveSharedProjectsAndTheirNames) {
  with_client([&](client& client) -> awaitable<void> {
    auto me = co_await client.async_get_current_user();
    const user_id user(me.value().id);
    std::set<std::string> granted;
    std::map<std::string, std::string> titles;
    std::set<std::string> organizations;
    auto pages = client.shared_projects(user, sequence_options().ahead());
    for (;;) {
      auto page = co_await pages.async_next_page();
      if (page.value().items.empty()) break;
      std::set<std::string> on_page;
      for (const auto& each : page->items) {
        EXPECT_EQ(each.value().resource_type, granted_resource::project);
        EXPECT_EQ(each->user_id, user.str());
        on_page.insert(each->resource_id);
      }
      for (const auto& [name, link] : page->links) {
        if (name.starts_with("ref:organizations:")) {
          auto owners = co_await client.async_get_organization_references(link);
          for (const auto& [id, owner] : owners.value()) {
            organizations.insert(id);
            EXPECT_EQ(owner.value().id, id);
            EXPECT_TRUE(owner->name);
          }
        }
        if (!name.starts_with("ref:projects:")) continue;
        auto references = co_await client.async_get_project_references(link);
        for (const auto& [id, reference] : references.value()) {
          EXPECT_TRUE(on_page.contains(id));
          EXPECT_EQ(reference.value().id, id);
          titles[id] = reference->title.value();
        }
      }
      granted.merge(on_page);
    }
    EXPECT_FALSE(organizations.empty());
    EXPECT_GT(granted.size(), account.shared_projects) << "some of the user's own, too";
    for (const std::string& id : granted) EXPECT_EQ(titles.contains(id), !is_missing(id)) << id;

    auto others = client.shared_projects(user_id("someone"));
    auto refused = co_await others.async_next();
    expect_problem(refused.error(), errc::forbidden, "Forbidden",
                   "You may not see what another user has.");
  });
}

TEST_P(FleetLists, FollowReferencesOnlyAsTheyAreAndToTheApi) {
  const sandbox elsewhere;
  with_client([&](client& client) -> awaitable<void> {
    auto me = co_await client.async_get_current_user();
    auto pages = client.shared_projects(user_id(me.value().id));
    auto page = co_await pages.async_next_page();
    const std::string link = page.value().links.at("ref:projects:0");
    auto forged = co_await client.async_get_project_references(link + "x");
    expect_problem(forged.error(), errc::forbidden, "Forbidden",
                   "The signature does not fit the ids");
    EXPECT_EQ(forged.error().details().path_template, "/ref/projects");
    const std::string unsigned_link = link.substr(0, link.find("&sig="));
    auto incomplete = co_await client.async_get_project_references(unsigned_link);
    expect_problem(incomplete.error(), errc::bad_request, "Bad Request",
                   "The parameters in and sig are required");

    const auto before = server.statistics().requests;
    for (const std::string& foreign :
         {elsewhere.url() + "/x?" + link.substr(link.find("in=")), std::string("//x/ref/projects"),
          std::string("ftp://x/ref/projects"), std::string("/ref/projects#x")}) {
      auto refused = co_await client.async_get_project_references(foreign);
      EXPECT_EQ(refused.error(), errc::decode_failed) << foreign;
    }
    EXPECT_EQ(server.statistics().requests, before);
  });
  EXPECT_EQ(elsewhere.statistics().connections, 0u)
      << "nothing is sent there, least of all a token";
}

TEST_P(FleetLists, SendNothingToTheForeignHostOfALink) {
  const sandbox elsewhere;
  for (const bool ahead : {false, true}) {
    for (const char* path : {"/page?2", "/organizations"}) {
      // What other hosts serve, too, is asked of the API itself.
      const bool served = std::string_view(path) == "/organizations";
      server.inject({.kind = fault_kind::status,
                     .status = 200,
                     .body = R"({"items":[{"id":"o1"}],"_links":{"next":{"href":")" +
                             elsewhere.url() + path + R"("}}})"});
      with_client([&](client& client) -> awaitable<void> {
        auto all = client.organizations({}, sequence_options().ahead(ahead));
        auto first = co_await all.async_next();
        EXPECT_EQ((*first.value()).id, "o1");
        auto second = co_await all.async_next();
        EXPECT_EQ(second.has_value(), served);
        if (!second) {
          EXPECT_EQ(second.error(), errc::decode_failed);
        }
      });
    }
  }
  EXPECT_EQ(elsewhere.statistics().connections, 0u);
}

// ---- what a list meets on its way

TEST_P(FleetLists, GoOnBehindAPageThatFailed) {
  with_client([&](client& client) -> awaitable<void> {
    const organization of = co_await some_organization(client);
    const organization_id id(of.id);
    const auto all = co_await collect(client.projects(id));
    for (const bool ahead : {false, true}) {
      server.inject({.kind = fault_kind::none}, 1);
      for (const fault& each : {fault{.kind = fault_kind::status, .status = 503},
                                fault{.kind = fault_kind::wrong_length, .at = 10},
                                fault{.kind = fault_kind::truncate_at, .at = 300}})
        server.inject(each);
      auto pages =
          client.projects(id, project_filter().page_size(3), sequence_options().ahead(ahead));
      std::vector<organization_project> seen;
      std::size_t failures = 0;
      for (;;) {
        auto next = co_await pages.async_next();
        failures += next ? 0 : 1;
        if (next && !*next) break;
        if (next) seen.push_back(std::move(**next));
      }
      EXPECT_EQ(failures, 3u) << ahead;
      EXPECT_EQ(seen, all) << ahead;
    }
  });
}

TEST_P(FleetLists, AreTriedAgainAsOthers) {
  client_config config = config_for(server);
  config.retry = {.max_attempts = 3, .base = 0ms, .throttled_base = 1ms, .max_delay = 2ms};
  testing::with_client(config, [&](client& client) -> awaitable<void> {
    for (int i = 0; i < 2; ++i) server.inject({.kind = fault_kind::status, .status = 503});
    const auto all = co_await collect(client.organizations(organization_filter().page_size(2)));
    EXPECT_EQ(all.size(), account.organizations);
  });
}

TEST_P(FleetLists, AbandonThePageAheadWithTheSequence) {
  with_client([&](client& client) -> awaitable<void> {
    server.inject({.kind = fault_kind::none});
    server.inject({.kind = fault_kind::silent});
    {
      auto all =
          client.organizations(organization_filter().page_size(1), sequence_options().ahead());
      auto first = co_await all.async_next();
      EXPECT_TRUE(first.value());
    }
    co_await until([&] { return client.statistics().open() == 0; });
    auto all = client.organizations(organization_filter().page_size(1), sequence_options().ahead());
    std::optional<bool> read;
    {
      auto gone = std::move(all);
      gone.async_next(
          [&](const result<std::optional<organization>>& got) { read = got && got->has_value(); });
    }
    co_await until([&] { return read.has_value(); });
    EXPECT_TRUE(*read) << "a read goes on without its sequence";
  });
}

TEST_P(FleetLists, MayLoseTheirClientAmidAList) {
  run([&]() -> awaitable<void> {
    const auto executor = co_await asio::this_coro::executor;
    std::optional<client> gone(std::in_place, executor, config_for(server));
    auto all = gone->organizations(organization_filter().page_size(1), sequence_options().ahead());
    auto first = co_await all.async_next();
    EXPECT_TRUE(first.value());
    std::optional<errc> ended;
    all.async_next([&](const result<std::optional<organization>>& got) {
      ended = got ? errc() : static_cast<errc>(got.error().code().value());
    });
    gone.reset();
    co_await until([&] { return ended.has_value(); });
    EXPECT_TRUE(ended == errc() || ended == errc::cancelled);
    auto closed = co_await all.async_next();
    EXPECT_EQ(closed.error(), errc::client_closed);
  });
}

}  // namespace fleet_lists_test
}  // namespace upsun::testing
