#pragma once

#include <memory>

#include <upsun/bulk_options.hpp>
#include <upsun/detail/bulk_work.hpp>
#include <upsun/fleet.hpp>

#include "calls/client_impl.hpp"

namespace upsun::operations {

/// Walks over a fleet, and hands on each integration.
[[nodiscard]] detail::prepared_call<fleet_report> walk(
    std::shared_ptr<calls::client_impl> client, fleet&& over,
    std::unique_ptr<detail::bulk_work<fleet_project>> work, bulk_options&& options);

}  // namespace upsun::operations
