#include "codec/shape.hpp"

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include <array>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <upsun/model/kinds.hpp>

#include "codec/contract.hpp"

namespace upsun::codec {
namespace {

template <class T>
T& as(void* at) {
  return *static_cast<T*>(at);
}

// One specialisation a type: this is all that decoding knows of types.

template <class T>
inline constexpr shape shape_of = T::needs_a_specialisation_here;

template <>
inline constexpr shape shape_of<bool>{.expected = "boolean", .set_bool = [](void* at, bool value) {
                                        return as<bool>(at) = value, true;
                                      }};

template <>
inline constexpr shape shape_of<std::int64_t>{.expected = "64-bit integer",
                                              .set_number = [](void* at, const number& value) {
                                                if (value.integer)
                                                  as<std::int64_t>(at) = *value.integer;
                                                return value.integer.has_value();
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
    .expected = "array", .element = &shape_of<T>, .append = [](void* list) -> void* {
      return &as<std::vector<T>>(list).emplace_back();
    }};

template <class T>
inline constexpr shape shape_of<std::map<std::string, T>>{
    .expected = "object",
    .element = &shape_of<T>,
    .insert = [](void* map, std::string_view key) -> void* {
      const auto [place, fresh] = as<std::map<std::string, T>>(map).try_emplace(std::string(key));
      return fresh ? &place->second : nullptr;
    }};

template <class T, auto Set, class Value>
bool set_optional(void* at, Value value) {
  auto& target = as<std::optional<T>>(at);  // empty: a member comes once
  const bool fits = Set(&target.emplace(), value);
  if (!fits) target.reset();
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

/// The id of an integration: servers have sent numbers, whose text is kept.
inline constexpr shape id_shape = [] {
  shape s = shape_of<std::optional<std::string>>;
  s.set_number = [](void* at, const number& value) {
    return as<std::optional<std::string>>(at).emplace(value.text), true;
  };
  return s;
}();

// Records, from descriptions.

template <class Owner>
Owner& owner_in(void* object) {
  return as<Owner>(object);
}

template <class Kind>
Kind& settings_in(void* document) {
  return *std::get_if<Kind>(&as<integration>(document).settings);
}

/// The field of a described member; `Find` gets from the record's object to the member's owner.
template <auto Find, class Member>
consteval field make_field() {
  constexpr auto member = Member::pointer;
  using type = std::remove_reference_t<decltype(Find(nullptr).*member)>;
  return {Member::name, same_member(member, &integration::id) ? &id_shape : &shape_of<type>,
          [](void* object) -> void* { return &(Find(object).*member); }, is_required(member)};
}

template <auto Find, template <class...> class List, class... Member>
consteval auto make_fields(List<Member...>) {
  return std::array<field, sizeof...(Member)>{make_field<Find, Member>()...};
}

template <std::size_t A, std::size_t B>
consteval std::array<field, A + B> join(const std::array<field, A>& a,
                                        const std::array<field, B>& b) {
  return [&]<std::size_t... I, std::size_t... J>(std::index_sequence<I...>,
                                                 std::index_sequence<J...>) {
    return std::array<field, A + B>{a[I]..., b[J]...};
  }
  (std::make_index_sequence<A>(), std::make_index_sequence<B>());
}

template <std::size_t Count>
consteval record make_record(const std::array<field, Count>& fields, member_order& order) {
  static_assert(Count < 64, "one bit a field");
  std::array<std::string_view, Count> names;
  std::uint64_t required = 0;
  for (std::size_t i = 0; i < Count; ++i) {
    names[i] = fields[i].name;
    if (fields[i].required) required |= std::uint64_t{1} << i;
  }
  return {fields, key_table(names), required, &order};
}

template <detail::described T>
inline constexpr auto fields_of = make_fields<owner_in<T>>(detail::members_of<T>());
template <detail::described T>
inline constinit member_order order_of{};
template <detail::described T>
inline constexpr record record_of = make_record(fields_of<T>, order_of<T>);

template <detail::described T>
inline constexpr shape shape_of<T>{.expected = "object", .members = &record_of<T>};

template <class Member>
using is_settings =
    std::is_same<decltype(Member::pointer), integration_settings integration::*const>;

inline constexpr auto common_fields = make_fields<owner_in<integration>>(
    boost::mp11::mp_remove_if<detail::members_of<integration>, is_settings>());

template <class Kind>
inline constexpr auto document_fields =
    join(common_fields, make_fields<settings_in<Kind>>(detail::members_of<Kind>()));
template <>
inline constexpr auto document_fields<unknown_settings> = common_fields;
template <class Kind>
inline constinit member_order document_order{};
template <class Kind>
inline constexpr record document_record = make_record(document_fields<Kind>, document_order<Kind>);

struct document {
  shape object;
  void (*begin)(integration& value);
};

inline constexpr auto documents = []<std::size_t... I>(std::index_sequence<I...>) {
  return std::array{
      document{{.expected = "object",
                .members = &document_record<std::variant_alternative_t<I, integration_settings>>},
               [](integration& value) { value.settings.emplace<I>(); }}...};
}
(std::make_index_sequence<kind_count + 1>());

}  // namespace

const shape& begin_document(std::size_t kind, integration& value) {
  documents[kind].begin(value);
  return documents[kind].object;
}
const shape& activity_shape() noexcept { return shape_of<activity>; }
const shape& answer_head_shape() noexcept { return shape_of<answer_head>; }

}  // namespace upsun::codec
