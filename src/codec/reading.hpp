#pragma once

#include <boost/mp11/algorithm.hpp>

#include <optional>
#include <string>
#include <string_view>

#include <upsun/codec_options.hpp>
#include <upsun/error.hpp>
#include <upsun/model/integration.hpp>

#include "codec/contract.hpp"
#include "codec/json_text.hpp"
#include "codec/mended_json.hpp"
#include "codec/shape.hpp"
#include "util/ascii.hpp"

namespace upsun::codec {

/// Why a document cannot be read. An error in the making: its place may still be relative to a part
/// of the document.
struct reading_failure {
  errc code = errc::decode_failed;
  bool mendable = false;  ///< The parser may have refused what `mend` replaces.
  decode_mismatch mismatch;
};

[[nodiscard]] error make_error(reading_failure&& failure);

/// A failure in a part of a document, as a failure of the document. \param pointer, begin where the
/// part is
[[nodiscard]] reading_failure within(std::string_view pointer, std::size_t begin,
                                     reading_failure&& failure);

/// Refuses a text longer than `decode_options::max_bytes`.
[[nodiscard]] std::optional<error> check_size(std::string_view json, const decode_options& options);

/// Fails unless the text is JSON within the limits.
[[nodiscard]] std::optional<reading_failure> check_json(std::string_view json,
                                                        const decode_options& options);

/// Reads a document into an object. \param only_required when given, the address of the only member
/// that must fit; others that do not are left alone
[[nodiscard]] std::optional<reading_failure> read_into(const document_target& document,
                                                       std::string_view json,
                                                       const decode_options& options,
                                                       const void* only_required = nullptr);

/// Reads a value by `read_text(text, value)`, and once more from the mended text where there is
/// something to mend.
template <class Value, class Read>
std::optional<reading_failure> read_mended(std::string_view json, Value& value, Read read_text) {
  auto failure = read_text(json, value);
  if (!failure || !failure->mendable) return failure;
  const std::string mended = mend(json);
  if (mended.empty()) return failure;
  value = Value();
  return read_text(mended, value);
}

/// Fills the members that are kept as text.
template <detail::described T>
void keep_raw(std::string_view json, T& value) {
  using raw_members = boost::mp11::mp_copy_if<detail::members_of<T>, is_raw_member>;
  boost::mp11::mp_for_each<raw_members>([&](auto member) {
    const std::string_view text =
        util::trim(find_member(json, detail::wire_name(member.name)), " \t\r\n");
    if (text != "null") value.*member.pointer = raw_json(std::string(text));
  });
}

/// Reads a document, of the types that shape.cpp lists, into a default-constructed `value`.
template <detail::described T>
[[nodiscard]] std::optional<reading_failure> read(std::string_view json,
                                                  const decode_options& options, T& value) {
  auto failure = read_mended(json, value, [&](std::string_view text, T& into) {
    return read_into(target_for(into), text, options);
  });
  if (!failure) keep_raw(json, value);
  return failure;
}

/// Reads an integration of any kind into a default-constructed `value`. See `decode_integration`.
[[nodiscard]] std::optional<reading_failure> read_integration(
    std::string_view json, const decode_options& options, integration& value,
    std::optional<decode_mismatch>* drift);

}  // namespace upsun::codec
