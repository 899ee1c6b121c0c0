#pragma once

#include <boost/config.hpp>
#include <boost/json/string_view.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <upsun/error.hpp>

#include "codec/same_name.hpp"
#include "util/sse2.hpp"

namespace upsun::codec {

/// Reads JSON that is plain, as nearly all of it is: ASCII without escapes, and whole numbers of at
/// most 18 digits. Everything else is left to `boost::json::basic_parser`, whose events this sends,
/// and which also says what is wrong: what is not certainly plain is not plain.
///
/// The handler may know which member comes next. Where it is right a name is compared, and not
/// looked for.
template <class Handler>
class plain_json {
 public:
  plain_json(std::string_view json, std::size_t max_depth, Handler& handler) noexcept
      : begin_(json.data()),
        end_(json.data() + json.size()),
        max_depth_(std::min(max_depth, deepest)),
        handler_(handler) {}

  /// Whether the text is one plain object and the handler took all of it. Otherwise the handler may
  /// have taken a part.
  [[nodiscard]] bool read() {
    if (!may_be_plain()) return false;
    const char* at = skip_space(begin_);
    if (!stands_at(at, '{')) return false;
    at = read_object(at, 1);
    return at != nullptr && skip_space(at) == end_;
  }

 private:
  static constexpr std::size_t deepest = 32;  // as it recurses
  static constexpr std::ptrdiff_t most_digits = 18;

  /// False where a foreign character or an escape stands anywhere: to find out while reading would
  /// cost what was read until then.
  [[nodiscard]] bool may_be_plain() const noexcept {
#ifdef __SSE2__
    if (size(begin_, end_) < sse2::width) return false;  // no document is as short
    const auto odd_at = [](const char* at) {
      const __m128i bytes = sse2::load(at);
      return _mm_or_si128(
          bytes,
          sse2::equal(
              bytes,
              '\\'));  // the upper bit, which a mask is of, is that of a foreign character, too
    };
    const char* const last = end_ - sse2::width;
    __m128i odd = odd_at(last);
    for (const char* at = begin_; at < last; at += sse2::width) odd = _mm_or_si128(odd, odd_at(at));
    return sse2::mask_of(odd) == 0;
#else
    return std::none_of(begin_, end_,
                        [](char c) { return c == '\\' || static_cast<unsigned char>(c) >= 0x80; });
#endif
  }

  // Each takes where it begins, and gives where it ended; null when it was not plain, or refused.

  const char* read_object(const char* at, std::size_t depth) {
    if (depth >= max_depth_ || !handler_.on_object_begin(none_)) return nullptr;
    at = skip_space(at + 1);
    if (!stands_at(at, '}')) {
      for (;;) {
        if (!stands_at(at, '"')) return nullptr;
        at = read_name(at + 1);
        if (at == nullptr) return nullptr;
        at = skip_space(at);
        if (!stands_at(at, ':')) return nullptr;
        at = read_value(skip_space(at + 1), depth);
        if (at == nullptr) return nullptr;
        at = skip_space(at);
        if (!stands_at(at, ',')) break;
        at = skip_space(at + 1);
      }
      if (!stands_at(at, '}')) return nullptr;
    }
    return handler_.on_object_end(0, none_) ? at + 1 : nullptr;
  }

  const char* read_array(const char* at, std::size_t depth) {
    if (depth >= max_depth_ || !handler_.on_array_begin(none_)) return nullptr;
    at = skip_space(at + 1);
    if (!stands_at(at, ']')) {
      for (;;) {
        at = read_value(at, depth);
        if (at == nullptr) return nullptr;
        at = skip_space(at);
        if (!stands_at(at, ',')) break;
        at = skip_space(at + 1);
      }
      if (!stands_at(at, ']')) return nullptr;
    }
    return handler_.on_array_end(0, none_) ? at + 1 : nullptr;
  }

  /// From behind the opening quote, as a text.
  BOOST_FORCEINLINE const char* read_name(const char* at) {
    if (const auto next = handler_.expected_member(); next.described != nullptr) {
      const std::string_view name = next.described->name;
      if (size(at, end_) > name.size() && at[name.size()] == '"' &&
          is_same_name(name, {at, name.size()})) {
        return handler_.on_member(next, none_) ? at + name.size() + 1 : nullptr;
      }
    }
    return read_other_name(at);
  }

  BOOST_NOINLINE const char* read_other_name(const char* at) {
    const char* const close = find_text_end(at);
    return close != nullptr && handler_.on_key(text(at, close), size(at, close), none_) ? close + 1
                                                                                        : nullptr;
  }

  BOOST_FORCEINLINE const char* read_value(const char* at, std::size_t depth) {
    if (at == end_) return nullptr;
    switch (*at) {
      case '"': {
        const char* const close = find_text_end(++at);
        return close != nullptr && handler_.on_string(text(at, close), size(at, close), none_)
                   ? close + 1
                   : nullptr;
      }
      case '{': return read_object(at, depth + 1);
      case '[': return read_array(at, depth + 1);
      case 't': return is_word(at, "true") && handler_.on_bool(true, none_) ? at + 4 : nullptr;
      case 'f': return is_word(at, "false") && handler_.on_bool(false, none_) ? at + 5 : nullptr;
      case 'n': return is_word(at, "null") && handler_.on_null(none_) ? at + 4 : nullptr;
      default: return read_number(at);
    }
  }

  const char* read_number(const char* at) {
    const char* const digits = at + (*at == '-' ? 1 : 0);
    const char* const most = end_ - digits > most_digits ? digits + most_digits + 1 : end_;
    const char* end = digits;
    std::uint64_t value = 0;  // which takes one digit more than is plain
    for (; end != most && *end >= '0' && *end <= '9'; ++end)
      value = value * 10 + static_cast<std::uint64_t>(*end - '0');
    if (end == digits || end - digits > most_digits) return nullptr;
    if (*digits == '0' && end - at > 1) return nullptr;  // -0, or zeros in front, which are no JSON
    if (stands_at(end, '.') || stands_at(end, 'e') || stands_at(end, 'E')) return nullptr;
    const auto whole = static_cast<std::int64_t>(value);
    return handler_.on_int64(digits == at ? whole : -whole, text(at, end), none_) ? end : nullptr;
  }

  /// The closing quote of a text, of which `at` is the first character; null when something stands
  /// before it that is not plain.
  const char* find_text_end(const char* at) const noexcept {
#ifdef __SSE2__
    for (; size(at, end_) >= sse2::width; at += sse2::width) {
      const __m128i bytes = sse2::load(at);
      const __m128i marks = _mm_or_si128(sse2::equal(bytes, '"'), sse2::equal(bytes, '\\'));
      const std::uint32_t found =
          sse2::mask_of(_mm_or_si128(marks, sse2::below_or_foreign(bytes, ' ')));
      if (found == 0) continue;
      at += std::countr_zero(found);
      return *at == '"' ? at : nullptr;
    }
#endif
    while (at != end_ && *at != '"' && *at != '\\' && *at >= ' ' &&
           static_cast<unsigned char>(*at) < 0x80)
      ++at;
    return stands_at(at, '"') ? at : nullptr;
  }

  [[nodiscard]] bool stands_at(const char* at, char c) const noexcept {
    return at != end_ && *at == c;
  }
  [[nodiscard]] bool is_word(const char* at, std::string_view word) const noexcept {
    return size(at, end_) >= word.size() && std::equal(word.begin(), word.end(), at);
  }
  const char* skip_space(const char* at) const noexcept {
    while (at != end_ && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')) ++at;
    return at;
  }
  static std::size_t size(const char* begin, const char* end) noexcept {
    return static_cast<std::size_t>(end - begin);
  }
  static boost::json::string_view text(const char* begin, const char* end) noexcept {
    return {begin, size(begin, end)};
  }

  const char* const begin_;
  const char* const end_;
  const std::size_t max_depth_;
  Handler& handler_;
  error_code none_;
};

}  // namespace upsun::codec
