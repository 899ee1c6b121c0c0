#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace upsun::load {

/// What a call asks for. All of them only read.
enum class operation : std::uint8_t {
  get,           ///< An integration.
  list,          ///< The integrations of the project.
  activities,    ///< The first page of the project's activities.
  project,       ///< The project.
  environments,  ///< The environments of the project.
  capabilities,  ///< What the project may use.
};

inline constexpr std::size_t operation_count = 6;
inline constexpr std::array<std::string_view, operation_count> operation_names{
    "get", "list", "activities", "project", "environments", "capabilities"};

/// How often each operation is called, by weights.
struct operation_mix {
  std::array<std::uint32_t, operation_count> weights{1};
  std::uint64_t seed = 1;

  [[nodiscard]] std::uint64_t total() const;
  /// Whether there is more than one operation.
  [[nodiscard]] bool several() const;
  /// The operation of a call. Depends on nothing but the seed and the number, so that two runs make
  /// the same calls in the same order.
  [[nodiscard]] operation of_call(std::uint64_t number) const;
};

/// \param text such as "get=80,list=15,activities=5"
/// \throws std::invalid_argument that says what is wrong
[[nodiscard]] operation_mix parse_mix(std::string_view text);

}  // namespace upsun::load
