#include "transports/resource_key.hpp"

namespace upsun::transports {

std::string resource_key(const http_request& request) {
  const std::string_view target = request.target;
  const std::string_view path = target.substr(0, target.find('?'));
  std::string key;
  key.reserve(target.size() + 1);
  key.append(path).append("\n").append(target.substr(path.size()));
  for (const auto& [name, value] : request.headers) {
    if (name == "traceparent" || name == "tracestate") continue;  // differ with each request
    key.append("\n").append(name).append(":").append(value);
  }
  return key;
}

/// A POST adds something to its target, or acts on what is above it: the rest beneath stays.
change change_by(std::string_view method, std::string_view target) noexcept {
  return {.path = target.substr(0, target.find('?')), .beneath = method != "POST"};
}

}  // namespace upsun::transports
