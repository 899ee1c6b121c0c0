#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <upsun/network_options.hpp>

namespace upsun::http {

/// What counts in a head that holds nothing special. The texts refer to the head.
struct plain_head {
  std::size_t size = 0;  ///< With the empty line.
  int status = 0;
  std::uint64_t content_length = 0;
  bool close = false;             ///< `Connection: close`.
  std::string_view content_type;  ///< The first; empty when absent.
  std::string_view request_id;    ///< The first `x-request-id`; empty when absent.
  std::string_view keep_alive;    ///< The last `Keep-Alive`; empty when absent.
  std::string_view etag;          ///< The first, when validators are asked for.
  bool no_store = false;  ///< Whether a `Cache-Control` says so, when validators are asked for.
};

/// Reads the head that the text begins with, if it is complete and plain, as nearly all are:
/// HTTP/1.1, a status that has a body, `Content-Length` once, no other framing, nothing malformed,
/// and no field that only a failure carries (Retry-After, WWW-Authenticate). Every other head is
/// left to Beast's parser, which takes twice as long and says what is wrong: what is read here it
/// reads just so. \param validators whether the fields that a cache looks at are read.
[[nodiscard]] std::optional<plain_head> read_plain_head(std::string_view text,
                                                        const limit_options& limits,
                                                        bool validators = false) noexcept;

}  // namespace upsun::http
