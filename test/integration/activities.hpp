#pragma once

#include <chrono>
#include <string>

#include "integration/harness.hpp"

namespace upsun::testing {

/// The activities of an integration, in a sandbox whose clock is set by hand.
struct Activities : ::testing::Test {
  static constexpr timestamp noon = std::chrono::sys_days(2026y / 1 / 1) + 12h;
  sandbox server{{.integrations = 2, .manual_clock = true}};
  const integration_ref ref{project(), integration_number(0)};

  /// So many that have ended, `together` of each moment.
  void put(int count, int together = 1) {
    for (int i = 0; i < count; ++i) {
      server.put_activity(ref, {.id = "a" + std::to_string(i),
                                .type = "t",
                                .state = activity_state::complete,
                                .completion_percent = 100,
                                .created_at = noon - std::chrono::seconds(i / together)});
    }
  }
  /// Sets one off that progresses with the sandbox's clock.
  asio::awaitable<accepted_change> change(client& from) {
    auto changed =
        co_await from.async_update_integration(ref, bitbucket_patch().fetch_branches(true));
    co_return changed.value();
  }
};

}  // namespace upsun::testing
