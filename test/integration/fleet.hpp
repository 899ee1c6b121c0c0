#pragma once

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "integration/harness.hpp"

namespace upsun::testing {

/// Everything that a sequence gives, which must be good.
template <class T>
asio::awaitable<std::vector<T>> collect(sequence<T> from) {
  std::vector<T> all;
  for (;;) {
    auto next = co_await from.async_next();
    if (!next) ADD_FAILURE() << next.error();
    if (!next || !*next) co_return all;
    all.push_back(std::move(**next));
  }
}

/// Three organizations, of which the projects of one must not be listed, and shared projects. With
/// relative links, or with absolute ones below a path.
struct ServedFleet : ::testing::TestWithParam<bool> {
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
  asio::awaitable<organization> some_organization(client& from) {
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
  asio::awaitable<organization_project> some_project(client& from) {
    const organization of = co_await some_organization(from);
    const organization_id id(of.id);
    auto all = co_await collect(from.projects(id));
    for (organization_project& each : all) {
      if (!is_missing(each.id)) co_return std::move(each);
    }
    throw std::logic_error("there is none");
  }
};

inline std::string name_of_links(const ::testing::TestParamInfo<bool>& absolute) {
  return absolute.param ? "Absolute" : "Relative";
}

/// With what the server says in its problem document.
inline void expect_problem(const error& e, errc code, const std::string& title,
                           const std::string& detail) {
  EXPECT_EQ(e, code);
  ASSERT_NE(e.server(), nullptr) << e;
  EXPECT_EQ(e.server()->message, title);
  ASSERT_EQ(e.server()->fields.size(), 1u) << e;
  EXPECT_EQ(e.server()->fields[0].message, detail);
}

}  // namespace upsun::testing
