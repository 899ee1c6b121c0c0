#pragma once

#include <memory>

#include <upsun/client.hpp>
#include <upsun/model/accepted_change.hpp>

#include "api/operation.hpp"

// Fetches whose answers are shared, by coalescing or by the cache. See doc/caching.md.

namespace upsun::operations {

/// Whether calls with these options may share an answer: nothing in them changes the request, or
/// how it is made.
[[nodiscard]] bool may_share(const call_options& options);

/// One caller's part of a fetch that may be shared, or of an answer that is kept. The client's
/// `sharing` is not null.
[[nodiscard]] detail::prepared_call<integration> prepare_shared_get(
    std::shared_ptr<calls::client_impl> client, api::operation&& get, call_options&& options);

/// `change`, after which, however it ends, what the client shares of the integration is forgotten
/// before the caller learns of it.
[[nodiscard]] detail::prepared_call<accepted_change> forget_after(
    std::shared_ptr<calls::client_impl> client, const integration_ref& changed,
    detail::prepared_call<accepted_change> change);

}  // namespace upsun::operations
