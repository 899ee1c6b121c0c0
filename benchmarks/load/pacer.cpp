#include "pacer.hpp"

#include <algorithm>
#include <cmath>

namespace upsun::load {

time_point pacer::due(std::uint64_t number) const {
  const std::chrono::duration<double> after(static_cast<double>(number) / pace_.rate);
  return start_ + std::chrono::duration_cast<time_point::duration>(after);
}

std::optional<pacer::call> pacer::begin(time_point now) {
  if (under_way_ == pace_.slots || begun_ == pace_.limit) return std::nullopt;
  const time_point when = open() ? due(begun_) : now;
  if (when > now || when >= stop_) return std::nullopt;
  ++under_way_;
  return call{begun_++, when};
}

std::optional<time_point> pacer::next_due() const {
  if (!open() || begun_ == pace_.limit) return std::nullopt;
  const time_point next = due(begun_);
  return next < stop_ ? std::optional(next) : std::nullopt;
}

bool pacer::done(time_point now) const {
  if (under_way_ > 0) return false;
  return begun_ == pace_.limit || (open() ? !next_due() : now >= stop_);
}

std::uint64_t pacer::unfinished() const {
  std::uint64_t late = 0;
  if (open() && stop_ != time_point::max() && next_due()) {
    const auto due_in_all = static_cast<std::uint64_t>(std::ceil(
        std::max(0.0, std::chrono::duration<double>(stop_ - start_).count() * pace_.rate)));
    late = std::min(due_in_all, pace_.limit) - std::min(begun_, due_in_all);
  }
  return under_way_ + late;
}

}  // namespace upsun::load
