#pragma once

#include <upsun/testing/sandbox.hpp>

#include <chrono>
#include <cstdint>
#include <set>
#include <shared_mutex>
#include <string>
#include <string_view>

#include "testing/reply.hpp"

namespace upsun::testing {

/// What a request to the token endpoint came to.
enum class token_outcome { exchanged, refreshed, refused };

/// Who may come in: the sandbox's token endpoint (RFC 6749), and the check of the tokens it gave.
/// No I/O and no clock. Thread safety: every member, from any thread.
class sandbox_auth {
 public:
  explicit sandbox_auth(const sandbox_options& options);

  [[nodiscard]] std::string token() const;
  [[nodiscard]] std::string api_token() const;
  void set_token(std::string token);
  void set_api_token(std::string api_token);
  void expire_access_tokens();
  void expire_refresh_tokens();
  void demand_step_up(bool demanded);

  /// The response to a request with this `Authorization`; null for one that may come in.
  [[nodiscard]] reply_ptr refuse(std::string_view authorization) const;

  [[nodiscard]] bool is_token_endpoint(std::string_view target) const {
    return target == endpoint_;
  }
  struct exchanged {
    reply_ptr response;
    token_outcome outcome = token_outcome::refused;
  };
  [[nodiscard]] exchanged exchange(std::string_view method, std::string_view authorization,
                                   std::string_view content_type, std::string_view body);

 private:
  using names = std::set<std::string, std::less<>>;

  [[nodiscard]] reply_ptr give();

  const std::string endpoint_;
  const std::chrono::seconds lifetime_;
  const bool refreshes_;
  mutable std::shared_mutex mutex_;
  std::string token_;
  std::string api_token_;
  names access_tokens_;
  names refresh_tokens_;
  std::uint64_t given_ = 0;
  bool step_up_ = false;
};

}  // namespace upsun::testing
