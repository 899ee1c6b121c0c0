#include "testing/server_stream.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <utility>

namespace upsun::testing {
namespace asio = boost::asio;
namespace {

/// Names as ALPN has them (RFC 7301 section 3.1), the preferred first.
struct protocol_list {
  const unsigned char* names;
  unsigned int size;
};

const protocol_list& protocols_of(http_version http) noexcept {
  static constexpr unsigned char both[] = {2, 'h', '2', 8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  constexpr unsigned int http2_size = 3;
  static constexpr protocol_list automatic{both, sizeof both};
  static constexpr protocol_list http1{both + http2_size, sizeof both - http2_size};
  static constexpr protocol_list http2{both, http2_size};
  if (!UPSUN_HTTP2 || http == http_version::http1) return http1;
  return http == http_version::http2 ? http2 : automatic;
}

int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* length,
                    const unsigned char* offered, unsigned int offered_length, void* spoken) {
  const auto& ours = *static_cast<const protocol_list*>(spoken);
  const int match = SSL_select_next_proto(const_cast<unsigned char**>(chosen), length, ours.names,
                                          ours.size, offered, offered_length);
  return match == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK
                                         : SSL_TLSEXT_ERR_ALERT_FATAL;  // RFC 7301 section 3.2
}

}  // namespace

std::shared_ptr<asio::ssl::context> make_server_context(const certificate& identity,
                                                        http_version http) {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  SSL_CTX_set_alpn_select_cb(context->native_handle(), choose_protocol,
                             const_cast<protocol_list*>(&protocols_of(http)));
  context->use_certificate_chain(asio::buffer(identity.pem));
  context->use_private_key(asio::buffer(identity.key_pem), asio::ssl::context::pem);
  return context;
}

server_stream::server_stream(tcp_socket socket, std::shared_ptr<asio::ssl::context> tls)
    : socket_(std::move(socket)), context_(std::move(tls)) {
  error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  if (context_) tls_ = std::make_unique<tls_stream>(socket_, *context_);
}

server_stream::~server_stream() = default;

task<bool> server_stream::handshake() {
  if (tls_) {
    const auto [failure] = co_await tls_->async_handshake(asio::ssl::stream_base::server, awaited);
    established_ = !failure;
  } else {
    established_ = true;
  }
  co_return established_;
}

bool server_stream::resumed() const noexcept {
  return established_ && tls_ && SSL_session_reused(tls_->native_handle()) == 1;
}

std::string_view server_stream::protocol() const noexcept {
  const unsigned char* name = nullptr;
  unsigned int size = 0;
  if (tls_) SSL_get0_alpn_selected(tls_->native_handle(), &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

task<std::size_t> server_stream::read_raw(asio::mutable_buffer into) {
  const auto [failure, size] = co_await socket_.async_read_some(into, awaited);
  co_return failure ? 0 : size;
}

task<std::size_t> server_stream::read_some(asio::mutable_buffer into) {
  if (!tls_) co_return co_await read_raw(into);
  const auto [failure, size] = co_await tls_->async_read_some(into, awaited);
  co_return failure ? 0 : size;
}

task<bool> server_stream::write(asio::const_buffer bytes) {
  if (tls_) {
    const auto [failure, size] = co_await asio::async_write(*tls_, bytes, awaited);
    co_return !failure;
  }
  const auto [failure, size] = co_await asio::async_write(socket_, bytes, awaited);
  co_return !failure;
}

void server_stream::finish(std::shared_ptr<void> self) {
  // Starting the shutdown sends close_notify at once; its end, which is the peer's close_notify, is
  // cut off by closing.
  if (is_open() && tls_ && established_)
    tls_->async_shutdown([self = std::move(self)](error_code) {});
  close();
}

void server_stream::finish_sending(std::shared_ptr<void> self) {
  if (tls_ && established_) tls_->async_shutdown([self = std::move(self)](error_code) {});
  error_code ignored;
  socket_.shutdown(tcp_socket::shutdown_send, ignored);
}

void server_stream::close_sending() {
  error_code ignored;
  socket_.shutdown(tcp_socket::shutdown_send, ignored);
}

void server_stream::close() {
  error_code ignored;
  socket_.shutdown(tcp_socket::shutdown_both, ignored);
  socket_.close(ignored);
}

void server_stream::reset() {
  error_code ignored;
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  socket_.close(ignored);
}

}  // namespace upsun::testing
