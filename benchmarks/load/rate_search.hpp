#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "condition.hpp"

namespace upsun::load {

/// How a run at one rate ended.
enum class step_outcome : std::uint8_t {
  held,       ///< The objective held, and the rate was reached.
  failed,     ///< The objective did not hold.
  behind,     ///< It held, but calls succeeded at less than 95 % of the rate.
  generator,  ///< It did not hold or the rate was not reached, and this program was the reason.
};

/// Finds the highest rate that holds an objective: doubles it until it does not, or halves it until
/// it does, then bisects. Pure: whoever runs the load says how each rate went.
class rate_search {
 public:
  /// \param first the rate to begin with
  explicit rate_search(double first) : next_(first) {}

  /// The rate to try next; empty when the search has ended.
  [[nodiscard]] std::optional<double> next() const { return next_; }
  void tried(step_outcome how);

  /// The highest rate that held; empty: none did.
  [[nodiscard]] std::optional<double> found() const;
  /// Why no higher rate holds: the outcome of the lowest one that did not. `held`: even the highest
  /// that is tried, 1e6 a second, did.
  [[nodiscard]] step_outcome limit() const { return limit_; }

 private:
  std::optional<double> next_;
  double held_ = 0;
  double not_held_ = std::numeric_limits<double>::infinity();
  step_outcome limit_ = step_outcome::held;
};

/// How the run went. \param objective what has to hold; without a condition on errors, no call may
/// fail either
[[nodiscard]] step_outcome outcome_of(const run_record& run,
                                      const std::vector<condition>& objective);

/// A search, as the report shows it. Its runs are the report's.
struct found_rate {
  std::string objective;
  std::optional<double> rate;
  step_outcome limit = step_outcome::held;
  std::vector<step_outcome> steps{};  ///< Of each run but one that was interrupted.
  bool interrupted = false;           ///< It had not ended.

  /// The result in a sentence.
  [[nodiscard]] std::string sentence() const;
};
[[nodiscard]] std::string step_text(step_outcome how);

}  // namespace upsun::load
