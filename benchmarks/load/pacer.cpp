#include "pacer.hpp"

#include <algorithm>
#include <cmath>

namespace upsun::load {

pacer::pacer(const pace& wanted, time_point start) : pace_(wanted), start_(start) {
  if (pace_.plan.open()) next_ = due(0);
}

time_point pacer::due(std::uint64_t nth) const {
  constexpr seconds longest = std::chrono::hours(24 * 365);  // what a time_point surely holds
  const seconds after = pace_.plan.due(static_cast<double>(number(nth)));
  return after < longest ? start_ + std::chrono::duration_cast<time_point::duration>(after)
                         : time_point::max();
}

std::optional<pacer::call> pacer::begin(time_point now) {
  if (begun_ == pace_.limit) return std::nullopt;
  const bool open = pace_.plan.open();
  const time_point when = open ? next_ : now;
  if (when > now || when >= stop_) {
    blocked_ = false;
    return std::nullopt;
  }
  if (under_way_ == pace_.slots) {
    blocked_ = true;
    return std::nullopt;
  }
  ++under_way_;
  const call begun{number(begun_++), when, open && blocked_};
  if (open) next_ = due(begun_);
  return begun;
}

std::optional<time_point> pacer::next_due() const {
  if (!pace_.plan.open() || begun_ == pace_.limit || next_ >= stop_) return std::nullopt;
  return next_;
}

bool pacer::done(time_point now) const {
  if (under_way_ > 0) return false;
  return begun_ == pace_.limit || (pace_.plan.open() ? !next_due() : now >= stop_);
}

std::uint64_t pacer::unfinished() const {
  std::uint64_t late = 0;
  if (stop_ != time_point::max() && next_due()) {
    const auto planned =
        static_cast<std::uint64_t>(std::ceil(pace_.plan.calls_until(stop_ - start_)));
    const std::uint64_t mine =
        planned > pace_.first ? (planned - pace_.first - 1) / pace_.step + 1 : 0;
    late = std::min(mine, pace_.limit) - std::min(begun_, mine);
  }
  return under_way_ + late;
}

}  // namespace upsun::load
