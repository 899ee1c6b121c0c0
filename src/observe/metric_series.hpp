#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace upsun::observe {

/// Counts durations by length. Threads count in parts of their own, so that they do not contend for
/// a cache line. Thread safety: everything may be called from any thread.
class duration_histogram {
 public:
  /// The upper bounds that OpenTelemetry recommends for `http.client.request.duration`, in
  /// nanoseconds; a last bucket takes what is longer.
  static constexpr std::array<std::int64_t, 14> bounds{
      5'000'000,     10'000'000,    25'000'000,    50'000'000,    75'000'000,
      100'000'000,   250'000'000,   500'000'000,   750'000'000,   1'000'000'000,
      2'500'000'000, 5'000'000'000, 7'500'000'000, 10'000'000'000};
  struct snapshot {
    std::array<std::uint64_t, bounds.size() + 1> counts{};  ///< Each bucket's own.
    std::chrono::nanoseconds sum{};
  };

  /// A negative duration counts as zero.
  void add(std::chrono::nanoseconds length) noexcept;
  [[nodiscard]] snapshot read() const noexcept;

 private:
  struct alignas(64) part {
    std::array<std::atomic<std::uint64_t>, bounds.size() + 1> counts{};
    std::atomic<std::int64_t> sum{0};
  };
  std::array<part, 4> parts_{};
};

/// The labels of a finished attempt. Text belongs to whoever made it.
struct attempt_labels {
  std::string_view method{};
  std::string_view path_template{};
  int status = 0;                 ///< Zero: none.
  std::string_view error_type{};  ///< Empty: none.
  std::string_view server_address{};
  std::uint16_t server_port = 0;
  friend auto operator<=>(const attempt_labels&, const attempt_labels&) =
      default;  // NOLINT(modernize-use-nullptr): taken for a 0
};

/// A histogram for each combination of labels met, up to a limit; beyond it one for all others. A
/// combination is never dropped. Thread safety: everything may be called from any thread; nothing
/// waits for a lock.
class series_table {
 public:
  static constexpr std::size_t max_series = 256;

  series_table() = default;
  series_table(const series_table&) = delete;
  series_table& operator=(const series_table&) = delete;
  ~series_table();

  /// The histogram of `labels`. Allocates when they are new; without memory it is that of the
  /// others.
  [[nodiscard]] duration_histogram& at(const attempt_labels& labels) noexcept;
  /// All that were met, ordered by label; the others, when there are any, last. What is returned
  /// lives as long as the table.
  [[nodiscard]] std::vector<std::pair<attempt_labels, const duration_histogram*>> all() const;

 private:
  struct series;
  std::array<std::atomic<series*>, 2 * max_series>
      slots_{};  // open addressing, at most half full but for a race
  std::atomic<std::size_t> size_{0};
  duration_histogram others_;
};

}  // namespace upsun::observe
