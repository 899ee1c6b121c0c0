#include "codec/encode.hpp"

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>

#include <upsun/codec.hpp>

#include "codec/contract.hpp"
#include "codec/json_writer.hpp"
#include "model/make_error.hpp"

namespace upsun::codec {
namespace {

/// Why a value is refused, as the end of a sentence that begins with the member's name.
using problem = std::optional<std::string>;

template <class T, class Pointer>
problem find_problem(const T&, Pointer) {
  return std::nullopt;
}

template <class E, class Pointer>
problem find_problem(const open_enum<E>& value, Pointer) {
  if (value.known()) return std::nullopt;
  std::string listed;
  for (const std::string_view name : wire_names<E>)
    listed.append(listed.empty() ? "" : ", ").append(name);
  return "is none of " + listed;
}

template <class Pointer>
problem find_problem(std::int64_t value, Pointer member) {
  problem found;
  const auto check = [&](const auto& allowed) {
    if (same_member(member, allowed.member) && (value < allowed.least || value > allowed.most)) {
      found = "is " + std::to_string(value) + ", outside " + std::to_string(allowed.least) +
              " to " + std::to_string(allowed.most);
    }
  };
  std::apply([&](const auto&... allowed) { (check(allowed), ...); }, integer_ranges);
  return found;
}

bool is_false(const upsun::field<bool>& value) { return value.has_value() && !*value; }
bool is_true(const upsun::field<bool>& value) { return value.has_value() && *value; }

/// The first member that the API is known to refuse, and why.
template <class Fields>
std::optional<std::string> first_problem(const Fields& fields) {
  std::optional<std::string> first;
  boost::mp11::mp_for_each<detail::members_of<Fields>>([&](auto member) {
    const auto& value = fields.*member.pointer;
    if (first || !value.has_value()) return;
    if (const problem found = find_problem(*value, member.pointer))
      first = member.name + (' ' + *found);
  });
  if constexpr (std::derived_from<Fields, source_fields>) {
    if (!first && is_false(fields.fetch_branches) && is_true(fields.prune_branches))
      first = "prune_branches is true although fetch_branches is false";
  }
  return first;
}

/// Sets what the API expects along with the members that are set.
template <class Fields>
void complete(Fields& fields) {
  if constexpr (std::derived_from<Fields, source_fields>) {
    if (is_false(fields.fetch_branches)) fields.prune_branches = false;
  }
}

template <class Fields>
result<std::string> encode(Fields fields, std::optional<std::string_view> type) {
  if (auto wrong = first_problem(fields)) {
    return model::refused_argument(std::move(*wrong));
  }
  complete(fields);
  std::string body;
  json_writer writer(body);
  writer.begin_object();
  if (type) writer.write_named("type", *type);
  writer.write_members(fields);
  writer.end_object();
  return body;
}

}  // namespace

result<std::string> encode_input(const integration_input& input) {
  return std::visit(
      [](const auto& members) { return encode(members.fields(), members.fields().kind); }, input);
}

result<std::string> encode_patch(const integration_patch& patch) {
  return std::visit([](const auto& members) { return encode(members.fields(), std::nullopt); },
                    patch);
}

}  // namespace upsun::codec

namespace upsun {
namespace {

/// The document: the common members, and those of the settings beside them.
template <class Settings>
void write_document(std::string& out, const integration& value, const Settings& settings) {
  codec::json_writer writer(out);
  writer.begin_object();
  boost::mp11::mp_for_each<detail::members_of<integration>>([&](auto member) {
    if constexpr (codec::same_member(member.pointer, &integration::type)) {
      writer.write_named(member.name, Settings::kind);
    } else if constexpr (!codec::same_member(member.pointer, &integration::settings)) {
      writer.write_member(value, member);
    }
  });
  writer.write_members(settings);
  writer.end_object();
}

void write_document(std::string& out, const integration&, const unknown_settings& settings) {
  out += settings.raw;
}

}  // namespace

std::string encode_integration(const integration& value) {
  std::string out;
  out.reserve(1024);
  std::visit([&](const auto& settings) { write_document(out, value, settings); }, value.settings);
  return out;
}

}  // namespace upsun
