#include "api/wait_core.hpp"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <string>
#include <utility>

namespace upsun::api {
namespace {

constexpr std::size_t most_named = 10;  // pending activities in an error's text

bool may_pass(const error& why) {
  const auto passing = {condition::connection, condition::timeout, condition::server_error,
                        condition::rate_limited, condition::pool_exhausted};
  return std::any_of(passing.begin(), passing.end(), [&](condition each) { return why == each; });
}

}  // namespace

wait_core::wait_core(const awaited_activities& what, const wait_options& options, time_point now,
                     double dice)
    : options_(options) {
  for (const activity_id& id : what.ids()) {
    awaited one;
    one.value.id = id.str();
    one.delay = options.initial_delay();
    one.due = now;
    add(std::move(one));
  }
  for (const activity& seen : what.seen()) {
    awaited one;
    one.value = seen;
    one.ended = seen.done();
    one.delay = options.initial_delay();
    put_off(one, now, dice);
    add(std::move(one));
  }
}

void wait_core::add(awaited&& one) {
  const bool known = std::any_of(awaited_.begin(), awaited_.end(), [&](const awaited& each) {
    return each.value.id == one.value.id;
  });
  if (known) return;
  if (!one.ended) ++pending_;
  awaited_.push_back(std::move(one));
}

/// The time of its next fetch; the pause after that will be longer.
void wait_core::put_off(awaited& one, time_point now, double dice) const {
  one.due =
      now + std::chrono::duration_cast<clock::duration>(one.delay * (1 - options_.jitter() * dice));
  one.delay =
      std::min<std::chrono::duration<double>>(one.delay * options_.factor(), options_.max_delay());
}

std::vector<std::size_t> wait_core::begin(time_point now) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < awaited_.size(); ++i) {
    if (awaited_[i].waits() && awaited_[i].due <= now) found.push_back(i);
  }
  std::stable_sort(found.begin(), found.end(), [this](std::size_t a, std::size_t b) {
    return awaited_[a].due < awaited_[b].due;
  });
  found.resize(std::min(found.size(), options_.concurrency() - under_way_));
  for (const std::size_t i : found) awaited_[i].under_way = true;
  under_way_ += found.size();
  return found;
}

wait_core::time_point wait_core::next() const {
  time_point first = time_point::max();
  if (under_way_ == options_.concurrency()) return first;
  for (const awaited& each : awaited_) {
    if (each.waits()) first = std::min(first, each.due);
  }
  return first;
}

wait_core::awaited& wait_core::end_fetch(std::size_t number) {
  ++polls_;
  --under_way_;
  awaited_[number].under_way = false;
  return awaited_[number];
}

bool wait_core::fetched(std::size_t number, activity value, time_point now, double dice) {
  awaited& one = end_fetch(number);
  value.id = one.value.id;  // that of the activity asked for, whatever the response calls it
  const bool news = !one.fetched || !(one.value == value);
  one.value = std::move(value);
  one.fetched = true;
  one.failures = 0;
  if (one.value.done()) {
    one.ended = true;
    --pending_;
  } else {
    put_off(one, now, dice);
  }
  return news;
}

std::optional<error> wait_core::failed(std::size_t number, const error& why, time_point now,
                                       double dice) {
  awaited& one = end_fetch(number);
  if (may_pass(why) && one.failures < options_.max_failures()) {
    ++one.failures;
    put_off(one, now, dice);
    return std::nullopt;
  }
  error_details details = why.details();
  details.cause = "activity " + one.value.id + (details.cause.empty() ? "" : ": " + details.cause);
  return error(why.code(), std::move(details));
}

error wait_core::deadline_error() const {
  error_details details;
  details.phase = phase::backoff;
  details.safe_to_retry = true;
  std::size_t named = 0;
  for (const awaited& each : awaited_) {
    if (each.ended || ++named > most_named) continue;
    details.cause.append(details.cause.empty() ? "still pending: " : ", ").append(each.value.id);
  }
  if (named > most_named)
    details.cause.append(" and ").append(std::to_string(named - most_named)).append(" more");
  return {errc::deadline_exceeded, std::move(details)};
}

wait_report wait_core::report() && {
  wait_report made;
  made.polls = polls_;
  for (awaited& each : awaited_) {
    if (each.value.state == activity_state::cancelled) {
      if (made.outcome == wait_outcome::success) made.outcome = wait_outcome::cancelled;
    } else if (!each.value.succeeded()) {
      made.outcome = wait_outcome::failure;
    }
    made.activities.push_back(std::move(each.value));
  }
  return made;
}

}  // namespace upsun::api
