#include "operations/fleet_position.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_from.hpp>
#include <boost/json/value_to.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <exception>
#include <string_view>
#include <utility>

#include "model/make_error.hpp"
#include "util/ascii.hpp"

namespace json = boost::json;

namespace upsun::operations {
namespace {

/// FNV-1a, the same on every machine.
class fingerprint {
 public:
  void add(std::string_view text) {
    for (const char c : text) mix(static_cast<unsigned char>(c));
    mix(0x100);  // no byte: the end of a text
  }
  template <class Texts>
  void add_all(const Texts& texts) {
    for (const auto& each : texts) {
      if constexpr (requires { each.str(); }) {
        add(each.str());
      } else {
        add(each);
      }
    }
    mix(0x101);  // the end of a list
  }
  [[nodiscard]] std::string text() const { return std::to_string(hash_); }

 private:
  void mix(std::uint64_t value) { hash_ = (hash_ ^ value) * 0x100000001b3U; }

  std::uint64_t hash_ = 0xcbf29ce484222325U;
};

std::string fingerprint_of(const fleet_filter& filter) {
  fingerprint of;
  of.add_all(filter.organizations());
  of.add_all(filter.projects());
  of.add_all(filter.regions());
  of.add_all(filter.statuses());
  of.add_all(filter.kinds());
  of.add(filter.shared() ? "shared" : "own");
  return of.text();
}

json::value to_json(const fleet_organization& of) { return json::array{of.id, of.name, of.label}; }

json::value to_json(const list_position& list) {
  return json::object{{"organization", to_json(list.of)},
                      {"page", list.page},
                      {"done", json::value_from(list.done)}};
}

template <class List>
json::array all_to_json(const List& list) {
  json::array all;
  for (const auto& each : list) all.push_back(to_json(each));
  return all;
}

// What these throw says that the text is no token.

std::string target_from(const json::value& value) {
  auto target = json::value_to<std::string>(value);
  const bool good = target.starts_with('/') && !target.starts_with("//") &&
                    std::none_of(target.begin(), target.end(), [](char c) {
                      return util::is_control(c) || c == ' ' || c == '#';
                    });
  if (!good) throw std::invalid_argument("target");
  return target;
}

fleet_organization organization_from(const json::value& value) {
  const auto texts = json::value_to<std::array<std::string, 3>>(value);
  return {texts[0], texts[1], texts[2]};
}

list_position list_from(const json::value& value) {
  return {organization_from(value.at("organization")), target_from(value.at("page")),
          json::value_to<std::set<std::string>>(value.at("done"))};
}

fleet_position position_from(const json::value& value) {
  fleet_position position;
  if (!value.at("organizations").is_null())
    position.organizations = target_from(value.at("organizations"));
  position.named = json::value_to<std::vector<std::string>>(value.at("named"));
  for (const auto& each : value.at("found").as_array())
    position.found.push_back(organization_from(each));
  for (const auto& each : value.at("lists").as_array()) position.lists.push_back(list_from(each));
  position.visited = json::value_to<std::set<std::string>>(value.at("visited"));
  position.shared = value.at("shared").as_bool();
  if (!value.at("grants").is_null()) position.grants = list_from(value.at("grants"));
  return position;
}

error refuse_token(std::string_view why) {
  return model::refused_argument("the filter's resume token " + std::string(why));
}

}  // namespace

fleet_position begin_of(const fleet_filter& filter, std::string organizations) {
  fleet_position position;
  position.named = filter.organizations();
  if (position.named.empty()) position.organizations = std::move(organizations);
  position.shared = filter.shared();
  return position;
}

std::string to_token(const fleet_position& position, const fleet_filter& filter) {
  const json::object made{{"walk", 1},
                          {"filter", fingerprint_of(filter)},
                          {"organizations", json::value_from(position.organizations)},
                          {"named", json::value_from(position.named)},
                          {"found", all_to_json(position.found)},
                          {"lists", all_to_json(position.lists)},
                          {"visited", json::value_from(position.visited)},
                          {"shared", position.shared},
                          {"grants", position.grants ? to_json(*position.grants) : json::value()}};
  return json::serialize(made);
}

result<fleet_position> parse_token(const std::string& token, const fleet_filter& filter) {
  try {
    const json::value value = json::parse(token);
    if (value.at("walk") != 1) return refuse_token("is of another version of this library");
    if (value.at("filter").as_string() != std::string_view(fingerprint_of(filter)))
      return refuse_token("belongs to another filter");
    return position_from(value);
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception&) {
    return refuse_token("is none that a walk has given");
  }
}

}  // namespace upsun::operations
