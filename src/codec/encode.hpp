#pragma once

#include <string>

#include <upsun/model/integration_input.hpp>
#include <upsun/result.hpp>

namespace upsun::codec {

// Bodies of requests. `encode_integration` is declared in upsun/codec.hpp.

/// The body of a request that creates an integration: its `type` and the members that are set. The
/// text holds the secrets.
///
/// Errors: `errc::invalid_argument`, whose cause names the member, for what the API is known to
/// refuse: a port or facility out of range, a value that its enum does not list, `prune_branches`
/// without `fetch_branches`.
[[nodiscard]] result<std::string> encode_input(const integration_input& input);

/// The body of a request that changes an integration: the members that are set, never `type`.
/// Errors: as `encode_input`.
[[nodiscard]] result<std::string> encode_patch(const integration_patch& patch);

}  // namespace upsun::codec
