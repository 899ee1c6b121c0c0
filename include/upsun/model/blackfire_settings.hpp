#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <upsun/model/described.hpp>

namespace upsun {

/// The credentials with which an environment reports to Blackfire.
struct blackfire_credentials {
  /// The id of the server at Blackfire.
  std::string server_uuid{};
  secret server_token{};
};
BOOST_DESCRIBE_STRUCT(blackfire_credentials, (), (server_uuid, server_token))

/// Profiling by Blackfire.
struct blackfire_settings {
  static constexpr std::string_view kind = "blackfire";
  /// By the name of the environment.
  std::map<std::string, blackfire_credentials> environments_credentials{};
  /// Whether it profiles all the time, not only on request.
  bool continuous_profiling = false;
  /// The languages that it can profile. Empty: the server sent none, as older ones do.
  std::optional<std::vector<std::string>> supported_runtimes{};
};
BOOST_DESCRIBE_STRUCT(blackfire_settings, (),
                      (environments_credentials, continuous_profiling, supported_runtimes))

}  // namespace upsun
