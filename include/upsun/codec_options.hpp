#pragma once

#include <cstddef>

namespace upsun {

/// What decoding does with a document of a known kind that breaks the API's contract: a required
/// member that is missing, null where null is illegal, a value of another JSON type or out of
/// range, a member that is repeated.
enum class decode_policy {
  strict,    ///< The call fails with `errc::decode_failed`, naming the place.
  tolerant,  ///< The call yields `unknown_settings` with the raw text, and the observer is
             ///< notified. Never a made-up value. Not for text that is not JSON at all.
};

/// How a document is decoded. The limits protect the client from a hostile server; reaching one is
/// an error that names it.
struct decode_options {
  decode_policy policy = decode_policy::strict;
  /// Nesting of arrays and objects, at least 4. Beyond it: `errc::json_depth_limit`.
  std::size_t max_depth = 64;
  /// Length of the text. Beyond it: `errc::body_limit`.
  std::size_t max_bytes = 16 * 1024 * 1024;
};

}  // namespace upsun
