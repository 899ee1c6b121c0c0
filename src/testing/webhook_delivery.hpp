#pragma once

#include <string>
#include <string_view>

#include <upsun/model/hook_settings.hpp>

namespace upsun::testing {

/// Posts `body` to the listener of a webhook as the platform does: JSON, signed when there is a
/// key. Blocks until it has responded, for 10 s at most. \return the response's status. \throws
/// std::invalid_argument for a URL other than `http://` with a loopback address or "localhost";
/// boost::system::system_error when nobody listens or the response is not HTTP.
int deliver(const webhook_settings& to, std::string_view body);

}  // namespace upsun::testing
