#pragma once

#include <cstddef>

namespace upsun {

/// What decoding does with a document of a known kind that breaks the API's contract: a required
/// member that is missing, null where null is illegal, a value of another JSON type or out of
/// range, a member that stands twice.
enum class decode_policy {
  strict,    ///< The call fails with `errc::decode_failed`, naming the place.
  tolerant,  ///< The call yields `unknown_settings` with the raw text, and the observer is told.
             ///< Never a made-up value. Not for what is not JSON at all.
};

/// How a document is decoded. Limits protect the client from a hostile server; reaching one is an
/// error that names it.
struct decode_options {
  decode_policy policy = decode_policy::strict;
  std::size_t max_depth =
      64;  ///< Nesting of arrays and objects. At least 4. Beyond it: `errc::json_depth_limit`.
  std::size_t max_bytes = 16 * 1024 * 1024;  ///< Length of the text. Beyond it: `errc::body_limit`.
};

}  // namespace upsun
