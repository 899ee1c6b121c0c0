#include "api/resources.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace upsun::api {
namespace resources_test {

util::origin origin_of(std::string_view url) {
  util::origin where;
  EXPECT_EQ(util::parse_origin(url, where), std::nullopt);
  return where;
}

TEST(Resources, AreAskedForAsTheApiDocuments) {
  const project_id project("a/b");
  struct expectation {
    result<operation> made;
    std::string_view path_template;
    std::string_view target;
  };
  constexpr std::string_view of_organization = "/organizations/{organization_id}";
  constexpr std::string_view projects = "/organizations/{organization_id}/projects";
  const std::vector<expectation> table{
      {fetch({"/users/me"}), "/users/me", "/v1/users/me"},
      {fetch({of_organization, organization_id("01K")}), of_organization, "/v1/organizations/01K"},
      {fetch({of_organization, organization_id::named("acme")}), of_organization,
       "/v1/organizations/name=acme"},
      {fetch({of_organization, organization_id::named("a=b c/d?e")}), of_organization,
       "/v1/organizations/name=a=b%20c%2Fd%3Fe"},
      {fetch({"/projects/{projectId}", project}), "/projects/{projectId}", "/v1/projects/a%2Fb"},
      {fetch({"/projects/{projectId}/environments/{environmentId}", project,
              environment_id("feature/ü %")}),
       "/projects/{projectId}/environments/{environmentId}",
       "/v1/projects/a%2Fb/environments/feature%2F%C3%BC%20%25"},
      {list_organizations({}), "/organizations", "/v1/organizations?page%5Bsize%5D=100"},
      {list_projects(organization_id::named("acme"), {}), projects,
       "/v1/organizations/name=acme/projects?page%5Bsize%5D=100"},
      {list_shared_projects(user_id("u")), "/users/{user_id}/extended-access",
       "/v1/users/u/extended-access?filter%5Bresource_type%5D=project"}};
  for (const expectation& each : table) {
    SCOPED_TRACE(each.target);
    ASSERT_TRUE(each.made);
    EXPECT_EQ(each.made->method, "GET");
    EXPECT_EQ(each.made->path_template, each.path_template);
    EXPECT_EQ(target_of(*each.made, "/v1"), each.target);
    EXPECT_TRUE(each.made->idempotent);
    EXPECT_EQ(each.made->expects, response_body::required);
    EXPECT_EQ(each.made->body, "");
  }
}

TEST(Filters, BecomeAQuery) {
  const auto organizations = list_organizations(organization_filter()
                                                    .id("o1")
                                                    .name("acme")
                                                    .name("b&c")
                                                    .status(organization_status::active)
                                                    .status(open_enum<organization_status>("new"))
                                                    .type(organization_type::fixed)
                                                    .owner("u1")
                                                    .owner("u2")
                                                    .sort("-updated_at")
                                                    .page_size(1));
  EXPECT_EQ(organizations.value().query,
            "page%5Bsize%5D=1&filter%5Bid%5D%5Beq%5D=o1&filter%5Bname%5D%5Bin%5D=acme%2Cb%26c"
            "&filter%5Bstatus%5D%5Bin%5D=active%2Cnew&filter%5Btype%5D%5Beq%5D=fixed"
            "&filter%5Bowner_id%5D%5Beq%5D=u2&sort=-updated_at");
  const auto projects = list_projects(organization_id("o"), project_filter()
                                                                .id("p1")
                                                                .id("p2")
                                                                .title_contains("a, b")
                                                                .status(project_status::suspended)
                                                                .sort("title")
                                                                .page_size(100));
  EXPECT_EQ(projects.value().query,
            "page%5Bsize%5D=100&filter%5Bid%5D%5Bin%5D=p1%2Cp2"
            "&filter%5Btitle%5D%5Bcontains%5D=a%2C%20b&filter%5Bstatus%5D%5Beq%5D=suspended"
            "&sort=title");
}

TEST(Resources, SayWhichIdOrFilterIsRefused) {
  struct expectation {
    result<operation> made;
    std::string_view cause;
  };
  const auto organizations = [](const organization_filter& filter) {
    return list_organizations(filter);
  };
  const auto projects = [](const project_filter& filter) {
    return list_projects(organization_id("o"), filter);
  };
  const std::string environments = "/projects/{projectId}/environments/{environmentId}";
  const std::vector<expectation> table{
      {fetch({"/users/{user_id}/extended-access", user_id("..")}),
       "the user id is a dot segment, which would name another resource"},
      {list_shared_projects(user_id("")), "the user id is empty"},
      {fetch({environments, project_id(""), environment_id("e")}), "the project id is empty"},
      {fetch({environments, project_id("p"), environment_id(".")}),
       "the environment id is a dot segment, which would name another resource"},
      {fetch({environments, project_id("p"), environment_id("a\nb")}),
       "the environment id holds a control character"},
      {list_projects(organization_id(""), {}), "the organization id is empty"},
      {list_projects(organization_id(".."), project_filter().page_size(0)),
       "the organization id is a dot segment, which would name another resource"},
      {organizations(organization_filter().page_size(0)),
       "the filter's page_size is 0, and must be from 1 to 100"},
      {organizations(organization_filter().page_size(101)),
       "the filter's page_size is 101, and must be from 1 to 100"},
      {projects(project_filter().page_size(-1)),
       "the filter's page_size is -1, and must be from 1 to 100"},
      {organizations(organization_filter().name("a,b")), "the filter's name holds a comma"},
      {organizations(organization_filter().id("a").id("")), "the filter's id is empty"},
      {organizations(organization_filter().owner("")), "the filter's owner_id is empty"},
      {organizations(organization_filter().status(open_enum<organization_status>("a,b"))),
       "the filter's status holds a comma"},
      {organizations(organization_filter().type(open_enum<organization_type>(""))),
       "the filter's type is empty"},
      {projects(project_filter().id("")), "the filter's id is empty"},
      {projects(project_filter().status(open_enum<project_status>("a,b"))),
       "the filter's status holds a comma"},
      {projects(project_filter().page_size(0).id("a,b")),
       "the filter's page_size is 0, and must be from 1 to 100"}};
  for (const expectation& each : table) {
    SCOPED_TRACE(each.cause);
    ASSERT_FALSE(each.made);
    EXPECT_EQ(each.made.error(), errc::invalid_argument);
    EXPECT_EQ(each.made.error().phase(), phase::admission);
    EXPECT_EQ(each.made.error().details().method, "GET");
    EXPECT_FALSE(each.made.error().details().path_template.empty());
    EXPECT_EQ(each.made.error().details().cause, each.cause);
  }
}

TEST(FollowOwn, AsksForWhatALinkLeadsToAsItIs) {
  const util::origin api = origin_of("https://api.upsun.com");
  const std::string link = "/ref/projects?in=p1,p2&sig=a%2Bb%3D&x[y]=z";
  const auto made = follow_own("/ref/projects", link, api);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->method, "GET");
  EXPECT_EQ(made->path_template, "/ref/projects");
  EXPECT_EQ(target_of(*made, "/ignored"), link);
  const auto absolute = follow_own("/ref/projects", "https://api.upsun.com" + link, api);
  EXPECT_EQ(target_of(absolute.value(), ""), link);
  const auto regional = follow_own("/ref/projects", "https://eu-5.platform.sh/api" + link, api);
  EXPECT_EQ(target_of(regional.value(), ""), link);
  const auto below = follow_own("/ref/projects", link, origin_of("https://proxy.example/api/v1"));
  EXPECT_EQ(target_of(below.value(), ""), "/api/v1" + link);
}

TEST(FollowOwn, SaysWhyALinkCannotBeFollowed) {
  const util::origin api = origin_of("https://api.upsun.com");
  const std::vector<std::pair<std::string, std::string>> table{
      {"https://evil.example/planted?sig=x",
       "the link leads to elsewhere than the API, which must not see the token"},
      {"//evil.example/ref/projects",
       "the link is not the URL of a resource: a host without a scheme"},
      {"ftp://api.upsun.com/ref/projects",
       "the link is not the URL of a resource: a URL that must begin with https:// or http://"},
      {"/ref/projects#planted", "the link is not the URL of a resource: a fragment"}};
  for (const auto& [link, cause] : table) {
    const auto refused = follow_own("/ref/projects", link, api);
    ASSERT_FALSE(refused) << link;
    EXPECT_EQ(refused.error(), errc::decode_failed) << link;
    EXPECT_EQ(refused.error().details().path_template, "/ref/projects");
    EXPECT_EQ(refused.error().details().cause, cause) << link;
  }
}

}  // namespace resources_test
}  // namespace upsun::api
