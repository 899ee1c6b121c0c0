#pragma once

#include <memory>

#include <upsun/model/ids.hpp>
#include <upsun/wait.hpp>

#include "calls/client_impl.hpp"

namespace upsun::operations {

/// `client::async_wait_for_activities`.
[[nodiscard]] detail::prepared_call<wait_report> prepare_wait(
    std::shared_ptr<calls::client_impl> client, const activity_scope& of, awaited_activities&& what,
    wait_options&& options);

}  // namespace upsun::operations
