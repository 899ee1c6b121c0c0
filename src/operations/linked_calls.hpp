#pragma once

#include <boost/asio/awaitable.hpp>

#include <string>

#include <upsun/activity_log.hpp>
#include <upsun/model/ids.hpp>
#include <upsun/model/validation.hpp>
#include <upsun/result.hpp>

namespace upsun::calls {
class composed_base;
}

namespace upsun::operations {

// Operations that a document offers by its links: fetch it, then follow one of them. A link whose
// requests carry the token is refused unless it leads to the API's own host.

/// `client::async_validate_integration`
[[nodiscard]] boost::asio::awaitable<result<validation>> validate_integration(
    calls::composed_base& steps, integration_ref ref);

/// `client::async_trigger_hook`. The link leads anywhere, and no token goes there.
[[nodiscard]] boost::asio::awaitable<result<void>> trigger_hook(calls::composed_base& steps,
                                                                integration_ref ref);

/// `client::async_get_hook_url`. Nothing is sent there.
[[nodiscard]] boost::asio::awaitable<result<std::string>> get_hook_url(calls::composed_base& steps,
                                                                       integration_ref ref);

/// `client::async_open_activity_log`. The link is only found; the log's first line opens it.
[[nodiscard]] boost::asio::awaitable<result<activity_log>> open_activity_log(
    calls::composed_base& steps, activity_scope of, activity_id activity, log_options options);

}  // namespace upsun::operations
