#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include <upsun/model/integration.hpp>
#include <upsun/observer.hpp>
#include <upsun/result.hpp>

/// The results of a run.
class report {
 public:
  using duration = std::chrono::steady_clock::duration;

  void add(const upsun::result<upsun::integration>& got, duration latency);

  [[nodiscard]] std::size_t done() const noexcept { return decoded_ + failed_; }
  [[nodiscard]] std::size_t failed() const noexcept { return failed_; }
  [[nodiscard]] const upsun::error& first_error() const noexcept { return first_error_; }

  /// Prints the table: latencies by kind, connections, errors by condition.
  void print(duration elapsed, std::size_t concurrency, const upsun::pool_statistics& pool);

 private:
  std::map<std::string, std::vector<duration>> latencies_;  // by kind, of successful calls
  std::map<std::string, std::size_t> errors_;               // by condition
  std::size_t decoded_ = 0;
  std::size_t failed_ = 0;
  upsun::error first_error_;
};
