#include "http/message/content_decoder.hpp"

#include <array>
#include <new>

#if UPSUN_BROTLI
#include <brotli/decode.h>
#endif
#if UPSUN_GZIP
#include <zlib.h>
#endif
#if UPSUN_ZSTD
#include <zstd.h>
#include <zstd_errors.h>
#endif

#include "util/ascii.hpp"

namespace upsun::http {
namespace {

#if UPSUN_GZIP
/// RFC 1952: one member, or several. zlib checks the sums and lengths at their ends.
class gzip_decoder final : public content_decoder {
 public:
  explicit gzip_decoder(std::size_t most) : content_decoder("gzip", most) {
    constexpr int gzip_only = 16;
    if (inflateInit2(&stream_, MAX_WBITS + gzip_only) != Z_OK) throw std::bad_alloc();
  }
  ~gzip_decoder() override { inflateEnd(&stream_); }

 private:
  step advance(std::string_view from, std::span<char> into) override {
    if (member_ended_ && !from.empty()) inflateReset(&stream_);
    // zlib does not write to what it reads.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(from.data()));
    stream_.avail_in = static_cast<uInt>(from.size());
    stream_.next_out = reinterpret_cast<Bytef*>(into.data());
    stream_.avail_out = static_cast<uInt>(into.size());
    const int status = inflate(&stream_, Z_NO_FLUSH);
    if (status == Z_MEM_ERROR) throw std::bad_alloc();
    member_ended_ = status == Z_STREAM_END;
    return {.read = from.size() - stream_.avail_in,
            .written = into.size() - stream_.avail_out,
            .ended = member_ended_,
            .damaged = status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR};
  }

  z_stream stream_{};
  bool member_ended_ = false;
};
#endif

#if UPSUN_ZSTD
/// RFC 8878: one frame, or several.
class zstd_decoder final : public content_decoder {
 public:
  explicit zstd_decoder(std::size_t most) : content_decoder("zstd", most) {
    constexpr int largest_window = 23;  // 8 MiB, the most that a coding may ask for: RFC 9659
    if (!stream_) throw std::bad_alloc();
    ZSTD_DCtx_setParameter(stream_.get(), ZSTD_d_windowLogMax, largest_window);
  }

 private:
  struct free {
    void operator()(ZSTD_DCtx* context) const noexcept { ZSTD_freeDCtx(context); }
  };

  step advance(std::string_view from, std::span<char> into) override {
    ZSTD_inBuffer in{from.data(), from.size(), 0};
    ZSTD_outBuffer out{into.data(), into.size(), 0};
    const std::size_t status = ZSTD_decompressStream(stream_.get(), &out, &in);
    if (ZSTD_getErrorCode(status) == ZSTD_error_memory_allocation) throw std::bad_alloc();
    return {.read = in.pos,
            .written = out.pos,
            .ended = status == 0,
            .damaged = ZSTD_isError(status) != 0};
  }

  const std::unique_ptr<ZSTD_DCtx, free> stream_{ZSTD_createDCtx()};
};
#endif

#if UPSUN_BROTLI
/// RFC 7932. Nothing may follow.
class brotli_decoder final : public content_decoder {
 public:
  explicit brotli_decoder(std::size_t most) : content_decoder("br", most) {
    if (!stream_) throw std::bad_alloc();
  }

 private:
  struct free {
    void operator()(BrotliDecoderState* state) const noexcept {
      BrotliDecoderDestroyInstance(state);
    }
  };

  step advance(std::string_view from, std::span<char> into) override {
    if (BrotliDecoderIsFinished(stream_.get()) == BROTLI_TRUE) return {.damaged = true};
    const auto* in = reinterpret_cast<const std::uint8_t*>(from.data());
    auto* out = reinterpret_cast<std::uint8_t*>(into.data());
    std::size_t left = from.size();
    std::size_t room = into.size();
    const auto status =
        BrotliDecoderDecompressStream(stream_.get(), &left, &in, &room, &out, nullptr);
    return {.read = from.size() - left,
            .written = into.size() - room,
            .ended = status == BROTLI_DECODER_RESULT_SUCCESS,
            .damaged = status == BROTLI_DECODER_RESULT_ERROR};
  }

  const std::unique_ptr<BrotliDecoderState, free> stream_{
      BrotliDecoderCreateInstance(nullptr, nullptr, nullptr)};
};
#endif

}  // namespace

std::string_view accepted_codings() noexcept {
  // Without weights: the server chooses.
  constexpr std::string_view all =
#if UPSUN_ZSTD
      ", zstd"
#endif
#if UPSUN_GZIP
      ", gzip"
#endif
#if UPSUN_BROTLI
      ", br"
#endif
      "";
  return all.empty() ? "identity" : all.substr(2);
}

std::unique_ptr<content_decoder> content_decoder::make([[maybe_unused]] std::string_view coding,
                                                       [[maybe_unused]] std::size_t most,
                                                       bool required) {
  std::unique_ptr<content_decoder> made;
#if UPSUN_GZIP
  // RFC 9110 section 8.4.1.3
  if (util::equal_ignoring_case(coding, "gzip") || util::equal_ignoring_case(coding, "x-gzip"))
    made = std::make_unique<gzip_decoder>(most);
#endif
#if UPSUN_ZSTD
  if (util::equal_ignoring_case(coding, "zstd")) made = std::make_unique<zstd_decoder>(most);
#endif
#if UPSUN_BROTLI
  if (util::equal_ignoring_case(coding, "br")) made = std::make_unique<brotli_decoder>(most);
#endif
  if (made) made->required_ = required;
  return made;
}

std::optional<io_failure> content_decoder::decode(std::string_view bytes, std::string& body) {
  constexpr std::size_t piece_size = 16 * 1024;
  char piece[piece_size];  // NOLINT(modernize-avoid-c-arrays): left uninitialised on purpose
  coded_ += bytes.size();
  bool more = !bytes.empty() && !given_up_;
  while (more) {
    const step made = advance(bytes, piece);
    if (made.damaged || (made.read == 0 && made.written == 0 && !bytes.empty()))
      return give_up(body);
    bytes.remove_prefix(made.read);
    decoded_ += made.written;
    if (decoded_ > most_) break;
    body.append(piece, made.written);
    ended_ = made.ended;
    more = !bytes.empty() || (!made.ended && made.written == piece_size);
  }
  if (coded_ > most_ || decoded_ > most_) return io_failure{errc::body_limit, "limits.body_bytes"};
  return std::nullopt;
}

std::optional<io_failure> content_decoder::give_up(std::string& body) {
  if (required_) {
    return io_failure{errc::bad_response, "the body's " + std::string(coding_) +
                                              " data are damaged, or followed by something else"};
  }
  given_up_ = true;
  body.clear();
  return std::nullopt;
}

std::unique_ptr<content_decoder> take_coding(http_response& response, std::size_t most) {
  if (response.content_encoding.empty()) return nullptr;
  const bool success = response.status / 100 == 2;
  auto made = content_decoder::make(response.content_encoding, most, success);
  if (made) response.content_encoding.clear();
  return made;
}

std::optional<io_failure> content_decoder::end() const {
  if (ended_ || !required_) return std::nullopt;
  return io_failure{errc::bad_response,
                    "the body ends in the middle of its " + std::string(coding_) + " data"};
}

}  // namespace upsun::http
