#include "blocking_client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>

#include <poll.h>

namespace upsun::testing {
namespace asio = boost::asio;
using asio::ip::tcp;

struct blocking_client::impl {
  explicit impl(const peer& to) : tls(!to.ca_pem.empty()) {
    stream.next_layer().connect({asio::ip::make_address(to.address), to.port}, failure);
    if (failure || !tls) return;
    context.add_certificate_authority(asio::buffer(to.ca_pem));
    SSL_set1_verify_cert_store(stream.native_handle(),
                               SSL_CTX_get_cert_store(context.native_handle()));
    stream.set_verify_mode(asio::ssl::verify_peer);
    stream.set_verify_callback(asio::ssl::host_name_verification(
        to.verified_host.empty() ? to.address : to.verified_host));
    if (to.adjust) to.adjust(stream.native_handle());
    stream.handshake(asio::ssl::stream_base::client, failure);
  }

  /// Calls `f` with the stream in use.
  template <class F>
  auto with_stream(F f) {
    return tls ? f(stream) : f(stream.next_layer());
  }
  std::string take(std::size_t size) {
    const auto* data = static_cast<const char*>(unread.data().data());
    std::string taken(data, std::min(size, unread.size()));
    unread.consume(taken.size());
    return taken;
  }

  const bool tls;
  error_code failure;
  asio::io_context io;
  asio::ssl::context context{asio::ssl::context::tls_client};
  asio::ssl::stream<tcp::socket> stream{io, context};
  boost::beast::flat_buffer unread;
};

peer peer_of(const sandbox& s) { return {.port = s.port(), .ca_pem = s.ca_pem()}; }

blocking_client::blocking_client(const peer& to) : impl_(std::make_unique<impl>(to)) {}
blocking_client::~blocking_client() = default;

const error_code& blocking_client::failure() const noexcept { return impl_->failure; }

void blocking_client::send(std::string_view bytes) {
  impl_->with_stream(
      [&](auto& stream) { return asio::write(stream, asio::buffer(bytes), impl_->failure); });
}

blocking_client::response blocking_client::receive() {
  response received;
  impl_->with_stream([&](auto& stream) {
    return boost::beast::http::read(stream, impl_->unread, received, impl_->failure);
  });
  return received;
}

std::string blocking_client::receive_bytes(std::size_t size) {
  if (size > impl_->unread.size()) {
    const auto space = impl_->unread.prepare(size - impl_->unread.size());
    impl_->unread.commit(impl_->with_stream(
        [&](auto& stream) { return asio::read(stream, space, impl_->failure); }));
  }
  return impl_->take(size);
}

std::string blocking_client::receive_all() {
  std::string all;
  for (std::string part; !(part = receive_bytes(1)).empty(); all += part) {
  }
  return all;
}

bool blocking_client::readable_within(std::chrono::milliseconds time) {
  if (impl_->unread.size() > 0 || SSL_pending(impl_->stream.native_handle()) > 0) return true;
  pollfd waited{.fd = impl_->stream.next_layer().native_handle(), .events = POLLIN, .revents = 0};
  return ::poll(&waited, 1, static_cast<int>(time.count())) > 0;
}

blocking_client::response blocking_client::get(std::string_view target, std::string_view token) {
  send(get_request(target, token));
  return receive();
}

std::string blocking_client::tls_version() const {
  return SSL_get_version(impl_->stream.native_handle());
}

std::string blocking_client::alpn() const {
  const unsigned char* name = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(impl_->stream.native_handle(), &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

std::string get_request(std::string_view target, std::string_view token,
                        std::string_view more_headers) {
  std::string request = "GET ";
  request.append(target).append(" HTTP/1.1\r\nHost: sandbox\r\n");
  if (!token.empty()) request.append("Authorization: Bearer ").append(token).append("\r\n");
  return request.append(more_headers).append("\r\n");
}

}  // namespace upsun::testing
