#include <upsun/observer.hpp>

namespace upsun {
namespace {

template <std::size_t N, class E>
std::string_view name_of(const std::array<std::string_view, N>& names, E value) noexcept {
  const auto index = static_cast<std::size_t>(value);
  return index < N ? names[index] : "unknown";
}

}  // namespace

std::string_view to_string(eviction e) noexcept {
  constexpr std::array<std::string_view, eviction_count> names{
      "idle_timeout", "lifetime", "dead",   "not_reusable",
      "failed",       "replaced", "closed", "address_gone"};
  return name_of(names, e);
}

std::string_view to_string(retry_reason r) noexcept {
  constexpr std::array<std::string_view, 5> names{"none", "connection", "timeout", "status",
                                                  "token"};
  return name_of(names, r);
}

std::string_view to_string(attempt_event::kind k) noexcept {
  constexpr std::array<std::string_view, 8> names{"queued",     "leased",    "dialled", "sent",
                                                  "first_byte", "completed", "retried", "hedged"};
  return name_of(names, k);
}

}  // namespace upsun
