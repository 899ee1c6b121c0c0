#pragma once

#include <upsun/model/accepted_change.hpp>
#include <upsun/model/integration.hpp>
#include <upsun/result.hpp>
#include <upsun/transport.hpp>

#include <vector>

#include "calls/client_impl.hpp"

namespace upsun::operations {

// What a call's response becomes, by the client's settings. Its observer is notified of drift.

[[nodiscard]] result<integration> decode_one(const calls::client_impl& client,
                                             const http_response& response);
[[nodiscard]] result<std::vector<result<integration>>> decode_list(const calls::client_impl& client,
                                                                   const http_response& response);
[[nodiscard]] result<accepted_change> decode_change(const calls::client_impl& client,
                                                    const http_response& response);
[[nodiscard]] result<activity> decode_one_activity(const calls::client_impl& client,
                                                   const http_response& response);
[[nodiscard]] result<std::vector<result<activity>>> decode_activity_page(
    const calls::client_impl& client, const http_response& response);

}  // namespace upsun::operations
