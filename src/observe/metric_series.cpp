#include "observe/metric_series.hpp"

#include <algorithm>
#include <functional>
#include <numeric>
#include <thread>

namespace upsun::observe {
namespace {

std::size_t mix(std::size_t seed, std::size_t value) noexcept {
  return (seed ^ value) * 0x9e3779b97f4a7c15U;
}

std::size_t hash(const attempt_labels& labels) noexcept {
  const std::hash<std::string_view> of;
  std::size_t h = mix(of(labels.path_template), of(labels.method));
  h = mix(h, of(labels.error_type));
  h = mix(h, of(labels.server_address));
  h = mix(h, static_cast<std::size_t>(labels.status) << 16U | labels.server_port);
  return h ^ h >> 32U;
}

std::size_t number_of_this_thread() noexcept {
  return mix(0, std::hash<std::thread::id>{}(std::this_thread::get_id())) >> 48U;
}

}  // namespace

void duration_histogram::add(std::chrono::nanoseconds length) noexcept {
  const std::int64_t n = std::max<std::int64_t>(length.count(), 0);
  part& mine = parts_[number_of_this_thread() % parts_.size()];
  const auto bucket =
      static_cast<std::size_t>(std::lower_bound(bounds.begin(), bounds.end(), n) - bounds.begin());
  mine.counts[bucket].fetch_add(1, std::memory_order_relaxed);
  mine.sum.fetch_add(n, std::memory_order_relaxed);
}

duration_histogram::snapshot duration_histogram::read() const noexcept {
  snapshot now;
  for (const part& p : parts_) {
    for (std::size_t i = 0; i < now.counts.size(); ++i)
      now.counts[i] += p.counts[i].load(std::memory_order_relaxed);
    now.sum += std::chrono::nanoseconds(p.sum.load(std::memory_order_relaxed));
  }
  return now;
}

struct series_table::series {
  explicit series(const attempt_labels& from)
      : method(from.method),
        path_template(from.path_template),
        error_type(from.error_type),
        server_address(from.server_address),
        labels(from) {
    labels.method = method;
    labels.path_template = path_template;
    labels.error_type = error_type;
    labels.server_address = server_address;
  }

  const std::string method;
  const std::string path_template;
  const std::string error_type;
  const std::string server_address;
  attempt_labels labels;  // of the texts above
  duration_histogram durations;
};

series_table::~series_table() {
  for (const auto& slot : slots_) delete slot.load(std::memory_order_relaxed);
}

duration_histogram& series_table::at(const attempt_labels& labels) noexcept try {
  std::unique_ptr<series> made;
  for (std::size_t i = hash(labels), tries = 0; tries < slots_.size(); ++i, ++tries) {
    auto& slot = slots_[i % slots_.size()];
    series* found = slot.load(std::memory_order_acquire);
    if (found == nullptr) {
      if (size_.load(std::memory_order_relaxed) >= max_series) return others_;
      if (!made) made = std::make_unique<series>(labels);
      if (slot.compare_exchange_strong(found, made.get(), std::memory_order_acq_rel)) {
        size_.fetch_add(1, std::memory_order_relaxed);
        return made.release()->durations;
      }
    }
    if (found->labels == labels) return found->durations;
  }
  return others_;
} catch (...) {
  return others_;
}

std::vector<std::pair<attempt_labels, const duration_histogram*>> series_table::all() const {
  std::vector<std::pair<attempt_labels, const duration_histogram*>> found;
  for (const auto& slot : slots_) {
    if (const series* s = slot.load(std::memory_order_acquire); s != nullptr)
      found.emplace_back(s->labels, &s->durations);
  }
  std::sort(found.begin(), found.end());
  const auto others = others_.read().counts;
  if (std::accumulate(others.begin(), others.end(), std::uint64_t{0}) > 0)
    found.emplace_back(attempt_labels{.method = "_OTHER"}, &others_);
  return found;
}

}  // namespace upsun::observe
