#pragma once

#include <string_view>

namespace upsun::benchmarks {

/// As the API sends it: six fraction digits, every member, few of them long.
inline constexpr std::string_view bitbucket_document =
    R"({"created_at":"2026-12-13T16:06:08.081312+00:00","updated_at":"2026-12-13T16:06:08.081312+00:00","type":"bitbucket","role":"administrator-1",)"
    R"("fetch_branches":true,"prune_branches":true,"environment_init_resources":"default","repository":"acme-engineering/storefront-backend",)"
    R"("build_pull_requests":true,"pull_requests_clone_parent_data":true,"resync_pull_requests":true,"id":"bbk3n2kq4yz7mbbk3n2kq4yz7m",)"
    R"("app_credentials":{"key":"Qm9vc3QuSlNPTiBzYXlzIGhlbGxvIQ"},"addon_credentials":{"addon_key":"com.acme-engineering.storefront-addon",)"
    R"("client_key":"ari:cloud:bitbucket::app/7c1e2c9a-51f8-4b58-8a5f-0e3e7d2b9f64/deployment-production"}})";
static_assert(bitbucket_document.size() == 635);

}  // namespace upsun::benchmarks
