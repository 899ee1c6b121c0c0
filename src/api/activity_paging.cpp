#include "api/activity_paging.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "api/activity_query.hpp"
#include "model/make_error.hpp"

namespace upsun::api {
namespace {

/// The `created_at` of an activity, unless no list could go on from it.
std::optional<timestamp> moment_of(const activity& each) {
  return each.created_at && can_start_at(*each.created_at) ? each.created_at : std::nullopt;
}

std::optional<timestamp> first_moment(const activity_paging::page& page) {
  for (const auto& each : page) {
    const auto moment = each ? moment_of(*each) : std::nullopt;
    if (moment) return moment;
  }
  return std::nullopt;
}

error nothing_to_go_on_from() {
  return model::make_error(errc::decode_failed, phase::decode,
                           "no activity of a full page has a created_at to go on from");
}

}  // namespace

activity_filter activity_paging::next() const {
  activity_filter request = filter_;
  if (at_) request.starts_at(*at_);
  if (wider_) request.count(*wider_);
  return request;
}

activity_paging::page activity_paging::take(page received) {
  page fresh;
  const std::size_t size = received.size();
  if (!wider_) largest_ = std::max(largest_, size);
  std::optional<timestamp> moment =
      at_ ? at_ : first_moment(received);  // for one without: that of the one before it
  std::optional<timestamp> last;
  std::size_t broken = 0;  // at `moment`
  std::size_t repeated = broken_;
  for (auto& each : received) {
    if (!each) {
      if (fresh.empty() && repeated > 0) {
        --repeated;
      } else {
        ++broken;
        fresh.push_back(std::move(each));
      }
      continue;
    }
    if (const auto created = moment_of(*each)) {
      if (at_ && *created > *at_) continue;
      if (moment != created) broken = 0;
      moment = last = created;
    }
    const timestamp place = moment.value_or(timestamp::max());
    const auto [seen, first_time] = seen_.try_emplace(each->id, place);
    seen->second = std::min(seen->second, place);
    if (first_time) fresh.push_back(std::move(each));
  }
  idle_ = fresh.empty() ? idle_ + 1 : 0;

  const bool leads_on = last && (!at_ || *last < *at_);
  over_ =
      !last || size == 0 || is_short(size) || idle_ > most_idle || (!leads_on && size < largest_);
  const bool is_full = size >= static_cast<std::size_t>(asked().value_or(usual_page));
  if (!last && is_full && !fresh.empty()) fresh.emplace_back(nothing_to_go_on_from());
  if (!over_ && leads_on) go_on_from(*last, broken);
  if (!over_ && !leads_on) {
    broken_ += broken;
    pass_by(size, !fresh.empty());
  }
  if (over_) seen_.clear();
  return fresh;
}

/// Whether a page is the last because it has less than was asked for. Where more than usual is
/// asked for, only if the server is known to give as much.
bool activity_paging::is_short(std::size_t size) const noexcept {
  if (!asked()) return false;
  const auto wanted = static_cast<std::size_t>(*asked());
  return size < wanted && (wanted <= usual_page || wanted <= largest_);
}

void activity_paging::go_on_from(timestamp last, std::size_t broken) {
  at_ = last;
  broken_ = broken;
  wider_.reset();
  passed_by_ = false;
  std::erase_if(seen_, [last](const auto& each) { return each.second > last; });
  while (seen_.size() > std::max(most_remembered, largest_)) seen_.erase(seen_.begin());
}

/// A page of one moment: gets behind it.
void activity_paging::pass_by(std::size_t size, bool anything_new) {
  if (anything_new) passed_by_ = false;
  const bool wider_helps = !wider_ || anything_new || size >= static_cast<std::size_t>(*wider_);
  const timestamp before = *at_ - std::chrono::microseconds(1);
  if (passed_by_ || !can_start_at(before)) {
    over_ = true;
  } else if (wider_helps && 2 * size <= widest) {
    wider_ = static_cast<std::int64_t>(2 * size);
  } else {
    go_on_from(before, 0);
    passed_by_ = true;
  }
}

}  // namespace upsun::api
