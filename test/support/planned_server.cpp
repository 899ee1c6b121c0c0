#include "support/planned_server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <array>
#include <charconv>
#include <utility>

namespace upsun::test {
namespace asio = boost::asio;
using upsun::testing::awaited;
using upsun::testing::context_executor;
using upsun::testing::server_stream;
using upsun::testing::task;
namespace {

/// What stands between the first two blanks of a request.
std::string_view target_of(std::string_view head) {
  head.remove_prefix(std::min(head.find(' ') + 1, head.size()));
  return head.substr(0, head.find(' '));
}

std::size_t body_size_of(std::string_view head) {
  constexpr std::string_view name = "\r\nContent-Length: ";
  const std::size_t at = head.find(name);
  std::size_t size = 0;
  if (at != head.npos)
    std::from_chars(head.data() + at + name.size(), head.data() + head.size(), size);
  return size;
}

}  // namespace

planned_server::planned_server(asio::io_context& io, plan replies, bool tls)
    : io_(io),
      replies_(std::move(replies)),
      tls_(tls ? upsun::testing::make_server_context(
                     authority_.issue({.common_name = "planned",
                                       .dns_names = {"localhost"},
                                       .addresses = {"127.0.0.1", "::1"}}))
               : nullptr),
      acceptor_(io, {asio::ip::address_v4::loopback(), 0}),
      port_(acceptor_.local_endpoint().port()) {
  asio::co_spawn(io_, accept(), asio::detached);
}

planned_server::~planned_server() { close(); }

std::string planned_server::url() const {
  return (tls_ ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port_);
}

void planned_server::close() {
  acceptor_.close();
  for (const stream_ptr& stream : *open_) stream->close();
}

task<void> planned_server::accept() {
  for (;;) {
    auto [failure, socket] = co_await acceptor_.async_accept(awaited);
    if (failure) co_return;
    ++accepted_;
    boost::system::error_code ignored;
    socket.set_option(asio::ip::tcp::no_delay(true), ignored);
    asio::co_spawn(io_, serve(std::make_shared<server_stream>(std::move(socket), tls_)),
                   asio::detached);
  }
}

task<void> planned_server::serve(stream_ptr stream) {
  const struct listing {
    listing(std::shared_ptr<std::unordered_set<stream_ptr>> all, stream_ptr one)
        : open(std::move(all)), listed(std::move(one)) {
      open->insert(listed);
    }
    ~listing() { open->erase(listed); }
    const std::shared_ptr<std::unordered_set<stream_ptr>> open;
    const stream_ptr listed;
  } while_open(open_, stream);

  bool alive = co_await stream->handshake();
  std::string unread;
  while (alive) {
    std::size_t end = 0;
    while ((end = unread.find("\r\n\r\n")) == unread.npos) {
      if (!co_await read_more(*stream, unread)) co_return stream->close();
    }
    const planned_reply reply = replies_(target_of(unread));
    const std::string_view head = std::string_view(unread).substr(0, end + 2);
    const std::size_t taken = end + 4 + (reply.before_body ? 0 : body_size_of(head));
    while (unread.size() < taken) {
      if (!co_await read_more(*stream, unread)) co_return stream->close();
    }
    unread.erase(0, taken);
    alive = co_await send(*stream, reply.bytes, reply.byte_by_byte ? 1 : reply.piece);
    switch (reply.then) {
      case planned_reply::ending::keep: break;
      case planned_reply::ending::close: co_return stream->finish(stream);
      case planned_reply::ending::drop: co_return stream->close();
      case planned_reply::ending::reset: co_return stream->reset();
      case planned_reply::ending::stall: {
        std::array<char, 64> ignored{};
        for (std::size_t size = 1; size > 0;)
          size = co_await stream->read_raw(asio::buffer(ignored));
        co_return stream->close();
      }
    }
  }
}

task<bool> planned_server::read_more(server_stream& stream, std::string& unread) {
  std::array<char, 4096> buffer{};
  const std::size_t size = co_await stream.read_some(asio::buffer(buffer));
  unread.append(buffer.data(), size);
  co_return size > 0;
}

task<bool> planned_server::send(server_stream& stream, std::string_view bytes, std::size_t piece) {
  const std::size_t step = piece > 0 ? piece : bytes.size();
  bool alive = true;
  for (std::size_t at = 0; alive && at < bytes.size(); at += step)
    alive = co_await stream.write(asio::buffer(bytes.substr(at, step)));
  co_return alive;
}

}  // namespace upsun::test
