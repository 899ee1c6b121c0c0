#include "report.hpp"

#include <algorithm>
#include <cstdio>

namespace {

using milliseconds = std::chrono::duration<double, std::milli>;

/// The most specific condition an error meets: the kinds of 4xx stand before `client_error`, a
/// timeout before the connection it cost.
std::string condition_name(const upsun::error& error) {
  for (int c = 1; c <= static_cast<int>(upsun::condition::server_error); ++c) {
    const auto condition = static_cast<upsun::condition>(c);
    if (error == condition) return upsun::make_error_condition(condition).message();
  }
  return error.code().message();
}

void print_row(const std::string& name, std::vector<report::duration>& latencies) {
  std::sort(latencies.begin(), latencies.end());
  const auto percentile = [&](double p) {
    const auto rank = static_cast<std::size_t>(p / 100 * static_cast<double>(latencies.size()));
    return milliseconds(latencies[std::min(rank, latencies.size() - 1)]).count();
  };
  std::printf("%-18s %8zu %9.2f %9.2f %9.2f %9.2f\n", name.c_str(), latencies.size(),
              percentile(50), percentile(90), percentile(99), percentile(100));
}

}  // namespace

void report::add(const upsun::result<upsun::integration>& got, duration latency) {
  if (got) {
    ++decoded_;
    latencies_[got->type].push_back(latency);
    return;
  }
  if (failed_++ == 0) first_error_ = got.error();
  ++errors_[condition_name(got.error())];
}

void report::print(duration elapsed, std::size_t concurrency, const upsun::pool_statistics& pool) {
  std::printf("\n%-18s %8s %9s %9s %9s %9s\n", "kind", "decoded", "p50 ms", "p90 ms", "p99 ms",
              "max ms");
  std::vector<duration> all;
  all.reserve(decoded_);
  for (auto& [kind, latencies] : latencies_) {
    print_row(kind, latencies);
    all.insert(all.end(), latencies.begin(), latencies.end());
  }
  if (latencies_.size() > 1) print_row("all kinds", all);

  const double seconds = std::chrono::duration<double>(elapsed).count();
  std::printf("\n%zu calls in %.2f s, %.0f a second, %zu at a time\n", done(), seconds,
              static_cast<double>(done()) / seconds, concurrency);
  std::printf("connections: %zu opened, %zu times reused\n",
              static_cast<std::size_t>(pool.dials - pool.dial_failures),
              static_cast<std::size_t>(pool.reuses));
  std::printf("errors: %s", errors_.empty() ? "none" : "");
  const char* separator = "";
  for (const auto& [condition, count] : errors_) {
    std::printf("%s%s %zu", separator, condition.c_str(), count);
    separator = ", ";
  }
  std::puts("");
}
