#include "rate_search.hpp"

#include <algorithm>
#include <cmath>

#include "numbers.hpp"

namespace upsun::load {
namespace {

constexpr double highest = 1e6;
constexpr double lowest = 1;
/// When the rate that holds and the one that does not are as close as this, the search ends.
constexpr double precision = 1.05;
/// The part of the rate that has to be reached, and of a thread's time that is all of it.
constexpr double enough = 0.95;
constexpr double all_of_a_thread = 0.9;
/// A call in two that begins later than this, while slots are free, waits for this program.
constexpr std::chrono::milliseconds late{1};

bool is_saturated(const run_record& run) {
  const double threads = static_cast<double>(run.settings.threads) * run.measured.count();
  if (run.cpu_time().count() >= all_of_a_thread * threads) return true;
  const latency_counts& start = run.phase(call_phase::start);
  return start.quantile(.5) > late && run.blocked * 2 < start.total();
}

/// Whether calls end as fast as they begin. So they do when enough were fetched within the measured
/// time. Where it is not much longer than a call, fewer are: then enough of those that were due in
/// it must have succeeded at some time, and those of its second half as soon as those of the first.
/// An overload makes them wait ever longer instead.
bool is_reached(const run_record& run) {
  if (run.rate() >= enough * run.settings.rate) return true;
  const double due = std::floor(run.settings.rate * run.measured.count());
  if (static_cast<double>(run.latencies.total()) < enough * due) return false;
  if (due < 2) return true;  // else each half has a call
  const auto& [first, second] = run.halves;
  if (first.total() == 0 || second.total() == 0) return false;
  const seconds growth = second.mean() - first.mean();
  return growth <= (1 / enough - 1) * run.measured / 2;
}

}  // namespace

void rate_search::tried(step_outcome how) {
  if (!next_) return;
  const double rate = *next_;
  if (how == step_outcome::held) {
    held_ = rate;
  } else {
    not_held_ = rate;
    limit_ = how;
  }
  if (held_ == 0) {
    next_ = std::max(rate / 2, lowest);
    if (rate <= lowest) next_.reset();
  } else if (std::isinf(not_held_)) {
    next_ = std::min(rate * 2, highest);
    if (rate >= highest) next_.reset();
  } else if (not_held_ <= held_ * precision) {
    next_.reset();
  } else {
    next_ = (held_ + not_held_) / 2;
    if (*next_ >= 100) next_ = std::round(*next_);
  }
}

std::optional<double> rate_search::found() const {
  return held_ > 0 ? std::optional(held_) : std::nullopt;
}

step_outcome outcome_of(const run_record& run, const std::vector<condition>& objective) {
  const bool judges_errors =
      std::any_of(objective.begin(), objective.end(),
                  [](const condition& each) { return each.what == condition::metric::errors; });
  const bool held = (judges_errors || run.error_rate() == 0) &&
                    std::all_of(objective.begin(), objective.end(), [&](const condition& each) {
                      return holds(each, run).value_or(false);
                    });
  const bool reached = is_reached(run);
  if (held && reached) return step_outcome::held;
  if (is_saturated(run)) return step_outcome::generator;
  return held ? step_outcome::behind : step_outcome::failed;
}

std::string step_text(step_outcome how) {
  switch (how) {
    case step_outcome::held: return "held";
    case step_outcome::failed: return "not held";
    case step_outcome::behind: return "rate not reached";
    case step_outcome::generator: return "generator too slow";
  }
  return "";
}

std::string found_rate::sentence() const {
  if (interrupted)
    return "The search was interrupted; until then " +
           (rate ? short_number(*rate) + " calls a second held " : "no rate held ") + objective +
           ".";
  if (!rate)
    return "No rate holds " + objective + ": " + step_text(limit) + " at the lowest tried.";
  std::string result = short_number(*rate) + " calls a second hold " + objective;
  switch (limit) {
    case step_outcome::held: return result + ", and no higher rate is tried.";
    case step_outcome::failed: return result + ".";
    case step_outcome::behind: return result + "; at higher rates fewer calls end than begin.";
    case step_outcome::generator:
      return "At least " + result +
             "; at higher rates this program is too slow: give it more --threads, or a core of "
             "its own.";
  }
  return result;
}

}  // namespace upsun::load
