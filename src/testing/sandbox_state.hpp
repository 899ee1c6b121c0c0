#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>

#include "testing/fault_script.hpp"
#include "testing/sandbox_api.hpp"
#include "testing/sandbox_counters.hpp"
#include "testing/server_stream.hpp"

namespace upsun::testing {

/// What all connections of a sandbox share.
struct sandbox_state {
  sandbox_auth auth;
  sandbox_api api;
  std::chrono::milliseconds latency;
  bool compress = false;
  std::shared_ptr<boost::asio::ssl::context> tls;  ///< Null: plain HTTP.
  http_version http;
  fault_script faults{};
  sandbox_counters counters{};
  std::atomic<std::uint32_t> max_streams{100};  ///< On a connection over HTTP/2.

  /// The usual response; without a body to a HEAD.
  [[nodiscard]] reply_ptr respond(const api_request& request);
};

/// The response of `fault_kind::status`.
[[nodiscard]] reply scripted_reply(const fault& what, bool is_head);

inline constexpr std::size_t largest_body = 1024 * 1024;  // of a request

}  // namespace upsun::testing
