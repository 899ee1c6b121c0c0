#include "secrets.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "read_member.hpp"

namespace upsun::tool {
namespace {

namespace json = boost::json;

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
  error_code failure;
  json::value document = json::parse(settings.raw, failure);
  if (failure || !document.is_object()) {
    document = {{"raw", hidden}};
  } else {
    document.get_object().erase("_links");
    for (auto& member : document.get_object()) {
      if (std::find(shown.begin(), shown.end(),
                    std::string_view(member.key().data(), member.key().size())) == shown.end())
        member.value() = hidden;
    }
  }
  settings.raw = json::serialize(document);
}

}  // namespace

integration hide_secrets(integration value) {
  std::visit([](auto& settings) { hide(settings); }, value.settings);
  return value;
}

}  // namespace upsun::tool
