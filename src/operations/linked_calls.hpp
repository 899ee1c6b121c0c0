#pragma once

#include <boost/asio/awaitable.hpp>

#include <upsun/model/ids.hpp>
#include <upsun/model/validation.hpp>
#include <upsun/result.hpp>

namespace upsun::calls {
class composed_base;
}

namespace upsun::operations {

// Operations that a document offers by its links: fetch the integration, then follow one of its
// links.

/// `client::async_validate_integration`. The link counts as the API's own, which gets the token, or
/// is refused.
[[nodiscard]] boost::asio::awaitable<result<validation>> validate_integration(
    calls::composed_base& steps, integration_ref ref);

/// `client::async_trigger_hook`. The link leads anywhere, and no token goes there.
[[nodiscard]] boost::asio::awaitable<result<void>> trigger_hook(calls::composed_base& steps,
                                                                integration_ref ref);

}  // namespace upsun::operations
