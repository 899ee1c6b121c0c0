#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/socket_base.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <upsun/error.hpp>

#include "config/route.hpp"
#include "http/net/byte_stream.hpp"
#include "http/net/clock.hpp"
#include "http/net/connect_race.hpp"
#include "http/net/connect_response.hpp"
#include "http/net/resolver.hpp"
#include "http/net/tls_context.hpp"
#include "util/origin.hpp"
#include "util/process_mark.hpp"

namespace upsun::http {

/// TCP of either family, or a Unix-domain socket.
using stream_socket = boost::asio::generic::stream_protocol::socket;

/// Where dials go and how: the same for all of a client.
struct dial_target {
  util::origin origin;
  config::route route;
  std::optional<tls_context> tls;  ///< Absent for plain HTTP.
  http_version http = http_version::http1;
  duration timeout{};      ///< Name lookup, TCP, the tunnel and TLS together.
  limit_options limits{};  ///< For a proxy's response.
  util::process_mark made_in{};
};

/// How long the parts of a dial took; zero for one that it did not come to.
struct dial_times {
  duration resolve{};
  duration connect{};  ///< A proxy's response included.
  duration handshake{};
};

struct dial_outcome {
  std::optional<stream_socket> socket{};  ///< Absent: it failed.
  std::optional<byte_stream> stream{};
  std::optional<boost::asio::ip::address>
      peer{};  ///< The server's or the proxy's; none for a Unix-domain socket.
  io_failure failure{};
  phase failed_in = phase::resolve;
  dial_times times{};
};

/// One attempt to establish a connection: name lookup, a race of TCP connects over the addresses
/// (RFC 8305), the tunnel through a proxy, the TLS handshake. It belongs to the pool, not to the
/// call that caused it.
///
/// A name lookup cannot be interrupted: when the time is up the dial reports, and leaves the lookup
/// to the other dials.
///
/// Thread safety: every member may be called from any thread; the dial's own lock guards its parts,
/// and is not held while `done` is called.
class dial : public std::enable_shared_from_this<dial> {
 public:
  /// Called once, on any thread, unless the dial was abandoned.
  using done_handler = std::function<void(dial_outcome)>;

  /// \param http1_only  for a connection that cannot speak HTTP/2, whatever `target` says
  dial(connection_id id, const boost::asio::any_io_executor& executor,
       std::shared_ptr<const dial_target> target, std::shared_ptr<resolver> names,
       done_handler done, bool http1_only = false);

  [[nodiscard]] connection_id id() const noexcept { return id_; }
  /// Begins, on the executor. Once.
  void start();
  /// Ends it; `done` is not called any more.
  void abandon();
  /// The phase it is in.
  [[nodiscard]] phase now_in() const noexcept { return phase_.load(std::memory_order_relaxed); }

 private:
  using tcp = boost::asio::ip::tcp;
  using progress = std::optional<dial_outcome>;  // none: it goes on

  struct tunnel {
    byte_stream plain;
    connect_response response;
    std::string_view unsent;
  };

  void run();
  template <class Step>
  void on_event(Step step);

  // Under the lock.
  progress connect_local();
  progress begin_race(const address_choice& addresses);
  progress race();
  progress attempted(std::size_t index, const error_code& failed);
  progress connected();
  progress open_tunnel();
  progress begin_handshake();
  progress handshake();
  progress wait(boost::asio::socket_base::wait_type what);
  progress take_addresses(const resolver::lookup_outcome& found);
  void limit_time();
  void begin_connect(std::size_t index);
  void enter(phase next);
  void judge_addresses();
  dial_outcome fail(errc code, std::string cause);
  dial_outcome succeed();
  void end();

  const connection_id id_;
  const std::shared_ptr<const dial_target> target_;
  const boost::asio::any_io_executor executor_;
  const std::shared_ptr<resolver> names_;
  const bool http1_only_;
  std::atomic<phase> phase_{phase::resolve};

  std::mutex mutex_;
  done_handler done_;     // empty once it is over
  time_point entered_{};  // the present phase
  dial_times times_;
  boost::asio::steady_timer time_limit_;
  boost::asio::steady_timer wake_;  // the race waits on it for its next start
  std::optional<connect_race> race_;
  std::vector<std::optional<stream_socket>> attempts_;
  std::optional<stream_socket> socket_;  // the winner
  std::optional<boost::asio::ip::address> peer_;
  bool on_trial_ = false;  // the peer accepted a connection, and has not proved useful yet
  std::optional<tunnel> tunnel_;
  std::optional<byte_stream> stream_;
};

}  // namespace upsun::http
