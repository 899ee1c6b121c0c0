#include "request_times.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>

#include "number_table.hpp"

namespace {

/// \param sorted not empty
std::string percentile(const std::vector<std::chrono::nanoseconds>& sorted, std::size_t percent) {
  const std::size_t rank = std::min(sorted.size() * percent / 100, sorted.size() - 1);
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.2f",
                std::chrono::duration<double, std::milli>(sorted[rank]).count());
  return text.data();
}

}  // namespace

void request_times::on_call(const upsun::call_report& call) noexcept {
  auto path = by_path_.find(call.path_template);
  if (path == by_path_.end()) path = by_path_.try_emplace(std::string(call.path_template)).first;
  path->second.push_back(call.timings.total);
}

void request_times::on_attempt(const upsun::attempt_event& step) noexcept {
  if (step.what == upsun::attempt_event::kind::completed && !step.protocol_version.empty())
    http_version_ = step.protocol_version;
}

void request_times::print() const {
  number_table table({"GET", "count", "p50 ms", "p90 ms", "p99 ms"});
  for (const auto& [path, times] : by_path_) {
    std::vector<std::chrono::nanoseconds> sorted = times;
    std::sort(sorted.begin(), sorted.end());
    table.add({path, std::to_string(sorted.size()), percentile(sorted, 50), percentile(sorted, 90),
               percentile(sorted, 99)});
  }
  table.print();
}
