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

/// Reads one integration from the JSON text of its object.
///
/// - `type` chooses the kind and may stand anywhere in the object; without it, or when it stands
/// twice, nothing can be read. A kind unknown here comes as `unknown_settings`.
/// - Members are read as their C++ type says: an optional one may be missing or null, any other
/// must be there. Of the optional ones, the API always sends
///   `base_url` (github), `token_expires_at`, `from_address` and `shared_key`, perhaps as null;
///   they must be there too.
/// - `id` may be missing, null or a number, whose text is kept. `role`, `created_at` and
/// `updated_at` may be missing or null.
/// - Members unknown here are skipped. A known member that stands twice, or a key that stands twice
/// in a map, is an error: no choice between the two is safe.
/// - Integers must be written as integers and fit 64 bits with a sign; timestamps are read by
/// `parse_timestamp`; unknown values of enums are kept.
/// - The text must be UTF-8 and hold the object and nothing else but white space.
///
/// Errors: `errc::decode_failed` and `errc::json_depth_limit` with `error::decode()` filled,
/// `errc::body_limit`; all in `phase::decode`, and never with a value of the document. What
/// `decode_policy::tolerant` changes is said there. With `unknown_settings`, the common members
/// hold what could be read of them.
/// \param drift when given: what `decode_policy::tolerant` made an exception for, or nothing.
///
/// Thread safety: any thread, at once.
[[nodiscard]] UPSUN_EXPORT result<integration> decode_integration(
    std::string_view json, const decode_options& options = {},
    std::optional<decode_mismatch>* drift = nullptr);

/// An element of a list for which `decode_policy::tolerant` made an exception.
struct element_drift {
  std::size_t index = 0;     ///< Which.
  decode_mismatch mismatch;  ///< Where in the list, and how.
};

/// Reads a list of integrations from the JSON text of its array, each as `decode_integration` does.
/// An element that breaks the API's contract is an error in its place, whose JSON pointer begins
/// with the index; all others come as ever.
///
/// Errors: as `decode_integration`, for a text that is no JSON array.
/// \param drifts when given: what `decode_policy::tolerant` made exceptions for.
/// Thread safety: any thread, at once.
[[nodiscard]] UPSUN_EXPORT result<std::vector<result<integration>>> decode_integrations(
    std::string_view json, const decode_options& options = {},
    std::vector<element_drift>* drifts = nullptr);

/// Reads one activity from the JSON text of its object. `id`, `type`, `state` and
/// `completion_percent` must be there; the other members may be missing or null, save that
/// `environments` cannot be null. Members and values unknown here, limits and errors: as
/// `decode_integration`; `decode_policy` changes nothing. Thread safety: any thread, at once.
[[nodiscard]] UPSUN_EXPORT result<activity> decode_activity(std::string_view json,
                                                            const decode_options& options = {});

/// Reads a list of activities, as `decode_integrations` does one of integrations.
[[nodiscard]] UPSUN_EXPORT result<std::vector<result<activity>>> decode_activities(
    std::string_view json, const decode_options& options = {});

/// Reads what the API answers to a change it accepted:
/// `{"status":...,"code":...,"_embedded":{"entity":{...},"activities":[...]}}`, where anything may
/// be missing, also the whole text. Never fails: what cannot be read stands in
/// `accepted_change::unread`.
/// \param status of the HTTP response, which stands in for a missing `code`.
///
/// Thread safety: any thread, at once.
[[nodiscard]] UPSUN_EXPORT accepted_change
decode_accepted_change(std::string_view json, int status, const decode_options& options = {});

/// Writes the JSON text of an integration, as compact as it gets. Decoding it gives an equal value,
/// provided that its text is UTF-8 and its timestamps lie in the years 0 to 9999. `type` is written
/// as the alternative's kind; `unknown_settings` gives back its raw text alone. Empty optionals are
/// left out, except where the API always sends the member: null. The text holds the secrets.
[[nodiscard]] UPSUN_EXPORT std::string encode_integration(const integration& value);

}  // namespace upsun
