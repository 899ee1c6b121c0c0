#include "http2_peer.hpp"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <algorithm>

namespace upsun::testing {
namespace {

peer http2_peer_of(const sandbox& server) {
  const bool tls = server.url().starts_with("https:");
  peer to{.port = server.port(), .ca_pem = tls ? server.ca_pem() : std::string()};
  to.adjust = [](ssl_st* ssl) {
    SSL_set_alpn_protos(ssl, reinterpret_cast<const unsigned char*>("\2h2"), 3);
  };
  return to;
}

}  // namespace

std::uint32_t number_in(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char c : bytes) value = value << 8U | static_cast<unsigned char>(c);
  return value;
}

http2_peer::http2_peer(const sandbox& server)
    : token_(server.token()), client_(http2_peer_of(server)) {
  coder_.read(NGHTTP2_CLIENT_MAGIC);  // reads a client's frames otherwise
  send(NGHTTP2_CLIENT_MAGIC + coder_.settings());
}

std::string http2_peer::request(std::uint32_t stream, std::string_view path,
                                std::string_view method, bool last, const fields& more) {
  fields all{{":method", std::string(method)},
             {":scheme", "https"},
             {":authority", "sandbox"},
             {":path", std::string(path)},
             {"authorization", "Bearer " + token_}};
  all.insert(all.end(), more.begin(), more.end());
  return coder_.headers(stream, all, last);
}

std::optional<http2_peer::frame> http2_peer::read() {
  constexpr std::size_t head_size = 9;
  const std::string head = client_.receive_bytes(head_size);
  if (head.size() < head_size) return std::nullopt;
  const std::size_t size = number_in(std::string_view(head).substr(0, 3));
  if (size > 16 * 1024) return std::nullopt;  // no frame
  auto frames = coder_.read(head + client_.receive_bytes(size));
  if (frames.empty()) return std::nullopt;
  frame& one = frames.front();
  ++counts_[one.type];
  const bool is_ack = (one.flags & NGHTTP2_FLAG_ACK) != 0;
  if (one.type == NGHTTP2_SETTINGS && !is_ack) send(coder_.settings_ack());
  return std::move(one);
}

std::optional<http2_peer::frame> http2_peer::next(std::uint8_t type) {
  const auto found = std::find_if(unread_.begin(), unread_.end(),
                                  [&](const frame& each) { return each.type == type; });
  if (found != unread_.end()) {
    frame taken = std::move(*found);
    unread_.erase(found);
    return taken;
  }
  for (;;) {
    auto one = read();
    if (!one || one->type == type) return one;
    unread_.push_back(std::move(*one));
  }
}

http2_peer::response http2_peer::receive(std::uint32_t stream) {
  response got;
  const auto take = [&](const frame& one) {
    if (one.type == NGHTTP2_HEADERS) {
      got.head = one.fields;
      got.status = one.fields.front().second;
    } else if (one.type == NGHTTP2_DATA) {
      got.body += one.payload;
      ++got.frames;
    } else if (one.type == NGHTTP2_RST_STREAM) {
      got.reset = number_in(one.payload);
    }
    const bool carries = one.type == NGHTTP2_HEADERS || one.type == NGHTTP2_DATA;
    got.ended = got.ended || (carries && (one.flags & NGHTTP2_FLAG_END_STREAM) != 0);
  };
  std::erase_if(unread_, [&](const frame& each) {
    const bool ours = each.stream == stream && !got.ended && !got.reset;
    if (ours) take(each);
    return ours;
  });
  while (!got.ended && !got.reset) {
    auto one = read();
    if (!one) break;
    if (one->stream == stream) {
      take(*one);
    } else {
      unread_.push_back(std::move(*one));
    }
  }
  return got;
}

http2_peer::response http2_peer::get(std::uint32_t stream, std::string_view path) {
  send(request(stream, path));
  return receive(stream);
}

}  // namespace upsun::testing
