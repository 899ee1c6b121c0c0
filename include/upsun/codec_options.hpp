#pragma once

#include <cstddef>

namespace upsun {

/// What decoding does with an integration of a known kind whose document differs from what this
/// version expects: a required member that is missing, null where null is illegal, a value of
/// another JSON type or out of range, a member that occurs twice. Regions of the API differ by a
/// release, so this happens to documents that are fine. See doc/decoding.md.
///
/// A document whose `type` cannot be read, and text that is no JSON, is an error either way.
enum class decode_policy {
  /// An error: `errc::decode_failed`, whose `error::decode()` has the place.
  strict,
  /// A value: the common members that fit, and `unknown_settings` with the whole text and the
  /// place. The observer is notified. Nothing is made up, and nothing is lost.
  tolerant,
};

/// How a document is decoded. The limits protect the client from a hostile server; a document that
/// exceeds one is an error that names it.
struct decode_options {
  /// Default: tolerant, so that a region that is a release ahead or behind does not fail a fetch.
  decode_policy policy = decode_policy::tolerant;
  /// How deep arrays and objects may be nested. Range: 4 and more. Default: 64, far deeper than the
  /// documents of the API. Beyond it: `errc::json_depth_limit`.
  std::size_t max_depth = 64;
  /// How long the text may be, in bytes. Default: 16 MiB, as for response bodies. Zero: only an
  /// empty text, which is no document, is within it. Beyond it: `errc::body_limit`.
  std::size_t max_bytes = 16 * 1024 * 1024;
};

}  // namespace upsun
