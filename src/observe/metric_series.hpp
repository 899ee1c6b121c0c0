#pragma once

#include <array>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace upsun::observe {

/// Counts durations by length.
struct duration_histogram {
  /// The upper bounds that OpenTelemetry recommends for `http.client.request.duration`, in
  /// nanoseconds; a last bucket takes what is longer.
  static constexpr std::array<std::int64_t, 14> bounds{
      5'000'000,     10'000'000,    25'000'000,    50'000'000,    75'000'000,
      100'000'000,   250'000'000,   500'000'000,   750'000'000,   1'000'000'000,
      2'500'000'000, 5'000'000'000, 7'500'000'000, 10'000'000'000};

  /// A negative duration counts as zero.
  void add(std::chrono::nanoseconds length) noexcept;

  std::array<std::uint64_t, bounds.size() + 1> counts{};  ///< Each bucket's own.
  std::chrono::nanoseconds sum{};
};

/// The labels of a finished attempt: `Text` is a view to look a series up, a string to keep it.
template <class Text>
struct attempt_labels {
  Text method{};
  Text path_template{};
  int status = 0;     ///< Zero: none.
  Text error_type{};  ///< Empty: none.
  Text server_address{};
  std::uint16_t server_port = 0;
};

/// A histogram for each combination of labels, up to a limit; beyond it one for all others. A
/// combination is never dropped.
class series_table {
 public:
  static constexpr std::size_t max_series = 256;

  void add(const attempt_labels<std::string_view>& labels, std::chrono::nanoseconds length);

  /// Calls `visit(labels, histogram)` for each combination, in the order of the labels; the others,
  /// when there are any, come last.
  template <class F>
  void for_each(F visit) const {
    for (const auto& [labels, durations] : series_) visit(labels, durations);
    if (others_.counts != duration_histogram().counts)
      visit(attempt_labels<std::string>{.method = "_OTHER"}, others_);
  }

 private:
  struct less {
    using is_transparent = void;
    template <class A, class B>
    bool operator()(const attempt_labels<A>& a, const attempt_labels<B>& b) const noexcept;
  };

  std::map<attempt_labels<std::string>, duration_histogram, less> series_;
  duration_histogram others_;
};

}  // namespace upsun::observe
