// The user, organizations, projects and environments, over TLS, from a sandbox that serves a fleet.

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "integration/fleet.hpp"

namespace upsun::testing {
namespace fleet_operations_test {

using asio::awaitable;
using texts = std::vector<std::string>;

template <class T>
texts ids_of(const std::vector<T>& items) {
  texts ids;
  for (const T& each : items) ids.push_back(each.id);
  return ids;
}

class FleetOperations : public ServedFleet {};
INSTANTIATE_TEST_SUITE_P(Links, FleetOperations, ::testing::Bool(), name_of_links);

// ---- the user and organizations

TEST_P(FleetOperations, GetTheUser) {
  with_client([&](client& client) -> awaitable<void> {
    auto me = co_await client.async_get_current_user();
    EXPECT_EQ(me.value().id.size(), 36u);
    EXPECT_EQ(me->namespace_, "ns");
    EXPECT_EQ(me->email, "user@example.com");
    EXPECT_EQ(me->first_name, "Zoë");
    auto with_options = co_await client.async_get_current_user(call_options().timeout(5min));
    EXPECT_EQ(with_options.value(), *me);
  });
  client_config config = config_for(server);
  config.credentials = bearer_token("wrong");
  testing::with_client(config, [&](client& client) -> awaitable<void> {
    auto refused = co_await client.async_get_current_user();
    EXPECT_EQ(refused.error(), errc::unauthorized);
    EXPECT_EQ(refused.error().details().path_template, "/users/me");
  });
}

TEST_P(FleetOperations, ListOrganizations) {
  with_client([&](client& client) -> awaitable<void> {
    const auto all = co_await collect(client.organizations());
    EXPECT_EQ(all.size(), account.organizations);
    EXPECT_EQ(all.at(0).name, "alder");
    EXPECT_EQ(all.at(0).status, organization_status::active);
    EXPECT_EQ(all.at(0).namespace_, "ns");
    EXPECT_EQ(all.at(0).capabilities.size(), 3u);
    EXPECT_TRUE(all.at(0).ai_agent_settings->can_enable.value());

    for (const bool ahead : {false, true}) {
      const auto one_by_one = co_await collect(client.organizations(
          organization_filter().page_size(1), sequence_options().ahead(ahead)));
      EXPECT_EQ(one_by_one, all) << ahead;
    }
    const auto deleted = co_await collect(
        client.organizations(organization_filter().status(organization_status::deleted)));
    EXPECT_EQ(deleted.size(), 1u);
    const auto either =
        co_await collect(client.organizations(organization_filter()
                                                  .status(organization_status::deleted)
                                                  .status(organization_status::active)
                                                  .page_size(3)));
    EXPECT_EQ(either.size(), all.size() + 1);
    const auto named = co_await collect(
        client.organizations(organization_filter().name("alder").name("none").page_size(100)));
    EXPECT_EQ(ids_of(named), texts{all.at(0).id});
    const auto none = co_await collect(client.organizations(organization_filter().id("none")));
    EXPECT_TRUE(none.empty());
  });
}

TEST_P(FleetOperations, GetAnOrganizationByItsIdOrName) {
  with_client([&](client& client) -> awaitable<void> {
    const auto all = co_await collect(client.organizations());
    for (const organization& each : all) {
      auto by_id = co_await client.async_get_organization(organization_id(each.id));
      EXPECT_EQ(by_id.value(), each);
      const auto name = organization_id::named(each.name.value());
      auto by_name = co_await client.async_get_organization(name);
      EXPECT_EQ(by_name.value(), each);
    }
    auto none = co_await client.async_get_organization(organization_id::named("none"));
    expect_problem(none.error(), errc::not_found, "Not Found", "The organization does not exist.");
    EXPECT_EQ(none.error().details().path_template, "/organizations/{organization_id}");
    EXPECT_EQ(none.error().details().status, 404);
    auto refused = co_await client.async_get_organization(organization_id(".."));
    EXPECT_EQ(refused.error(), errc::invalid_argument);

    auto me = co_await client.async_get_current_user();
    const user_id user(me.value().id);
    const auto shared = co_await collect(client.shared_projects(user));
    auto foreign = co_await client.async_get_organization(
        organization_id(shared.at(0).organization_id.value()));
    expect_problem(foreign.error(), errc::forbidden, "Forbidden",
                   "You may not see this organization.");
  });
}

// ---- projects

TEST_P(FleetOperations, ListProjects) {
  with_client([&](client& client) -> awaitable<void> {
    const auto organizations = co_await collect(client.organizations());
    std::set<std::string> found;
    for (const organization& each : organizations) {
      const organization_id id(each.id);
      auto pages = client.projects(id, project_filter().page_size(4));
      auto first = co_await pages.async_next_page();
      const auto& hidden = account.forbidden_organizations;
      if (std::count(hidden.begin(), hidden.end(), each.id) > 0) {
        expect_problem(first.error(), errc::forbidden, "Forbidden",
                       "You may not list the projects of this organization.");
        auto again = co_await pages.async_next();
        EXPECT_EQ(again.error(), errc::forbidden);
        continue;
      }
      EXPECT_EQ(first.value().items.size(), 4u);
      EXPECT_FALSE(first->facets.empty());
      EXPECT_EQ(first->links.at("next").starts_with("https://"), GetParam());

      const auto all = co_await collect(client.projects(id));
      EXPECT_EQ(static_cast<std::size_t>(first->count.value()), all.size());
      for (const bool ahead : {false, true}) {
        const auto by_few = co_await collect(
            client.projects(id, project_filter().page_size(7), sequence_options().ahead(ahead)));
        EXPECT_EQ(by_few, all) << ahead;
      }
      const auto name = organization_id::named(each.name.value());
      const auto by_name = co_await collect(client.projects(name));
      EXPECT_EQ(by_name, all);
      for (const organization_project& project : all) {
        EXPECT_EQ(project.organization_id, each.id);
        found.insert(project.id);
      }
    }
    EXPECT_EQ(found.size(), account.projects);
  });
}

TEST_P(FleetOperations, FilterProjects) {
  with_client([&](client& client) -> awaitable<void> {
    const organization of = co_await some_organization(client);
    const organization_id id(of.id);
    const auto all = co_await collect(client.projects(id));
    const auto filtered = [&](project_filter filter) -> awaitable<texts> {
      const auto found = co_await collect(client.projects(id, std::move(filter)));
      co_return ids_of(found);
    };
    auto filter = project_filter().id(all.at(2).id).id(all.at(1).id);
    const texts by_id = co_await filtered(filter);
    EXPECT_EQ(by_id, (texts{all.at(1).id, all.at(2).id}));
    filter = project_filter().title_contains(all.at(3).title.value());
    const texts by_title = co_await filtered(filter);
    EXPECT_EQ(by_title, texts{all.at(3).id});
    filter = project_filter().status(project_status::active).page_size(3);
    const texts active = co_await filtered(filter);
    EXPECT_EQ(active, ids_of(all));
    filter = project_filter().status(project_status::deleted);
    const texts deleted = co_await filtered(filter);
    EXPECT_EQ(deleted, texts());
  });
}

TEST_P(FleetOperations, RefuseAPageSizeBeyondTheLimitsBeforeAnythingIsSent) {
  with_client([&](client& client) -> awaitable<void> {
    for (const std::int64_t size : {0, 101, -1}) {
      auto organizations = client.organizations(organization_filter().page_size(size));
      auto refused = co_await organizations.async_next();
      EXPECT_EQ(refused.error(), errc::invalid_argument) << size;
      auto projects = client.projects(organization_id("o"), project_filter().page_size(size));
      auto page = co_await projects.async_next_page();
      EXPECT_EQ(page.error(), errc::invalid_argument) << size;
    }
    EXPECT_EQ(server.statistics().requests, 0u);
    for (const std::int64_t size : {1, 100}) {
      auto organizations = client.organizations(organization_filter().page_size(size));
      auto page = co_await organizations.async_next_page();
      EXPECT_EQ(page.value().items.size(), size == 1 ? 1u : 3u) << size;
    }
  });
}

TEST_P(FleetOperations, GetAProjectAndWhatItMayUse) {
  with_client([&](client& client) -> awaitable<void> {
    const organization_project listed = co_await some_project(client);
    const project_id id(listed.id);
    auto got = co_await client.async_get_project(id);
    EXPECT_EQ(got.value().id, listed.id);
    EXPECT_EQ(got->title, listed.title);
    EXPECT_EQ(got->organization, listed.organization_id);
    EXPECT_EQ(got->region, listed.region);
    EXPECT_EQ(got->namespace_, "ns");
    EXPECT_EQ(got->status.code, "provisioned");
    EXPECT_EQ(got->attributes.text(), "{}");

    auto able = co_await client.async_get_project_capabilities(id);
    const auto& integrations = able.value().integrations;
    EXPECT_TRUE(integrations->allows("webhook"));
    EXPECT_TRUE(integrations->allows("health.slack"));
    EXPECT_FALSE(integrations->allows("cdn.fastly"));
    EXPECT_FALSE(integrations->allows("none"));
    EXPECT_EQ(able->object_storage->cpu_per_step, 0.5);
    EXPECT_FALSE(able->images.empty());

    const project_id missing(account.missing.at(0));
    auto gone = co_await client.async_get_project(missing);
    EXPECT_EQ(gone.error(), errc::not_found);
    auto unable = co_await client.async_get_project_capabilities(missing);
    EXPECT_EQ(unable.error(), errc::not_found);
    server.forbid(listed.id);
    auto forbidden = co_await client.async_get_project(id);
    EXPECT_EQ(forbidden.error(), errc::forbidden);
    EXPECT_EQ(forbidden.error().details().path_template, "/projects/{projectId}");
  });
}

TEST_P(FleetOperations, GetEnvironments) {
  with_client([&](client& client) -> awaitable<void> {
    const organization_project listed = co_await some_project(client);
    const project_id id(listed.id);
    auto all = co_await client.async_list_environments(id);
    texts ids;
    for (const auto& each : all.value()) {
      ids.push_back(each.value().id);
      const environment_ref ref(id, environment_id(each->id));
      auto got = co_await client.async_get_environment(ref);
      EXPECT_EQ(got.value(), *each);
    }
    EXPECT_EQ(ids, (texts{"main", "staging", "feature/x", "pr-7", "feature/ü ber"}));
    const environment& main = all->at(0).value();
    EXPECT_EQ(main.type, environment_type::production);
    EXPECT_EQ(main.deployment_state->crons->status, cron_status::running);
    EXPECT_EQ(main.parent, std::nullopt);
    EXPECT_EQ(main.project, listed.id);
    EXPECT_EQ(all->at(2).value().deployment_state, std::nullopt);
    EXPECT_EQ(all->at(2).value().parent, "main");

    const environment_ref none(id, environment_id("none"));
    auto missing = co_await client.async_get_environment(none);
    EXPECT_EQ(missing.error(), errc::not_found);
    EXPECT_EQ(missing.error().server()->message, "The environment does not exist.");
    const environment_ref dots(id, environment_id(".."));
    auto refused = co_await client.async_get_environment(dots);
    EXPECT_EQ(refused.error(), errc::invalid_argument);
    auto gone = co_await client.async_list_environments(project_id(account.missing.at(0)));
    EXPECT_EQ(gone.error(), errc::not_found);
  });
}

}  // namespace fleet_operations_test
}  // namespace upsun::testing
