#include <upsun/observer.hpp>

#include <ostream>

#include <upsun/model/secret.hpp>
#include <upsun/transport.hpp>

namespace upsun {

std::string_view to_string(eviction e) noexcept {
  constexpr std::array<std::string_view, eviction_count> names{"idle_timeout", "lifetime", "dead",   "not_reusable",
                                                               "failed",       "replaced", "closed", "address_gone"};
  const auto index = static_cast<std::size_t>(e);
  return index < names.size() ? names[index] : "unknown";
}

}  // namespace upsun
