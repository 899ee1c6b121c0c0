#include "auth/token_failure.hpp"

#include <string>
#include <utility>

namespace upsun::auth {

error token_failure(std::string_view source, const error& why) {
  error_details details = why.details();
  std::string cause(source);
  if (details.phase != phase::token && details.phase != phase::admission && details.status == 0)
    cause.append(" (").append(to_string(details.phase)).append(")");
  if (!details.cause.empty()) cause.append(": ").append(details.cause);
  details.cause = std::move(cause);
  details.phase = phase::token;
  return {why.code(), std::move(details)};
}

}  // namespace upsun::auth
