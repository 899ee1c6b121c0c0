#include <string>
#include <variant>

#include <upsun/codec.hpp>

#include "codec/contract.hpp"
#include "codec/json_writer.hpp"

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
