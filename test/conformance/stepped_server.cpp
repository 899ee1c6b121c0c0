#include "conformance/stepped_server.hpp"

#include <nghttp2/nghttp2.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "http/net/tls_context.hpp"
#include "support/sockets.hpp"
#include "testing/server_stream.hpp"

namespace upsun::http::test {
namespace {

constexpr std::size_t record_size = 16 * 1024;

}  // namespace

struct stepped_server::line {
  std::size_t number = 0;
  util::unique_fd socket;
  openssl_ptr<SSL> tls;
  BIO* incoming = BIO_new(BIO_s_mem());
  BIO* outgoing = BIO_new(BIO_s_mem());
  scripted_peer peer{};
  std::string unsent{};
  bool greeted = false;
  bool ended = false;
};

stepped_server::stepped_server(const std::string& host)
    : tls_(upsun::testing::make_server_context(
          authority_.issue({.common_name = "stepped", .dns_names = {host}}), http_version::http2)),
      listener_(upsun::test::listen_on({boost::asio::ip::address_v4::loopback(), 0})),
      port_(upsun::test::port_of(listener_.get())) {}

stepped_server::~stepped_server() = default;

void stepped_server::step() {
  pollfd waiting{.fd = listener_.get(), .events = POLLIN, .revents = 0};
  if (::poll(&waiting, 1, 0) > 0) {
    auto made = std::make_unique<line>();
    made->number = lines_.size();
    made->socket = util::unique_fd(upsun::test::accept_on(listener_.get()));
    made->tls.reset(SSL_new(tls_->native_handle()));
    SSL_set_bio(made->tls.get(), made->incoming, made->outgoing);
    SSL_set_accept_state(made->tls.get());
    lines_.push_back(std::move(made));
  }
  for (const auto& each : lines_) {
    const bool is_shaken = SSL_is_init_finished(each->tls.get()) == 1;
    if (!each->ended && (is_shaken ? reads : handshakes)) read(*each);
    if (responds && !each->greeted && SSL_is_init_finished(each->tls.get()) == 1)
      greet(each->number);
    flush(*each);
  }
  if (!responds) return;
  for (request& each : requests_) {
    if (each.complete && !each.reset && !each.is_responded) respond(each);
  }
}

std::size_t stepped_server::begun_handshakes() const {
  return static_cast<std::size_t>(std::count_if(lines_.begin(), lines_.end(), [](const auto& each) {
    char ignored = 0;
    return SSL_in_before(each->tls.get()) == 0 ||
           ::recv(each->socket.get(), &ignored, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
  }));
}

void stepped_server::read(line& from) {
  std::array<char, record_size> bytes{};
  const auto size = ::recv(from.socket.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (size > 0) {
    BIO_write(from.incoming, bytes.data(), static_cast<int>(size));
  } else if (size == 0 || (errno != EAGAIN && errno != EINTR)) {
    from.ended = true;
  }
  if (SSL_is_init_finished(from.tls.get()) == 0 && SSL_do_handshake(from.tls.get()) != 1) return;
  for (int count = 0;
       (count = SSL_read(from.tls.get(), bytes.data(), static_cast<int>(bytes.size()))) > 0;) {
    for (const auto& each : from.peer.read({bytes.data(), static_cast<std::size_t>(count)}))
      take(from, each);
  }
}

void stepped_server::take(line& from, const scripted_peer::received& frame) {
  const bool is_last = (frame.flags & NGHTTP2_FLAG_END_STREAM) != 0;
  const auto found = std::find_if(requests_.begin(), requests_.end(), [&](const request& each) {
    return each.connection == from.number && each.stream == frame.stream;
  });
  switch (frame.type) {
    case NGHTTP2_HEADERS: {
      const auto path = std::find_if(frame.fields.begin(), frame.fields.end(),
                                     [](const auto& each) { return each.first == ":path"; });
      requests_.push_back({.connection = from.number,
                           .stream = frame.stream,
                           .path = path != frame.fields.end() ? path->second : "",
                           .complete = is_last});
      break;
    }
    case NGHTTP2_DATA:
      if (found == requests_.end()) break;
      found->body += frame.payload.size();
      found->complete = is_last;
      break;
    case NGHTTP2_RST_STREAM:
      if (found != requests_.end()) found->reset = true;
      break;
    case NGHTTP2_SETTINGS:
    case NGHTTP2_PING:
      if ((frame.flags & NGHTTP2_FLAG_ACK) != 0) {
        ++accepted_;
      } else if (frame.type == NGHTTP2_PING && from.greeted && accepts_pings) {
        send(from.number, scripted_peer::ping(frame.payload, true));
      }
      break;
    default: break;
  }
}

void stepped_server::respond(request& to) {
  to.is_responded = true;
  const std::string id = to.path.substr(to.path.rfind('/') + 1);
  send(to.connection, frames(to.connection).response(to.stream, document(id)));
}

std::string stepped_server::document(const std::string& id) {
  return R"({"id":")" + id + R"(","type":"health.slack","role":"","channel":"#ops"})";
}

void stepped_server::send(std::size_t connection, std::string_view bytes) {
  line& to = *lines_.at(connection);
  if (to.ended) return;
  SSL_write(to.tls.get(), bytes.data(), static_cast<int>(bytes.size()));
  flush(to);
}

void stepped_server::flush(line& to) {
  std::array<char, record_size> bytes{};
  for (int size = 0;
       (size = BIO_read(to.outgoing, bytes.data(), static_cast<int>(bytes.size()))) > 0;)
    to.unsent.append(bytes.data(), static_cast<std::size_t>(size));
  while (!to.unsent.empty()) {
    const auto sent =
        ::send(to.socket.get(), to.unsent.data(), to.unsent.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent <= 0) return;
    to.unsent.erase(0, static_cast<std::size_t>(sent));
  }
}

void stepped_server::greet(std::size_t connection, setting_list settings) {
  const bool is_first = !std::exchange(lines_.at(connection)->greeted, true);
  send(connection, scripted_peer::settings(settings) +
                       (is_first ? scripted_peer::settings_ack() : std::string()));
}

scripted_peer& stepped_server::frames(std::size_t connection) {
  return lines_.at(connection)->peer;
}

std::size_t stepped_server::open() const {
  return static_cast<std::size_t>(
      std::count_if(lines_.begin(), lines_.end(), [](const auto& each) { return !each->ended; }));
}

std::size_t stepped_server::complete() const {
  return static_cast<std::size_t>(std::count_if(requests_.begin(), requests_.end(),
                                                [](const auto& each) { return each.complete; }));
}

stepped_server::request* stepped_server::find(std::string_view end_of_path) {
  const auto found = std::find_if(requests_.rbegin(), requests_.rend(), [&](const request& each) {
    return each.path.ends_with(end_of_path);
  });
  return found != requests_.rend() ? &*found : nullptr;
}

}  // namespace upsun::http::test
