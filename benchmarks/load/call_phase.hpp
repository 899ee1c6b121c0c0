#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace upsun::load {

/// A part of a call, or of a dial.
enum class call_phase : std::uint8_t {
  start,       ///< Open loop: from when the call was due until it began.
  queue,       ///< Until it had a connection, dialling included.
  first_byte,  ///< From then to the first byte of the response.
  transfer,    ///< From the first byte to the last.
  dial,        ///< Of a connection: name lookup and TCP.
  handshake,   ///< Of a connection: TLS.
};

inline constexpr std::size_t phase_count = 6;
inline constexpr std::array<std::string_view, phase_count> phase_names{
    "start", "queue", "first byte", "transfer", "dial", "TLS"};

}  // namespace upsun::load
