#pragma once

#include <algorithm>
#include <mutex>

#include <upsun/testing/sandbox.hpp>

#include "testing/sandbox_auth.hpp"

namespace upsun::testing {

/// Keeps `sandbox_statistics`. Thread safety: every member, from any thread.
class sandbox_counters {
 public:
  void accepted() {
    const std::lock_guard lock(mutex_);
    ++counts_.connections;
    counts_.most_open = std::max(counts_.most_open, ++counts_.open);
  }
  void closed() {
    const std::lock_guard lock(mutex_);
    --counts_.open;
  }
  void handshaken(bool resumed) {
    const std::lock_guard lock(mutex_);
    ++counts_.handshakes;
    if (resumed) ++counts_.resumed_handshakes;
  }
  void requested() {
    const std::lock_guard lock(mutex_);
    ++counts_.requests;
  }
  void count(token_outcome outcome) {
    const std::lock_guard lock(mutex_);
    switch (outcome) {
      case token_outcome::exchanged: ++counts_.exchanges; break;
      case token_outcome::refreshed: ++counts_.refreshes; break;
      case token_outcome::refused: ++counts_.token_refusals; break;
    }
  }
  [[nodiscard]] sandbox_statistics snapshot() const {
    const std::lock_guard lock(mutex_);
    return counts_;
  }

 private:
  mutable std::mutex mutex_;
  sandbox_statistics counts_;
};

}  // namespace upsun::testing
