#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <upsun/codec_options.hpp>
#include <upsun/error.hpp>
#include <upsun/export.hpp>
#include <upsun/model/integration.hpp>
#include <upsun/result.hpp>

namespace upsun {

/// Reads one integration from the JSON text of its object.
///
/// - `type` chooses the kind and may stand anywhere in the object; without it, or when it stands twice, nothing can be read. A kind unknown here comes as
/// `unknown_settings`.
/// - Members are read as their C++ type says: an optional one may be missing or null, any other must be there. Of the optional ones, the API always sends
///   `base_url` (github), `token_expires_at`, `from_address` and `shared_key`, perhaps as null; they must be there too.
/// - `id` may be missing, null or a number, whose text is kept. `role`, `created_at` and `updated_at` may be missing or null.
/// - Members unknown here are skipped. A known member that stands twice, or a key that stands twice in a map, is an error: no choice between the two is safe.
/// - Integers must be written as integers and fit 64 bits with a sign; timestamps are read by `parse_timestamp`; unknown values of enums are kept.
/// - The text must be UTF-8 and hold the object and nothing else but white space.
///
/// Errors: `errc::decode_failed` and `errc::json_depth_limit` with `error::decode()` filled, `errc::body_limit`; all in `phase::decode`, and never with
/// a value of the document. What `decode_policy::tolerant` changes is said there. With `unknown_settings`, the common members hold what could be read of them.
/// \param drift when given: what `decode_policy::tolerant` made an exception for, or nothing.
/// Thread safety: any thread, at once.
[[nodiscard]] UPSUN_EXPORT result<integration> decode_integration(std::string_view json, const decode_options& options = {},
                                                                  std::optional<decode_mismatch>* drift = nullptr);

/// Writes the JSON text of an integration, as compact as it gets. Decoding it gives an equal value, provided that its text is UTF-8 and its timestamps
/// lie in the years 0 to 9999. `type` is written as the alternative's kind; `unknown_settings` gives back its raw text alone. Empty optionals are left out,
/// except where the API always sends the member: null. The text holds the secrets.
[[nodiscard]] UPSUN_EXPORT std::string encode_integration(const integration& value);

}  // namespace upsun
