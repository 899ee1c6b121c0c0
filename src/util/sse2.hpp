#pragma once

#ifdef __SSE2__

#include <emmintrin.h>

#include <cstddef>
#include <cstdint>

// Sixteen characters at once. Whoever uses this has a way without it, too.

namespace upsun::sse2 {

constexpr std::size_t width = sizeof(__m128i);

inline __m128i load(const char* sixteen) noexcept {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(sixteen));
}
inline __m128i in_each(char value) noexcept { return _mm_set1_epi8(value); }

// Which characters are ...
inline __m128i equal(__m128i bytes, char value) noexcept {
  return _mm_cmpeq_epi8(bytes, in_each(value));
}
inline __m128i at_most(__m128i bytes, char most) noexcept {
  return _mm_cmpeq_epi8(_mm_min_epu8(bytes, in_each(most)), bytes);
}
/// ... below that one, or no ASCII.
inline __m128i below_or_foreign(__m128i bytes, char limit) noexcept {
  return _mm_cmplt_epi8(bytes, in_each(limit));
}

/// One bit for each, the first character's lowest.
inline std::uint32_t mask_of(__m128i marked) noexcept {
  return static_cast<std::uint32_t>(_mm_movemask_epi8(marked));
}

}  // namespace upsun::sse2

#endif
