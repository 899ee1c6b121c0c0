#pragma once

#include <memory>
#include <vector>

#include <upsun/bulk_options.hpp>
#include <upsun/client.hpp>
#include <upsun/detail/bulk_work.hpp>

#include "calls/client_impl.hpp"

namespace upsun::operations {

/// Fetches many, and gives all results at once.
[[nodiscard]] detail::prepared_call<bulk_results> get_many(
    std::shared_ptr<calls::client_impl> client, std::vector<integration_ref>&& refs,
    bulk_options&& options);

/// Fetches many, and hands each on as it comes.
[[nodiscard]] detail::prepared_call<bulk_report> for_each(
    std::shared_ptr<calls::client_impl> client,
    std::unique_ptr<detail::bulk_work<integration_ref>> work, bulk_options&& options);
/// Lists many projects, and hands on each integration.
[[nodiscard]] detail::prepared_call<bulk_report> for_each(
    std::shared_ptr<calls::client_impl> client, std::unique_ptr<detail::bulk_work<project_id>> work,
    bulk_options&& options);

}  // namespace upsun::operations
