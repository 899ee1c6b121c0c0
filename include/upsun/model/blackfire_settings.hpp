#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <upsun/model/described.hpp>

namespace upsun {

/// What one environment reports to Blackfire with.
struct blackfire_credentials {
  std::string server_uuid{};  ///< The server's id there.
  secret server_token{};      ///< Its token.
};
BOOST_DESCRIBE_STRUCT(blackfire_credentials, (), (server_uuid, server_token))

/// Profiling by Blackfire.
struct blackfire_settings {
  static constexpr std::string_view kind = "blackfire";
  std::map<std::string, blackfire_credentials> environments_credentials{};  ///< By environment.
  bool continuous_profiling = false;  ///< Profiles all the time, not only on request.
  std::optional<std::vector<std::string>>
      supported_runtimes{};  ///< Languages it can profile; sent by some servers.
};
BOOST_DESCRIBE_STRUCT(blackfire_settings, (),
                      (environments_credentials, continuous_profiling, supported_runtimes))

}  // namespace upsun
