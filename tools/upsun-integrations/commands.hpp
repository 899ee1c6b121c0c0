#pragma once

#include <boost/asio/awaitable.hpp>

#include <upsun/client.hpp>

#include "command_line.hpp"
#include "exit_status.hpp"
#include "output.hpp"

namespace upsun::tool {

/// Carries a command out and prints what comes of it. References must outlive the coroutine.
/// \throws usage_error for members that the integration's kind does not have.
[[nodiscard]] boost::asio::awaitable<exit_status> carry_out(client& api, const request& wanted, output& out);

}  // namespace upsun::tool
