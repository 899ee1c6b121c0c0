// The resources around integrations: the user, organizations, projects, environments, and what is
// shared, over TLS, from a sandbox that serves a fleet.

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "integration/harness.hpp"

namespace upsun::testing {
namespace fleet_operations_test {

using asio::awaitable;
using texts = std::vector<std::string>;

/// Everything that a sequence gives, which must be good.
template <class T>
awaitable<std::vector<T>> collect(sequence<T> from) {
  std::vector<T> all;
  for (;;) {
    auto next = co_await from.async_next();
    if (!next) ADD_FAILURE() << next.error();
    if (!next || !*next) co_return all;
    all.push_back(std::move(**next));
  }
}

template <class T>
texts ids_of(const std::vector<T>& items) {
  texts ids;
  for (const T& each : items) ids.push_back(each.id);
  return ids;
}

/// Three organizations, of which the projects of one must not be listed, and shared projects. With
/// relative links, or with absolute ones below a path.
struct FleetOperations : ::testing::TestWithParam<bool> {
  sandbox server{{.path_prefix = GetParam() ? "/api/v1" : "",
                  .manual_clock = true,
                  .fleet = {.organizations = 3,
                            .projects = 60,
                            .integrations = 2,
                            .environments = 5,
                            .shared_projects = 60,
                            .absolute_links = GetParam(),
                            .missing_every = 7,
                            .forbidden_organizations_every = 3}}};
  const sandbox_fleet_account account = server.account();

  template <class Body>
  void with_client(Body body) {
    testing::with_client(config_for(server), std::move(body));
  }
  /// The first organization whose projects may be listed.
  awaitable<organization> some_organization(client& from) {
    auto all = co_await collect(from.organizations());
    for (organization& each : all) {
      const bool hidden = std::count(account.forbidden_organizations.begin(),
                                     account.forbidden_organizations.end(), each.id) > 0;
      if (!hidden) co_return std::move(each);
    }
    throw std::logic_error("there is none");
  }
  bool is_missing(const std::string& id) const {
    return std::count(account.missing.begin(), account.missing.end(), id) > 0;
  }
  /// A project of that organization that exists.
  awaitable<organization_project> some_project(client& from) {
    const organization of = co_await some_organization(from);
    const organization_id id(of.id);
    auto all = co_await collect(from.projects(id));
    for (organization_project& each : all) {
      if (!is_missing(each.id)) co_return std::move(each);
    }
    throw std::logic_error("there is none");
  }
};
INSTANTIATE_TEST_SUITE_P(Links, FleetOperations, ::testing::Bool(), [](const auto& absolute) {
  return absolute.param ? "Absolute" : "Relative";
});

/// With what the server says in its problem document.
void expect_problem(const error& e, errc code, const std::string& title,
                    const std::string& detail) {
  EXPECT_EQ(e, code);
  ASSERT_NE(e.server(), nullptr) << e;
  EXPECT_EQ(e.server()->message, title);
  ASSERT_EQ(e.server()->fields.size(), 1u) << e;
  EXPECT_EQ(e.server()->fields[0].message, detail);
}

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
      EXPECT_EQ(page.value().items.size(), std::min<std::size_t>(size == 1 ? 1 : 3, 3)) << size;
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

// ---- what is shared

TEST_P(FleetOperations, ListSharedProjectsAndTheirNames) {
  with_client([&](client& client) -> awaitable<void> {
    auto me = co_await client.async_get_current_user();
    const user_id user(me.value().id);
    std::set<std::string> granted;
    std::map<std::string, std::string> titles;
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
    EXPECT_GT(granted.size(), account.shared_projects) << "some of the user's own, too";
    for (const std::string& id : granted) EXPECT_EQ(titles.contains(id), !is_missing(id)) << id;

    auto others = client.shared_projects(user_id("someone"));
    auto refused = co_await others.async_next();
    expect_problem(refused.error(), errc::forbidden, "Forbidden",
                   "You may not see what another user has.");
  });
}

TEST_P(FleetOperations, FollowReferencesOnlyAsTheyAreAndToTheApi) {
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

TEST_P(FleetOperations, SendNothingToTheForeignHostOfALink) {
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

TEST_P(FleetOperations, GoOnBehindAPageThatFailed) {
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

TEST_P(FleetOperations, AreTriedAgainAsOthers) {
  client_config config = config_for(server);
  config.retry = {.max_attempts = 3, .base = 0ms, .throttled_base = 1ms, .max_delay = 2ms};
  testing::with_client(config, [&](client& client) -> awaitable<void> {
    for (int i = 0; i < 2; ++i) server.inject({.kind = fault_kind::status, .status = 503});
    const auto all = co_await collect(client.organizations(organization_filter().page_size(2)));
    EXPECT_EQ(all.size(), account.organizations);
  });
}

TEST_P(FleetOperations, AbandonThePageAheadWithTheSequence) {
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

TEST_P(FleetOperations, MayLoseTheirClientAmidAList) {
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

}  // namespace fleet_operations_test
}  // namespace upsun::testing
