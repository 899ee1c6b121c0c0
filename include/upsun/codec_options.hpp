#pragma once

#include <cstddef>

namespace upsun {

/// What decoding does with a document of a known kind that breaks the API's contract: a required
/// member that is missing, null where null is illegal, a value of another JSON type or out of
/// range, a member that occurs twice. Text that is no JSON is an error either way.
enum class decode_policy {
  /// The call fails with `errc::decode_failed`, whose `error::decode()` has the place.
  strict,
  /// The value's settings are `unknown_settings` with the document's text, and the observer is
  /// notified. No member is ever made up.
  tolerant,
};

/// How a document is decoded. The limits protect the client from a hostile server; a document that
/// exceeds one is an error that names it.
struct decode_options {
  /// Default: strict, so that a value that was decoded has what the API promises.
  decode_policy policy = decode_policy::strict;
  /// How deep arrays and objects may be nested. Range: 4 and more. Default: 64, far deeper than the
  /// documents of the API. Beyond it: `errc::json_depth_limit`.
  std::size_t max_depth = 64;
  /// How long the text may be, in bytes. Default: 16 MiB, as for response bodies. Zero: only an
  /// empty text, which is no document, is within it. Beyond it: `errc::body_limit`.
  std::size_t max_bytes = 16 * 1024 * 1024;
};

}  // namespace upsun
