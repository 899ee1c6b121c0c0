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
#include "http/connect_race.hpp"
#include "http/origin.hpp"
#include "http/pool_core.hpp"
#include "http/resolver.hpp"
#include "http/route.hpp"
#include "http/stream_socket.hpp"
#include "http/tls_context.hpp"

namespace upsun::http {

/// Where dials go and how: the same for all of a client.
struct dial_target {
  origin where;
  route way;
  std::optional<tls_context> tls;  ///< Absent for plain HTTP.
  duration timeout{};              ///< Name lookup, TCP, the tunnel and TLS together.
  limit_options limits{};          ///< For a proxy's answer.
};

/// How long the parts of a dial took; zero for one that it did not come to.
struct dial_times {
  duration resolve{};
  duration connect{};  ///< A proxy's answer included.
  duration handshake{};
};

/// What became of a dial.
struct dial_outcome {
  std::optional<stream_socket> socket;  ///< Absent: it failed.
  std::optional<byte_stream> stream;
  std::optional<boost::asio::ip::address> peer;  ///< The server's or the proxy's; none for a Unix-domain socket.
  io_failure failure{};
  phase failed_in = phase::resolve;
  dial_times times{};
};

class dial_owner {
 public:
  /// Once per dial, unless it was abandoned, on any thread, without any lock held.
  virtual void on_dialled(connection_id id, dial_outcome outcome) = 0;

 protected:
  ~dial_owner() = default;
};

/// One attempt to establish a connection: name lookup, a race of TCP connects over the addresses (RFC 8305), the tunnel through a proxy, the TLS handshake. It
/// belongs to the pool, not to the call that caused it.
///
/// Everything but the constructor and `now_in` runs on the dial's own strand. A name lookup cannot be interrupted: when the time is up the dial reports, and
/// leaves the lookup to the others.
class dial : public std::enable_shared_from_this<dial> {
 public:
  dial(connection_id id, const boost::asio::any_io_executor& executor, std::shared_ptr<const dial_target> target, std::shared_ptr<resolver> names,
       std::shared_ptr<dial_owner> owner);

  void start();
  /// Ends it; the owner is not told any more.
  void abandon();
  /// The phase it is in; from any thread.
  [[nodiscard]] phase now_in() const noexcept { return phase_.load(std::memory_order_relaxed); }

 private:
  using tcp = boost::asio::ip::tcp;

  boost::asio::awaitable<void> run();
  boost::asio::awaitable<bool> connect_local();
  boost::asio::awaitable<bool> resolve(address_choice& addresses);
  boost::asio::awaitable<bool> connect(const address_choice& addresses);
  boost::asio::awaitable<bool> open_tunnel();
  boost::asio::awaitable<bool> handshake();
  void begin_connect(std::size_t index, const tcp::endpoint& to);
  void enter(phase next) noexcept;

  [[nodiscard]] bool over() const noexcept { return owner_ == nullptr; }
  bool fail(errc code, std::string cause);
  void judge_addresses();
  void end(dial_outcome* outcome);

  struct attempt {
    std::optional<stream_socket> socket;
    std::optional<error_code> result;  // until it was noticed
  };

  const connection_id id_;
  const std::shared_ptr<const dial_target> target_;
  const boost::asio::any_io_executor executor_;
  const boost::asio::strand<boost::asio::any_io_executor> strand_;
  std::shared_ptr<dial_owner> owner_;  // null once it is over
  std::atomic<phase> phase_{phase::resolve};
  time_point entered_{};  // the present phase
  dial_times times_;
  const std::shared_ptr<resolver> names_;
  boost::asio::steady_timer time_limit_;
  boost::asio::steady_timer wake_;  // the lookup waits on it, and the race, for the next start or an attempt's end
  std::optional<resolver::answer> answer_;
  std::optional<connect_race> race_;
  std::vector<attempt> attempts_;
  std::optional<stream_socket> socket_;  // the winner
  std::optional<boost::asio::ip::address> peer_;
  bool on_trial_ = false;  // the peer has accepted a connection, and not yet shown that it is of use
  std::optional<byte_stream> stream_;
};

}  // namespace upsun::http
