#pragma once

#include <optional>
#include <string_view>

#include <upsun/codec_options.hpp>
#include <upsun/error.hpp>
#include <upsun/model/integration.hpp>

#include "codec/shape.hpp"

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

/// Reads a document into a default-constructed `value`.
[[nodiscard]] std::optional<reading_failure> read(std::string_view json,
                                                  const decode_options& options, activity& value);
[[nodiscard]] std::optional<reading_failure> read(std::string_view json,
                                                  const decode_options& options,
                                                  change_status& value);

/// Reads an integration of any kind into a default-constructed `value`. See `decode_integration`.
[[nodiscard]] std::optional<reading_failure> read_integration(
    std::string_view json, const decode_options& options, integration& value,
    std::optional<decode_mismatch>* drift);

}  // namespace upsun::codec
