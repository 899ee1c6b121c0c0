#include "exit_status.hpp"

#include <utility>

namespace upsun::tool {

exit_status exit_status_of(const error& failure) {
  // The first match counts: `connect_timeout` is both a timeout and a connection error.
  constexpr std::pair<condition, exit_status> table[] = {
      {condition::not_found, exit_status::not_found},
      {condition::unauthorized, exit_status::not_permitted},
      {condition::forbidden, exit_status::not_permitted},
      {condition::payment_required, exit_status::not_permitted},
      {condition::bad_request, exit_status::invalid},
      {condition::invalid_argument, exit_status::invalid},
      {condition::timeout, exit_status::timeout},
      {condition::connection, exit_status::unreachable},
      {condition::tls, exit_status::unreachable},
      {condition::cancelled, exit_status::interrupted},
  };
  for (const auto& [met, status] : table) {
    if (failure == met) return status;
  }
  return exit_status::failed;
}

}  // namespace upsun::tool
