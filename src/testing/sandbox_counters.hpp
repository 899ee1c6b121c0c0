#pragma once

#include <algorithm>
#include <cstdint>
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
  void speaks_http2() {
    const std::lock_guard lock(mutex_);
    ++counts_.http2_connections;
  }
  void stream_opened() {
    const std::lock_guard lock(mutex_);
    counts_.most_streams = std::max(counts_.most_streams, ++counts_.streams);
  }
  void stream_closed() {
    const std::lock_guard lock(mutex_);
    --counts_.streams;
  }
  void stream_reset(std::uint32_t code) {
    const std::lock_guard lock(mutex_);
    ++counts_.resets[code];
  }
  void pinged() {
    const std::lock_guard lock(mutex_);
    ++counts_.pings;
  }
  void left() {
    const std::lock_guard lock(mutex_);
    ++counts_.goaways;
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
