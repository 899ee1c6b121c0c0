#include "codec/shape.hpp"

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <upsun/model/kinds.hpp>

#include "codec/contract.hpp"
#include "codec/whole_number.hpp"

namespace upsun::codec {
namespace {

template <class T>
T& as(void* at) {
  return *static_cast<T*>(at);
}

/// 514.0 and 1e3 are integers, too, as in JSON Schema.
std::optional<std::int64_t> integer_of(const number& value) {
  if (value.integer) return value.integer;
  const auto whole = whole_part(value.text);
  return whole && whole->exact ? std::optional(whole->value) : std::nullopt;
}

// One specialisation per type: decoding knows nothing else of types.

template <class T>
inline constexpr shape shape_of = T::needs_a_specialisation_here;

template <>
inline constexpr shape shape_of<bool>{.expected = "boolean", .set_bool = [](void* at, bool value) {
                                        return as<bool>(at) = value, true;
                                      }};

template <>
inline constexpr shape shape_of<std::int64_t>{.expected = "64-bit integer",
                                              .set_number = [](void* at, const number& value) {
                                                const auto integer = integer_of(value);
                                                if (integer) as<std::int64_t>(at) = *integer;
                                                return integer.has_value();
                                              }};

template <>
inline constexpr shape shape_of<double>{
    .expected = "number", .set_number = [](void* at, const number& value) {
      const double real = value.integer ? static_cast<double>(*value.integer) : value.value;
      if (std::isfinite(real)) as<double>(at) = real;
      return std::isfinite(real);
    }};

template <>
inline constexpr shape shape_of<std::string>{.expected = "string",
                                             .set_text = [](void* at, std::string_view text) {
                                               return as<std::string>(at).assign(text), true;
                                             }};

template <>
inline constexpr shape shape_of<secret>{.expected = "string",
                                        .set_text = [](void* at, std::string_view text) {
                                          return as<secret>(at) = secret(std::string(text)), true;
                                        }};

template <>
inline constexpr shape shape_of<timestamp>{.expected = "RFC 3339 timestamp",
                                           .set_text = [](void* at, std::string_view text) {
                                             const auto moment = parse_timestamp(text);
                                             if (moment) as<timestamp>(at) = *moment;
                                             return moment.has_value();
                                           }};

template <class E>
inline constexpr shape shape_of<open_enum<E>>{
    .expected = "string", .set_text = [](void* at, std::string_view text) {
      return as<open_enum<E>>(at) = open_enum<E>(std::string(text)), true;
    }};

template <class T>
inline constexpr shape shape_of<std::vector<T>>{
    .expected = "array",
    .depth = 1 + shape_of<T>.depth,
    .element = &shape_of<T>,
    .append = [](void* list) -> void* { return &as<std::vector<T>>(list).emplace_back(); }};

template <class T>
inline constexpr shape shape_of<std::map<std::string, T>>{
    .expected = "object",
    .depth = 1 + shape_of<T>.depth,
    .element = &shape_of<T>,
    .insert = [](void* map, std::string_view key) -> void* {
      const auto [place, fresh] = as<std::map<std::string, T>>(map).try_emplace(std::string(key));
      return fresh ? &place->second : nullptr;
    }};

template <class T, auto Set, class Value>
bool set_optional(void* at, Value value) {
  auto& optional = as<std::optional<T>>(at);  // empty, since a member comes once
  const bool fits = Set(&optional.emplace(), value);
  if (!fits) optional.reset();
  return fits;
}

template <class T>
consteval shape make_optional_shape() {
  constexpr shape held = shape_of<T>;
  shape s = held;
  s.nullable = true;
  s.open = [](void* at) -> void* { return &as<std::optional<T>>(at).emplace(); };
  if constexpr (held.set_bool != nullptr) s.set_bool = set_optional<T, held.set_bool, bool>;
  if constexpr (held.set_number != nullptr)
    s.set_number = set_optional<T, held.set_number, const number&>;
  if constexpr (held.set_text != nullptr)
    s.set_text = set_optional<T, held.set_text, std::string_view>;
  return s;
}

template <class T>
inline constexpr shape shape_of<std::optional<T>> = make_optional_shape<T>();

/// The id of an integration: some servers send a number, whose text becomes the id.
inline constexpr shape id_shape = [] {
  shape s = shape_of<std::optional<std::string>>;
  s.set_number = [](void* at, const number& value) {
    auto& id = as<std::optional<std::string>>(at);
    const bool plain = value.text.find_first_of("eE") == std::string_view::npos;
    if (const auto integer = value.integer ? std::nullopt : integer_of(value))
      id.emplace(std::to_string(*integer));
    else if (plain)
      id.emplace(value.text);
    return id.has_value();
  };
  return s;
}();

/// A fraction of a per cent is cut, never rounded: 99.9 is not the end.
inline constexpr shape percent_shape = [] {
  shape s = shape_of<std::int64_t>;
  s.set_number = [](void* at, const number& value) {
    const auto whole = value.integer ? whole_number{*value.integer, true} : whole_part(value.text);
    if (whole) as<std::int64_t>(at) = whole->value;
    return whole.has_value();
  };
  return s;
}();

/// Of the members whose missing means empty, so that null does, too.
template <class T>
inline constexpr shape collection_or_null_shape = [] {
  shape s = shape_of<T>;
  s.nullable = true;
  return s;
}();

/// The shape of a member, which for some differs from that of its type.
template <class Owner, class T>
consteval const shape* shape_of_member(T Owner::*pointer) {
  if (same_member(pointer, &integration::id)) return &id_shape;
  if (same_member(pointer, &activity::completion_percent)) return &percent_shape;
  if constexpr (may_be_missing<Owner, T>) return &collection_or_null_shape<T>;
  return &shape_of<T>;
}

// Member tables, from descriptions.

/// Storage for an object that is never constructed, only asked for the addresses of its members.
template <class T>
union probe {
  char none;
  T value;

  constexpr probe() noexcept : none() {}
  // NOLINTNEXTLINE(modernize-use-equals-default): a defaulted one would be deleted
  constexpr ~probe() {}
};

template <class T>
inline constinit probe<T> probe_of;

/// What an optional, list or map holds.
template <class T>
struct held {
  using type = T;
};
template <class T>
struct held<std::optional<T>> : held<T> {};
template <class T>
struct held<std::vector<T>> : held<T> {};
template <class T>
struct held<std::map<std::string, T>> : held<T> {};

template <class T>
consteval bool keeps_text() {
  if constexpr (detail::described<T>) {
    return boost::mp11::mp_any_of<detail::members_of<T>, is_raw_member>::value;
  } else {
    return false;
  }
}

template <class Owner, class Described>
consteval member make_member() {
  constexpr auto pointer = Described::pointer;
  using value = std::decay_t<decltype(std::declval<Owner&>().*pointer)>;
  static_assert(!keeps_text<typename held<value>::type>(),
                "only a document's own members are kept as text");
  return {.name = detail::wire_name(Described::name),
          .value = shape_of_member(pointer),
          .offset = {&probe_of<Owner>, &(probe_of<Owner>.value.*pointer)},
          .required = is_required(pointer)};
}

template <class Owner, template <class...> class List, class... Described>
consteval auto make_members(List<Described...>) {
  return std::array<member, sizeof...(Described)>{make_member<Owner, Described>()...};
}

template <std::size_t Count>
consteval member_table make_table(const std::array<member, Count>& members) {
  static_assert(Count <= 64, "one bit a member");
  std::array<std::string_view, Count> names;
  std::uint64_t required = 0;
  for (std::size_t i = 0; i < Count; ++i) {
    names[i] = members[i].name;
    if (members[i].required) required |= std::uint64_t{1} << i;
  }
  return {members, key_table(names), required};
}

/// That of an object with these members.
template <std::size_t Count>
consteval std::size_t depth_with(const std::array<member, Count>& members) {
  std::size_t deepest = 0;
  for (const member& each : members) deepest = std::max(deepest, each.value->depth);
  return deepest + 1;
}

template <detail::described T>
inline constexpr auto members_of =
    make_members<T>(boost::mp11::mp_remove_if<detail::members_of<T>, is_raw_member>());
template <detail::described T>
inline constexpr member_table table_of = make_table(members_of<T>);

template <detail::described T>
inline constexpr shape shape_of<T>{
    .expected = "object", .depth = depth_with(members_of<T>), .members = &table_of<T>};

// The document of an integration: the common members, and beside them those of its settings.

template <class Described>
using is_settings =
    std::is_same<decltype(Described::pointer), integration_settings integration::*const>;

inline constexpr auto common_members = make_members<integration>(
    boost::mp11::mp_remove_if<detail::members_of<integration>, is_settings>());

template <class Kind>
inline constexpr auto document_members = [] {
  constexpr auto settings = make_members<Kind>(detail::members_of<Kind>());
  std::array<member, common_members.size() + settings.size()> all;
  auto next = std::copy(common_members.begin(), common_members.end(), all.begin());
  for (member each : settings) {
    each.in_settings = true;
    *next++ = each;
  }
  return all;
}();
template <>
inline constexpr auto document_members<unknown_settings> = common_members;
template <class Kind>
inline constexpr member_table document_table = make_table(document_members<Kind>);

struct document {
  shape object;
  void* (*emplace_settings)(integration& value);
};

/// By the index of the kind.
inline constexpr auto documents = []<std::size_t... I>(std::index_sequence<I...>) {
  return std::array{document{
      {.expected = "object",
       .depth = depth_with(document_members<std::variant_alternative_t<I, integration_settings>>),
       .members = &document_table<std::variant_alternative_t<I, integration_settings>>},
      [](integration& value) -> void* { return &value.settings.emplace<I>(); }}...};
}
(std::make_index_sequence<kind_count + 1>());

static_assert([] {
  std::size_t deepest = 0;
  for (const document& each : documents) deepest = std::max(deepest, each.object.depth);
  return deepest;
}() <= deepest_shape);

}  // namespace

document_target target_for(integration& value, std::size_t kind) {
  void* const settings = documents[kind].emplace_settings(value);
  return {{&documents[kind].object, &value}, settings};
}
template <detail::described T>
document_target target_for(T& value) noexcept {
  static_assert(shape_of<T>.depth <= deepest_shape);
  return {{&shape_of<T>, &value}};
}

template document_target target_for(access_grant&) noexcept;
template document_target target_for(activity&) noexcept;
template document_target target_for(change_status&) noexcept;
template document_target target_for(environment&) noexcept;
template document_target target_for(organization&) noexcept;
template document_target target_for(organization_project&) noexcept;
template document_target target_for(organization_reference&) noexcept;
template document_target target_for(project&) noexcept;
template document_target target_for(project_capabilities&) noexcept;
template document_target target_for(project_reference&) noexcept;
template document_target target_for(user&) noexcept;

}  // namespace upsun::codec
