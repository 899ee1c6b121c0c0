#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <upsun/observer.hpp>

/// How long requests took, with their retries, by their path. For a client on one thread.
class request_times : public upsun::observer {
 public:
  void on_call(const upsun::call_report& call) noexcept override;
  void on_attempt(const upsun::attempt_event& step) noexcept override;

  /// Prints the table of latencies.
  void print() const;
  /// What the last connection spoke, such as "2".
  [[nodiscard]] std::string_view http_version() const noexcept { return http_version_; }

 private:
  std::map<std::string, std::vector<std::chrono::nanoseconds>, std::less<>> by_path_;
  std::string http_version_ = "?";
};
