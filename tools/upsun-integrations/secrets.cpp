#include "secrets.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "raw_object.hpp"
#include "read_member.hpp"

namespace upsun::tool {
namespace {

void hide(secret& value) { value = secret(std::string(hidden)); }

/// Hides the secrets inside a value.
template <class T>
void hide(T& value) {
  if constexpr (detail::described<T>) {
    boost::mp11::mp_for_each<detail::members_of<T>>(
        [&](auto member) { hide(value.*member.pointer); });
  } else if constexpr (is_map<T>) {
    for (auto& entry : value) hide(entry.second);
  } else if constexpr (is_list<T>) {
    for (auto& item : value) hide(item);
  } else if constexpr (requires { *value, value.has_value(); }) {
    if (value) hide(*value);
  }
}

void hide(unknown_settings& settings) {
  constexpr std::array<std::string_view, 5> shown{"id", "type", "role", "created_at", "updated_at"};
  std::string text;
  const auto add = [&text](std::string_view key, std::string_view value) {
    text.append(text.empty() ? "{" : ",").append(key).append(":").append(value);
  };
  const std::string quoted = '"' + std::string(hidden) + '"';
  for (const raw_member& each : split_object(settings.raw)) {
    const std::string name = each.name();
    if (name == "_links") continue;
    const bool is_shown = std::find(shown.begin(), shown.end(), name) != shown.end();
    add(each.key, is_shown ? each.value : quoted);
  }
  if (text.empty()) add(R"("raw")", quoted);
  settings.raw = text + '}';
}

}  // namespace

integration hide_secrets(integration value) {
  std::visit([](auto& settings) { hide(settings); }, value.settings);
  return value;
}

}  // namespace upsun::tool
