#include "hdr_log.hpp"

#include <openssl/evp.h>
#include <boost/beast/zlib/deflate_stream.hpp>
#include <upsun/version.hpp>

#include <array>
#include <bit>
#include <cstdint>
#include <ctime>
#include <stdexcept>

namespace upsun::load {
namespace {

// HdrHistogram's AbstractHistogram: the base of each cookie, with 0x10 for the word size.
constexpr std::uint32_t encoding_cookie = 0x1c849303 | 0x10;
constexpr std::uint32_t compressed_cookie = 0x1c849304 | 0x10;
constexpr std::uint32_t significant_digits = 2;
static_assert(latency_buckets::precision == 7, "128 to the octave are two digits");

template <class Number>
void append_big_endian(std::string& to, Number value) {
  for (std::size_t shift = 8 * sizeof value; shift > 0; shift -= 8)
    to += static_cast<char>(value >> (shift - 8) & 0xff);
}

/// ZigZag LEB128-64b9B: seven bits a byte, but eight in the ninth.
void append_zigzag(std::string& to, std::int64_t number) {
  auto value = static_cast<std::uint64_t>(number) << 1U ^ static_cast<std::uint64_t>(number >> 63);
  int bytes = 1;
  for (; value > 0x7f && bytes < 9; value >>= 7U, ++bytes)
    to += static_cast<char>((value & 0x7f) | 0x80);
  to += static_cast<char>(value);
}

/// The counts up to the highest; a run of zeros is a negative number.
std::string payload_of(const std::vector<std::uint64_t>& buckets) {
  std::size_t used = buckets.size();
  while (used > 0 && buckets[used - 1] == 0) --used;
  std::string payload;
  for (std::size_t i = 0; i < used;) {
    std::size_t zeros = 0;
    while (buckets[i + zeros] == 0) ++zeros;  // the last one is none
    append_zigzag(payload, zeros > 1    ? -static_cast<std::int64_t>(zeros)
                           : zeros == 1 ? 0
                                        : static_cast<std::int64_t>(buckets[i]));
    i += zeros > 0 ? zeros : 1;
  }
  return payload;
}

std::uint32_t adler32(std::string_view text) {
  std::uint32_t a = 1;
  std::uint32_t b = 0;
  for (const char c : text) {
    a = (a + static_cast<unsigned char>(c)) % 65521;
    b = (b + a) % 65521;
  }
  return b << 16U | a;
}

/// In the zlib format (RFC 1950), for which Beast has the compression only.
std::string compressed(const std::string& text) {
  namespace zlib = boost::beast::zlib;
  zlib::deflate_stream stream;
  std::string out(stream.upper_bound(text.size()) + 16, '\0');
  zlib::z_params buffers;
  buffers.next_in = text.data();
  buffers.avail_in = text.size();
  buffers.next_out = out.data();
  buffers.avail_out = out.size();
  boost::system::error_code status;
  stream.write(buffers, zlib::Flush::finish, status);
  if (status != zlib::error::end_of_stream)
    throw std::runtime_error("compressing a histogram failed: " + status.message());
  out.resize(buffers.total_out);
  std::string framed = "\x78\x9c" + out;
  append_big_endian(framed, adler32(text));
  return framed;
}

std::string base64(const std::string& bytes) {
  std::string text((bytes.size() + 2) / 3 * 4, '\0');
  std::string with_end(text.size() + 1, '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(with_end.data()),
                  reinterpret_cast<const unsigned char*>(bytes.data()),
                  static_cast<int>(bytes.size()));
  with_end.resize(text.size());
  return with_end;
}

/// A time in words, as the format's comment has it.
std::string date_of(std::time_t when) {
  std::tm parts{};
  gmtime_r(&when, &parts);
  std::array<char, 64> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%a %b %d %H:%M:%S UTC %Y", &parts)};
}

}  // namespace

std::string hdr_encoded(const latency_counts& counts) {
  const std::string payload = payload_of(counts.buckets());
  std::string encoded;
  append_big_endian(encoded, encoding_cookie);
  append_big_endian(encoded, static_cast<std::uint32_t>(payload.size()));
  append_big_endian(encoded, std::uint32_t{0});  // normalizing index offset
  append_big_endian(encoded, significant_digits);
  append_big_endian(encoded, std::uint64_t{1});  // lowest discernible value
  append_big_endian(encoded, latency_buckets::upper(latency_buckets::count - 1));
  append_big_endian(encoded, std::bit_cast<std::uint64_t>(1.0));  // conversion ratio
  const std::string body = compressed(encoded + payload);
  std::string whole;
  append_big_endian(whole, compressed_cookie);
  append_big_endian(whole, static_cast<std::uint32_t>(body.size()));
  return base64(whole + body);
}

void pack(time_slice& slice) {
  if (!slice.latencies) return;
  slice.packed = number(in_microseconds(slice.latencies->quantile(1)) / 1e3, 3) + "," +
                 hdr_encoded(*slice.latencies);
  slice.latencies.reset();
}

std::string hdr_log_of(const report& data) {
  std::string text =
      "#[Logged with upsun-load " UPSUN_VERSION_STRING "]\n#[Histogram log format version 1.3]\n";
  if (data.runs.empty()) return text;
  const seconds base = data.runs.front().started;
  const std::string since = number(base.count(), 3) + " (seconds since epoch)";
  text += "#[BaseTime: " + since + "]\n#[StartTime: " + since + ", " +
          date_of(static_cast<std::time_t>(base.count())) +
          "]\n\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\","
          "\"Interval_Compressed_Histogram\"\n";
  for (const run_record& run : data.runs) {
    std::string tag = name_of(data, run);
    for (char& c : tag) c = c == ' ' || c == ',' ? '-' : c;
    for (const time_slice& slice : run.timeline) {
      if (slice.packed.empty()) continue;
      if (!tag.empty()) text += "Tag=" + tag + ",";
      text += number((run.started - base + slice.end - slice.length).count(), 3) + ",";
      text += number(slice.length.count(), 3) + ",";
      text += slice.packed + "\n";
    }
  }
  return text;
}

}  // namespace upsun::load
