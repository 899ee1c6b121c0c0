#pragma once

#include <boost/json/value.hpp>

#include <optional>
#include <string>
#include <vector>

namespace upsun::load {

/// Values of the same measure: one of each round, or where a report has none, one of each batch of
/// time slices.
using samples = std::vector<double>;

/// A change in percent, with the interval that holds it with 95 % confidence.
struct interval {
  double low = 0;
  double high = 0;
};

/// The interval of the ratio of two means, by Welch's t-test on the logarithm of the ratio (the
/// variances by the delta method). Empty: a side has fewer than two samples, or a mean that is not
/// positive.
[[nodiscard]] std::optional<interval> change_interval(const samples& before, const samples& after);

/// One measure of a run, before and after.
struct change {
  std::string measure;
  bool higher_is_better = false;
  double before = 0;  ///< NaN: there was nothing to measure; `after` likewise.
  double after = 0;
  std::optional<interval> percent;

  /// By how much it changed, in percent; empty: it was zero, or a side has none.
  [[nodiscard]] std::optional<double> change_percent() const;
  /// Whether the whole interval is on the worse side of this many percent.
  [[nodiscard]] bool worse_by(double percentage) const;
  /// "better", "worse", "no difference shown", or nothing without an interval.
  [[nodiscard]] std::string verdict() const;
};

/// The same run in two reports.
struct run_comparison {
  std::string name;  ///< Empty for the only one.
  std::vector<change> changes;
  std::vector<std::string> notes{};  ///< Such as settings that differ.
  bool succeeded_before = true;      ///< Whether any call did.
  bool succeeded_after = true;
};

/// Two reports of rounds (a sweep of `round`) are one comparison, with a sample for each round but
/// those that were interrupted. \param before, after reports as `json_of` writes them
/// \throws std::invalid_argument when one is not, when the numbers of their runs differ, or when
/// such a run was interrupted
[[nodiscard]] std::vector<run_comparison> compare(const boost::json::value& before,
                                                  const boost::json::value& after);

/// For people. \param titles of the two reports
[[nodiscard]] std::string comparison_text(const std::vector<run_comparison>& all,
                                          const std::string& before, const std::string& after);

}  // namespace upsun::load
