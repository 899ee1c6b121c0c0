#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <upsun/codec_options.hpp>
#include <upsun/error.hpp>
#include <upsun/model/integration.hpp>

#include "codec/shape.hpp"

namespace upsun::codec {

/// Why a reading ended early.
struct reading_failure {
  errc code = errc::decode_failed;
  decode_mismatch mismatch;
};

/// As the caller sees it.
[[nodiscard]] error make_error(reading_failure&& failure);

/// A failure within a part of a document, as one of the document: `pointer` and `begin` say where
/// the part stands.
[[nodiscard]] reading_failure within(std::string_view pointer, std::size_t begin,
                                     reading_failure&& failure);

/// Refuses a text that is longer than allowed.
[[nodiscard]] std::optional<error> check_size(std::string_view json, const decode_options& options);

/// Reads a document into the object at `root`; without a shape, only finds out whether it is JSON.
/// With `vital`, see `document_handler`.
[[nodiscard]] std::optional<reading_failure> read(std::string_view json,
                                                  const decode_options& options,
                                                  const shape* document, void* root,
                                                  const void* vital = nullptr);

// Read an integration into a fresh `value` if it is of a known kind and as it should be; false for
// any other, of which parts may be read.

/// The fastest way, for JSON that is plain, too: see `plain_json`.
[[nodiscard]] bool read_plain(std::string_view json, const decode_options& options,
                              integration& value);
/// The fast way.
[[nodiscard]] bool read_well_formed(std::string_view json, const decode_options& options,
                                    integration& value);

/// Reads an integration into a fresh `value`, whatever its kind. See `decode_integration`.
[[nodiscard]] std::optional<reading_failure> read_integration(
    std::string_view json, const decode_options& options, integration& value,
    std::optional<decode_mismatch>* drift);

}  // namespace upsun::codec
