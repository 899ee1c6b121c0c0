#include "unit/http/http2/scripted_peer.hpp"

#include <gtest/gtest.h>

#include <new>
#include <utility>

namespace upsun::http::test {
namespace {

std::uint32_t read_number(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char c : bytes) value = value << 8U | static_cast<unsigned char>(c);
  return value;
}

std::uint8_t* writable(const std::string& text) {
  return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
}

}  // namespace

std::string number(std::uint64_t value, std::size_t bytes) {
  std::string made;
  for (std::size_t i = bytes; i-- > 0;) made += static_cast<char>(value >> (8 * i));
  return made;
}

std::string frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream,
                  std::string_view payload) {
  return number(payload.size(), 3) + number(type, 1) + number(flags, 1) + number(stream, 4) +
         std::string(payload);
}

scripted_peer::scripted_peer() {
  if (nghttp2_hd_deflate_new(&deflater_, 4096) != 0 || nghttp2_hd_inflate_new(&inflater_) != 0)
    throw std::bad_alloc();
}

scripted_peer::~scripted_peer() {
  nghttp2_hd_deflate_del(deflater_);
  nghttp2_hd_inflate_del(inflater_);
}

std::string scripted_peer::settings(
    std::initializer_list<std::pair<std::uint16_t, std::uint32_t>> values) {
  std::string payload;
  for (const auto& [id, value] : values) payload += number(id, 2) + number(value, 4);
  return frame(NGHTTP2_SETTINGS, 0, 0, payload);
}

std::string scripted_peer::data(std::uint32_t stream, std::string_view bytes, bool last) {
  return frame(NGHTTP2_DATA, last ? NGHTTP2_FLAG_END_STREAM : 0, stream, bytes);
}

std::string scripted_peer::reset(std::uint32_t stream, std::uint32_t code) {
  return frame(NGHTTP2_RST_STREAM, 0, stream, number(code, 4));
}

std::string scripted_peer::goaway(std::uint32_t last_stream, std::uint32_t code) {
  return frame(NGHTTP2_GOAWAY, 0, 0, number(last_stream, 4) + number(code, 4));
}

std::string scripted_peer::ping(std::string_view eight_bytes, bool ack) {
  return frame(NGHTTP2_PING, ack ? NGHTTP2_FLAG_ACK : 0, 0, eight_bytes);
}

std::string scripted_peer::window_update(std::uint32_t stream, std::uint32_t by) {
  return frame(NGHTTP2_WINDOW_UPDATE, 0, stream, number(by, 4));
}

std::string scripted_peer::block(const field_list& fields) {
  std::vector<nghttp2_nv> list;
  for (const auto& [name, value] : fields)
    list.push_back({writable(name), writable(value), name.size(), value.size(), 0});
  std::string made(nghttp2_hd_deflate_bound(deflater_, list.data(), list.size()), '\0');
  const auto size =
      nghttp2_hd_deflate_hd(deflater_, writable(made), made.size(), list.data(), list.size());
  EXPECT_GE(size, 0);
  made.resize(static_cast<std::size_t>(size));
  return made;
}

std::string scripted_peer::headers(std::uint32_t stream, const field_list& fields, bool last) {
  const int flags = NGHTTP2_FLAG_END_HEADERS | (last ? NGHTTP2_FLAG_END_STREAM : 0);
  return frame(NGHTTP2_HEADERS, static_cast<std::uint8_t>(flags), stream, block(fields));
}

std::string scripted_peer::response(std::uint32_t stream, std::string_view body) {
  return headers(stream, {{":status", "200"}, {"content-type", "application/json"}}, false) +
         data(stream, body, true);
}

std::vector<scripted_peer::received> scripted_peer::read(std::string_view bytes) {
  constexpr std::size_t head_size = 9;
  unread_ += bytes;
  std::vector<received> found;
  if (!preface_read_ && unread_.size() >= NGHTTP2_CLIENT_MAGIC_LEN) {
    EXPECT_EQ(unread_.substr(0, NGHTTP2_CLIENT_MAGIC_LEN), NGHTTP2_CLIENT_MAGIC);
    unread_.erase(0, NGHTTP2_CLIENT_MAGIC_LEN);
    preface_read_ = true;
  }
  while (preface_read_ && unread_.size() >= head_size) {
    const std::size_t size = read_number(std::string_view(unread_).substr(0, 3));
    if (unread_.size() < head_size + size) break;
    received one{.type = static_cast<std::uint8_t>(unread_[3]),
                 .flags = static_cast<std::uint8_t>(unread_[4]),
                 .stream = read_number(std::string_view(unread_).substr(5, 4)),
                 .payload = unread_.substr(head_size, size),
                 .fields = {}};
    unread_.erase(0, head_size + size);
    const bool is_head = one.type == NGHTTP2_HEADERS || one.type == NGHTTP2_CONTINUATION;
    if (one.type == NGHTTP2_CONTINUATION && head_) {
      head_->payload += one.payload;
      head_->flags |= one.flags;
      one = *std::exchange(head_, std::nullopt);
    }
    if (is_head && (one.flags & NGHTTP2_FLAG_END_HEADERS) == 0) {
      head_ = std::move(one);
      continue;
    }
    if (is_head) one.fields = decode(one);
    found.push_back(std::move(one));
  }
  return found;
}

field_list scripted_peer::decode(const received& head) {
  field_list fields;
  const std::uint8_t* in = writable(head.payload);
  std::size_t left = head.payload.size();
  if ((head.flags & NGHTTP2_FLAG_PRIORITY) != 0) in += 5, left -= 5;
  for (;;) {
    nghttp2_nv field{};
    int flags = 0;
    const auto used = nghttp2_hd_inflate_hd2(inflater_, &field, &flags, in, left, 1);
    if (used < 0) {
      ADD_FAILURE() << "a header block that cannot be decoded";
      return fields;
    }
    in += used;
    left -= static_cast<std::size_t>(used);
    if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0)
      fields.emplace_back(std::string(reinterpret_cast<char*>(field.name), field.namelen),
                          std::string(reinterpret_cast<char*>(field.value), field.valuelen));
    if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0) {
      nghttp2_hd_inflate_end_headers(inflater_);
      return fields;
    }
  }
}

}  // namespace upsun::http::test
