#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <upsun/transport.hpp>

// W3C Trace Context (Recommendation of 23 November 2021), as a client passes it on.

namespace upsun::api {

/// Why a call's trace cannot be sent, as the rest of a sentence; nothing when it can, or when both
/// are empty. Names neither value.
///
/// `traceparent` (section 3.2): version 00, lower-case hexadecimal, neither id all zero.
/// `tracestate` (section 3.3): at most 512 characters and 32 members, keys and values of the
/// grammar, no key twice; spaces around members and empty members are allowed, tabs are not. A
/// tracestate needs a traceparent.
[[nodiscard]] std::optional<std::string> refuse_trace(std::string_view traceparent,
                                                      std::string_view tracestate);

/// Adds to the request of one attempt the trace it belongs to, with a parent id of its own: the
/// same trace id and flags, the id from `dice` (zero, which is no id, becomes one). Adds nothing
/// when `traceparent` is empty. Both have passed `refuse_trace`.
void append_trace(http_request& request, std::string_view traceparent, std::string_view tracestate,
                  std::uint64_t dice);

}  // namespace upsun::api
