#pragma once

#include <cstddef>
#include <memory>
#include <mutex>

#include "config/settings.hpp"
#include "transports/flight_table.hpp"
#include "transports/micro_cache.hpp"

namespace upsun::transports {

/// What the calls of one client share: fetches under way, answers kept. Flights and answers are
/// touched only under the lock, and nobody is called under it who may call back.
class hub {
 public:
  /// Null when the settings share nothing.
  [[nodiscard]] static std::shared_ptr<hub> make(const config::sharing_settings& settings) {
    if (!settings.coalesce && settings.cache.max_entries == 0) return nullptr;
    return std::make_shared<hub>(settings);
  }
  explicit hub(const config::sharing_settings& settings)
      : coalesces(settings.coalesce),
        caches(settings.cache.max_entries > 0),
        answers(settings.cache.max_entries, settings.cache.ttl) {}

  /// The item may have changed: what is known of it, or will be by a fetch under way, is not for
  /// those who ask from now on.
  void forget(const item& of) {
    const std::scoped_lock lock(mutex);
    answers.drop(of);
    flights.change(of);
  }
  [[nodiscard]] std::size_t kept() const {
    const std::scoped_lock lock(mutex);
    return answers.size();
  }

  const bool coalesces;
  const bool caches;
  mutable std::mutex mutex;
  flight_table flights;
  micro_cache answers;
};

}  // namespace upsun::transports
