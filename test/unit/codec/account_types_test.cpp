// The documents of users, organizations, their projects, and what others share.

#include <gtest/gtest.h>

#include <string>

#include "member_rules.hpp"

namespace upsun {
namespace account_types_test {

using codec::decode_document;
using testing::expect_rules;
using testing::moment;
using testing::printed;

/// Members beyond the document, which are everywhere.
const std::string more =
    R"(,"mfa_enabled":true,"x":{"id":[{"id":7}]},"_links":{"self":{"href":"/x"},"delete":null},)"
    R"("_embedded":{"id":5}})";
const std::set<std::string> free_members{"/mfa_enabled", "/x", "/_links", "/_embedded"};

// ---- the user

const std::string full_user =
    R"({"id":"0b5a7d2e-3c4f-4e6a-9b8c-7d6e5f4a3b2c","deactivated":false,"namespace":"ns",)"
    R"("username":"zoe","email":"zoe@acme.example","email_verified":true,"first_name":"Zo\u00eb",)"
    R"("last_name":"O'Neil","picture":"https://acme.example/zoe.png","company":"Acme",)"
    R"("website":"https://acme.example","country":"FR",)"
    R"("created_at":"2022-05-01T09:00:00.081312+00:00","updated_at":"2026-01-02T03:04:05Z",)"
    R"("consented_at":"2022-05-01T11:00:00+02:00","consent_method":"opt-in")" +
    more;

TEST(DecodeUser, ReadsEveryMember) {
  const user expected{.id = "0b5a7d2e-3c4f-4e6a-9b8c-7d6e5f4a3b2c",
                      .deactivated = false,
                      .namespace_ = "ns",
                      .username = "zoe",
                      .email = "zoe@acme.example",
                      .email_verified = true,
                      .first_name = "Zoë",
                      .last_name = "O'Neil",
                      .picture = "https://acme.example/zoe.png",
                      .company = "Acme",
                      .website = "https://acme.example",
                      .country = "FR",
                      .created_at = moment("2022-05-01T09:00:00.081312Z"),
                      .updated_at = moment("2026-01-02T03:04:05Z"),
                      .consented_at = moment("2022-05-01T09:00:00Z"),
                      .consent_method = "opt-in"};
  EXPECT_EQ(decode_document<user>(full_user, {}).value(), expected);
}

TEST(DecodeUser, NeedsTheIdOnly) {
  EXPECT_EQ(decode_document<user>(R"({"id":"u"})", {}).value(), user{.id = "u"});
  expect_rules<user>(full_user, {.required = {"/id"}, .free = free_members});
}

TEST(DecodeUser, MendsHalvesOfPairs) {
  const auto mended =
      decode_document<user>(R"({"first_name":"a\ud83d!","id":"u","last_name":"\udc1fz"})", {});
  EXPECT_EQ(mended.value().first_name, "a\xEF\xBF\xBD!");
  EXPECT_EQ(mended->last_name, "\xEF\xBF\xBDz");
}

TEST(DecodeUser, RefusesWhatIsNoObject) {
  for (const char* text : {"[]", "7", "null", R"("u")"})
    EXPECT_EQ(decode_document<user>(text, {}).error().decode()->pointer, "") << text;
  for (const char* text : {"", " ", "{", R"({"id":"u")", R"({"id":"u"} x)", R"({"id":"u",})"})
    EXPECT_EQ(decode_document<user>(text, {}).error(), errc::decode_failed) << text;
  EXPECT_EQ(decode_document<user>(R"({"id":"u","id":"v"})", {}).error().decode()->pointer, "/id");
  EXPECT_EQ(decode_document<user>(R"({"id":"u"})", {.max_bytes = 9}).error(), errc::body_limit);
  EXPECT_EQ(decode_document<user>(R"({"id":"u","x":[[[[]]]]})", {.max_depth = 4}).error(),
            errc::json_depth_limit);
}

// ---- organizations

const std::string full_organization =
    R"({"id":"01KDVGX8WJ4Q5V6Z7Y8X9W0ABC","type":"flexible","owner_id":"u","namespace":"ns",)"
    R"("name":"acme","label":"Acme Ltd","country":"DE","capabilities":["metrics","sumo"],)"
    R"("vendor":"upsun","billing_profile_id":"bp-1","billing_legacy":false,)"
    R"("security_contact":"security@acme.example","ai_agent_settings":{"can_enable":true,)"
    R"("performance_agent_enabled":false,"log_analyzer_agent_enabled":true},"status":"restricted",)"
    R"("created_at":"2024-01-01T00:00:00Z","updated_at":"2024-01-02T00:00:00Z")" +
    more;

TEST(DecodeOrganization, ReadsEveryMember) {
  const organization expected{
      .id = "01KDVGX8WJ4Q5V6Z7Y8X9W0ABC",
      .type = organization_type::flexible,
      .owner_id = "u",
      .namespace_ = "ns",
      .name = "acme",
      .label = "Acme Ltd",
      .country = "DE",
      .capabilities = {"metrics", "sumo"},
      .vendor = "upsun",
      .billing_profile_id = "bp-1",
      .billing_legacy = false,
      .security_contact = "security@acme.example",
      .ai_agent_settings = ai_agent_settings{.can_enable = true,
                                             .performance_agent_enabled = false,
                                             .log_analyzer_agent_enabled = true},
      .status = organization_status::restricted,
      .created_at = moment("2024-01-01T00:00:00Z"),
      .updated_at = moment("2024-01-02T00:00:00Z")};
  EXPECT_EQ(decode_document<organization>(full_organization, {}).value(), expected);
}

TEST(DecodeOrganization, NeedsTheIdOnly) {
  EXPECT_EQ(decode_document<organization>(R"({"id":"o"})", {}).value(), organization{.id = "o"});
  expect_rules<organization>(full_organization, {.required = {"/id"},
                                                 .elements = {"/capabilities/0", "/capabilities/1"},
                                                 .free = free_members});
}

TEST(DecodeOrganization, KeepsWhatItDoesNotKnow) {
  const auto decoded =
      decode_document<organization>(R"({"id":"o","type":"enterprise","status":"frozen"})", {});
  EXPECT_EQ(decoded.value().type->known(), std::nullopt);
  EXPECT_EQ(decoded->type->str(), "enterprise");
  EXPECT_EQ(decoded->status->str(), "frozen");
}

TEST(DecodeOrganizationReference, ReadsEveryMember) {
  const std::string full =
      R"({"id":"o","type":"fixed","owner_id":"u","name":"acme","label":"Acme","vendor":"upsun",)"
      R"("created_at":"2024-01-01T00:00:00Z","updated_at":"2024-01-02T00:00:00Z")" +
      more;
  const organization_reference expected{.id = "o",
                                        .type = "fixed",
                                        .owner_id = "u",
                                        .name = "acme",
                                        .label = "Acme",
                                        .vendor = "upsun",
                                        .created_at = moment("2024-01-01T00:00:00Z"),
                                        .updated_at = moment("2024-01-02T00:00:00Z")};
  EXPECT_EQ(decode_document<organization_reference>(full, {}).value(), expected);
  expect_rules<organization_reference>(full, {.required = {"/id"}, .free = free_members});
}

// ---- their projects

const std::string full_project =
    R"({"id":"rjify4yjcwxaa","organization_id":"o","subscription_id":"1000001","vendor":"upsun",)"
    R"("region":"eu-5.platform.sh","title":"Blog","type":"dedicated","plan":"upsun/flexible",)"
    R"("timezone":"Europe/Paris","default_branch":"main","status":"suspended","trial_plan":true,)"
    R"("project_ui":"https://console.upsun.com/p","dedicated_tag":"tag",)"
    R"("created_at":"2024-01-01T00:00:00Z","updated_at":"2024-01-02T00:00:00Z",)"
    R"("activities": [{"id":"a", "log":"planted-secret"}] ,"fastly_service_ids":["f1","f2"],)"
    R"("project_options":{ "initialize" : {} })" +
    more;

TEST(DecodeOrganizationProject, ReadsEveryMember) {
  const organization_project expected{
      .id = "rjify4yjcwxaa",
      .organization_id = "o",
      .subscription_id = "1000001",
      .vendor = "upsun",
      .region = "eu-5.platform.sh",
      .title = "Blog",
      .type = project_type::dedicated,
      .plan = "upsun/flexible",
      .timezone = "Europe/Paris",
      .default_branch = "main",
      .status = project_status::suspended,
      .trial_plan = true,
      .project_ui = "https://console.upsun.com/p",
      .dedicated_tag = "tag",
      .created_at = moment("2024-01-01T00:00:00Z"),
      .updated_at = moment("2024-01-02T00:00:00Z"),
      .activities = raw_json(R"([{"id":"a", "log":"planted-secret"}])"),
      .fastly_service_ids = {"f1", "f2"},
      .project_options = raw_json(R"({ "initialize" : {} })")};
  const auto decoded = decode_document<organization_project>(full_project, {});
  EXPECT_EQ(decoded.value(), expected);
  EXPECT_EQ(printed(*decoded).find("planted-secret"), std::string::npos);
}

TEST(DecodeOrganizationProject, NeedsTheIdOnly) {
  EXPECT_EQ(decode_document<organization_project>(R"({"id":"p"})", {}).value(),
            organization_project{.id = "p"});
  auto free = free_members;
  free.insert({"/activities", "/project_options"});
  expect_rules<organization_project>(
      full_project, {.required = {"/id"},
                     .elements = {"/fastly_service_ids/0", "/fastly_service_ids/1"},
                     .free = free});
}

TEST(DecodeOrganizationProject, HasNothingForNull) {
  const auto decoded = decode_document<organization_project>(
      R"({"id":"p","activities":null,"fastly_service_ids":null,"project_options": null })", {});
  EXPECT_EQ(decoded.value(), organization_project{.id = "p"});
}

TEST(DecodeProjectReference, ReadsEveryMember) {
  const std::string full =
      R"({"id":"p","organization_id":"o","subscription_id":"7","region":"eu-5.platform.sh",)"
      R"("title":"Blog","type":"grid","plan":"upsun/flexible","status":"active",)"
      R"("created_at":"2024-01-01T00:00:00Z","updated_at":"2024-01-02T00:00:00Z","invoiced":true)" +
      more;
  const project_reference expected{.id = "p",
                                   .organization_id = "o",
                                   .subscription_id = "7",
                                   .region = "eu-5.platform.sh",
                                   .title = "Blog",
                                   .type = project_type::grid,
                                   .plan = "upsun/flexible",
                                   .status = project_status::active,
                                   .created_at = moment("2024-01-01T00:00:00Z"),
                                   .updated_at = moment("2024-01-02T00:00:00Z"),
                                   .invoiced = true};
  EXPECT_EQ(decode_document<project_reference>(full, {}).value(), expected);
  expect_rules<project_reference>(full, {.required = {"/id"}, .free = free_members});
}

// ---- what is shared

TEST(DecodeAccessGrant, ReadsEveryMember) {
  const std::string full =
      R"({"user_id":"u","resource_id":"p","resource_type":"project","organization_id":"o",)"
      R"("permissions":["viewer","development:viewer"],"granted_at":"2024-01-01T00:00:00Z",)"
      R"("updated_at":"2024-01-02T00:00:00Z")" +
      more;
  const access_grant expected{.user_id = "u",
                              .resource_id = "p",
                              .resource_type = granted_resource::project,
                              .organization_id = "o",
                              .permissions = {"viewer", "development:viewer"},
                              .granted_at = moment("2024-01-01T00:00:00Z"),
                              .updated_at = moment("2024-01-02T00:00:00Z")};
  EXPECT_EQ(decode_document<access_grant>(full, {}).value(), expected);
  expect_rules<access_grant>(full, {.required = {"/resource_id"},
                                    .elements = {"/permissions/0", "/permissions/1"},
                                    .free = free_members});
}

TEST(DecodeAccessGrant, NeedsTheResourceOnly) {
  const auto decoded =
      decode_document<access_grant>(R"({"resource_id":"x","resource_type":"team"})", {});
  EXPECT_EQ(decoded.value().resource_type->str(), "team");
  EXPECT_TRUE(decoded->permissions.empty());
  EXPECT_EQ(decode_document<access_grant>(R"({"resource_id":"x"})", {}).value(),
            access_grant{.resource_id = "x"});
}

}  // namespace account_types_test
}  // namespace upsun
