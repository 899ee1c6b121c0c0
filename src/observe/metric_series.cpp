#include "observe/metric_series.hpp"

#include <algorithm>
#include <tuple>

namespace upsun::observe {

void duration_histogram::add(std::chrono::nanoseconds length) noexcept {
  length = std::max(length, std::chrono::nanoseconds::zero());
  const auto bucket = std::lower_bound(bounds.begin(), bounds.end(), length.count());
  ++counts[static_cast<std::size_t>(bucket - bounds.begin())];
  sum += length;
}

template <class A, class B>
bool series_table::less::operator()(const attempt_labels<A>& a,
                                    const attempt_labels<B>& b) const noexcept {
  using view = std::string_view;
  const auto members = [](const auto& l) {
    return std::tuple(view(l.method), view(l.path_template), l.status, view(l.error_type),
                      view(l.server_address), l.server_port);
  };
  return members(a) < members(b);
}

void series_table::add(const attempt_labels<std::string_view>& labels,
                       std::chrono::nanoseconds length) {
  auto found = series_.find(labels);
  if (found == series_.end()) {
    if (series_.size() == max_series) return others_.add(length);
    const attempt_labels<std::string> kept{
        std::string(labels.method),     std::string(labels.path_template),  labels.status,
        std::string(labels.error_type), std::string(labels.server_address), labels.server_port};
    found = series_.try_emplace(kept).first;
  }
  found->second.add(length);
}

}  // namespace upsun::observe
