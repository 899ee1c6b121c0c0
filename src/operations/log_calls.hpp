#pragma once

#include <memory>

#include <upsun/activity_log.hpp>
#include <upsun/model/ids.hpp>

#include "calls/client_impl.hpp"

namespace upsun::operations {

/// `client::async_open_activity_log`: fetches the activity, and follows its link to the log.
[[nodiscard]] detail::prepared_call<activity_log> prepare_activity_log(
    std::shared_ptr<calls::client_impl> client, const integration_ref& ref, activity_id&& activity,
    log_options&& options);

}  // namespace upsun::operations
