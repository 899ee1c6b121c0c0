#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <upsun/codec_options.hpp>
#include <upsun/error.hpp>
#include <upsun/export.hpp>
#include <upsun/model/accepted_change.hpp>
#include <upsun/model/activity.hpp>
#include <upsun/model/integration.hpp>
#include <upsun/result.hpp>

namespace upsun {

/// Decodes one integration from the JSON text of its object.
///
/// - `type` chooses the kind and may be anywhere in the object. A document without it, or with two,
///   cannot be decoded. An unknown kind becomes `unknown_settings`.
/// - Members are read as their C++ type says: an optional member may be missing or null, any other
///   is required. `id` may also be a number, whose text becomes the id.
/// - Unknown members are skipped. A repeated known member, or a repeated key of a map, does not
///   fit: no choice between the two is safe.
/// - Integers may be written with a fraction or exponent (`514.0`, `1e3`) and must fit a signed
///   64-bit integer; timestamps are read by `parse_timestamp`; unknown values of enums are kept.
/// - An escape of half a surrogate pair, such as `\udce9`, is read as U+FFFD: no UTF-8 has it.
/// - The text must be UTF-8 and hold one object and nothing else but white space.
///
/// A document of a known kind that does not fit becomes `unknown_settings` with its text and the
/// place, and with the common members that do fit; with `decode_policy::strict` it is an error.
///
/// Errors: `errc::decode_failed` and `errc::json_depth_limit`, with `error::decode()` set;
/// `errc::body_limit`. All in `phase::decode`, and never with a value of the document.
///
/// Thread safety: may be called on any threads at the same time.
///
/// \param json the text
/// \param options policy and limits
/// \param drift is set to what `decode_policy::tolerant` made an exception for, or to nothing: as
/// `unknown_settings::mismatch`. Null: it is not reported
[[nodiscard]] UPSUN_EXPORT result<integration> decode_integration(
    std::string_view json, const decode_options& options = {},
    std::optional<decode_mismatch>* drift = nullptr);

/// An element of a list for which `decode_policy::tolerant` made an exception.
struct element_drift {
  /// The index of the element.
  std::size_t index = 0;
  /// Where and how the element differs; the place is that in the list.
  decode_mismatch mismatch;
};

/// Decodes a list of integrations from the JSON text of its array, each element as
/// `decode_integration` does. An element that cannot be decoded is an error in its place, whose
/// JSON pointer begins with the index.
///
/// Errors: as `decode_integration`, for text that is not a JSON array.
///
/// Thread safety: may be called on any threads at the same time.
///
/// \param json the text
/// \param options policy and limits
/// \param drifts is set to what `decode_policy::tolerant` made exceptions for. Null: it is not
/// reported
[[nodiscard]] UPSUN_EXPORT result<std::vector<result<integration>>> decode_integrations(
    std::string_view json, const decode_options& options = {},
    std::vector<element_drift>* drifts = nullptr);

/// Decodes one activity from the JSON text of its object.
///
/// `id`, `type`, `state` and `completion_percent` are required; the other members may be missing or
/// null. Unknown members and values, limits and errors: as `decode_integration`.
/// `decode_options::policy` changes nothing.
///
/// Thread safety: may be called on any threads at the same time.
[[nodiscard]] UPSUN_EXPORT result<activity> decode_activity(std::string_view json,
                                                            const decode_options& options = {});

/// Decodes a list of activities from the JSON text of its array, as `decode_integrations` does a
/// list of integrations.
///
/// Thread safety: may be called on any threads at the same time.
[[nodiscard]] UPSUN_EXPORT result<std::vector<result<activity>>> decode_activities(
    std::string_view json, const decode_options& options = {});

/// Decodes the API's response to a change that it accepted:
/// `{"status":...,"code":...,"_embedded":{"entity":{...},"activities":[...]}}`, where anything may
/// be missing, even the whole text.
///
/// Errors: none. Parts that cannot be read are listed in `accepted_change::unread`.
///
/// Thread safety: may be called on any threads at the same time.
///
/// \param json the text
/// \param status the HTTP status, for `code` when that is missing
/// \param options limits; the policy changes nothing
[[nodiscard]] UPSUN_EXPORT accepted_change
decode_accepted_change(std::string_view json, int status, const decode_options& options = {});

/// Encodes an integration as JSON text without white space. The text has the secrets in the clear.
///
/// Decoding the text gives an equal value, provided that its strings are UTF-8 and its timestamps
/// are in the years 0 to 9999. `type` is written as the kind of the settings; `unknown_settings` is
/// encoded as its raw text alone. Empty optionals are left out, except for members that the API
/// always sends, which are null.
///
/// Thread safety: may be called on any threads at the same time.
[[nodiscard]] UPSUN_EXPORT std::string encode_integration(const integration& value);

}  // namespace upsun
