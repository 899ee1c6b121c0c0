#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <upsun/error.hpp>

#include "http/byte_stream.hpp"
#include "http/origin.hpp"
#include "http/pool_core.hpp"
#include "http/tls_context.hpp"

namespace upsun::http {

/// Where dials go and how: the same for all of a client.
struct dial_target {
  origin where;
  std::optional<tls_context> tls;  ///< Absent for plain HTTP.
  duration timeout{};              ///< Name lookup, TCP and TLS together.
};

/// What became of a dial.
struct dial_outcome {
  std::optional<boost::asio::ip::tcp::socket> socket;  ///< Absent: it failed.
  std::optional<byte_stream> stream;
  io_failure failure{};
  phase failed_in = phase::resolve;
};

class dial_owner {
 public:
  /// Once per dial, unless it was abandoned, on any thread, without any lock held.
  virtual void on_dialled(connection_id id, dial_outcome outcome) = 0;

 protected:
  ~dial_owner() = default;
};

/// One attempt to establish a connection: name lookup, a race of TCP connects over the addresses (RFC 8305), the TLS handshake. It belongs to the pool,
/// not to the call that caused it.
///
/// Everything but the constructor and `now_in` runs on the dial's own strand. A name lookup cannot be interrupted: when the time is up the dial reports, and
/// lets the lookup run out on its own; one that has not begun is dropped.
class dial : public std::enable_shared_from_this<dial> {
 public:
  dial(connection_id id, const boost::asio::any_io_executor& executor, std::shared_ptr<const dial_target> target, std::shared_ptr<dial_owner> owner);

  void start();
  /// Ends it; the owner is not told any more.
  void abandon();
  /// The phase it is in; from any thread.
  [[nodiscard]] phase now_in() const noexcept { return phase_.load(std::memory_order_relaxed); }

 private:
  using tcp = boost::asio::ip::tcp;

  boost::asio::awaitable<void> run();
  boost::asio::awaitable<bool> resolve(std::vector<tcp::endpoint>& addresses);
  boost::asio::awaitable<bool> connect(const std::vector<tcp::endpoint>& addresses);
  boost::asio::awaitable<bool> handshake();
  void begin_connect(std::size_t index, const tcp::endpoint& to);
  void enter(phase next) noexcept { phase_.store(next, std::memory_order_relaxed); }

  [[nodiscard]] bool over() const noexcept { return owner_ == nullptr; }
  bool fail(errc code, std::string cause);
  void end(dial_outcome* outcome);

  struct attempt {
    std::optional<tcp::socket> socket;
    std::optional<error_code> result;  // until it was noticed
  };

  const connection_id id_;
  const std::shared_ptr<const dial_target> target_;
  const boost::asio::any_io_executor executor_;
  const boost::asio::strand<boost::asio::any_io_executor> strand_;
  std::shared_ptr<dial_owner> owner_;  // null once it is over
  std::atomic<phase> phase_{phase::resolve};
  tcp::resolver resolver_;
  boost::asio::steady_timer time_limit_;
  boost::asio::steady_timer wake_;  // the race waits on it, for the next start or an attempt's end
  std::vector<attempt> attempts_;
  std::optional<tcp::socket> socket_;  // the winner
  std::optional<byte_stream> stream_;
};

}  // namespace upsun::http
