#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>

#include <upsun/testing/sandbox.hpp>

namespace upsun::testing {

/// The faults to come. Thread safety: every member, from any thread.
class fault_script {
 public:
  void add(fault f, std::size_t count);
  void clear();

  /// What the request just read meets.
  [[nodiscard]] fault next_for_request() { return requests_.next(mutex_); }
  /// What the connection just accepted meets: `silent_accept` or nothing.
  [[nodiscard]] fault next_for_connection() { return connections_.next(mutex_); }

 private:
  struct entry {
    fault what;
    std::size_t left;
  };
  struct sequence {
    std::deque<entry> queued;
    fault standing;  ///< What happens once the queue is empty.

    fault next(std::mutex& mutex);
    void add(fault f, std::size_t count);
  };

  std::mutex mutex_;
  sequence requests_;
  sequence connections_;
};

}  // namespace upsun::testing
