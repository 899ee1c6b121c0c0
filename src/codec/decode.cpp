#include <optional>
#include <utility>

#include <upsun/codec.hpp>
#include <upsun/model/kinds.hpp>

#include "codec/find_type.hpp"
#include "codec/reading.hpp"
#include "util/ascii.hpp"

namespace upsun {
namespace {

/// Reads the common members that fit, and keeps the whole as `unknown_settings`.
std::optional<codec::reading_failure> read_as_unknown(std::string_view json,
                                                      const decode_options& options,
                                                      integration& value) {
  value = integration();
  auto failure =
      codec::read(json, options, &codec::begin_document(kind_count, value), &value, &value.type);
  if (!failure) std::get<unknown_settings>(value.settings).raw = util::trim(json, " \t\r\n");
  return failure;
}

}  // namespace

std::optional<codec::reading_failure> codec::read_integration(
    std::string_view json, const decode_options& options, integration& value,
    std::optional<decode_mismatch>* drift) {
  for (const auto read_fast : {read_plain, read_well_formed}) {
    if (read_fast(json, options, value)) return std::nullopt;
    value = integration();
  }
  std::optional<std::size_t> kind = find_kind(find_type(json));
  if (!kind) {  // unknown, or written with escapes
    auto failure = read_as_unknown(json, options, value);
    if (!failure) kind = find_kind(value.type);
    if (!kind) return failure;
    value = integration();
  }
  auto failure = read(json, options, &begin_document(*kind, value), &value);
  if (!failure || options.policy == decode_policy::strict) return failure;
  auto unreadable = read_as_unknown(json, options, value);  // fails too when the text is no JSON
  if (!unreadable && drift != nullptr) *drift = std::move(failure->mismatch);
  return unreadable;
}

result<integration> decode_integration(std::string_view json, const decode_options& options,
                                       std::optional<decode_mismatch>* drift) {
  result<integration> value(
      boost::system::in_place_value);  // all that is ever returned, so that nothing is moved
  if (drift != nullptr) drift->reset();
  if (auto refusal = codec::check_size(json, options)) {
    value = std::move(*refusal);
  } else if (auto failure = codec::read_integration(json, options, *value, drift)) {
    value = codec::make_error(std::move(*failure));
  }
  return value;
}

}  // namespace upsun
