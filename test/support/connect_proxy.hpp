#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace upsun::test {

struct connect_proxy_options {
  std::string credentials{};  ///< "user:password" it demands (407 without them); empty: none.
  std::string response{};     ///< Sent to every request instead of its own response; empty: that.
  bool slowly = false;        ///< Sends its response one byte at a time.

  /// What it does once it has sent `response`.
  enum class then { tunnel, close, reset, stall } afterwards = then::tunnel;
};

/// An HTTP proxy that knows `CONNECT` only, on 127.0.0.1. Names resolve to 127.0.0.1, whatever they
/// are. Each connection has a thread.
class connect_proxy {
 public:
  explicit connect_proxy(connect_proxy_options options = {});
  connect_proxy(const connect_proxy&) = delete;
  connect_proxy& operator=(const connect_proxy&) = delete;
  /// Closes every tunnel.
  ~connect_proxy();

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  /// Such as "http://user:password@127.0.0.1:40123". \param user_info percent-encoded; empty: none.
  [[nodiscard]] std::string url(const std::string& user_info = {}) const;

  /// The heads of all requests so far, in the order in which they came.
  [[nodiscard]] std::vector<std::string> heads() const;
  /// Connections accepted, and tunnels opened, so far.
  [[nodiscard]] std::size_t connections() const;
  [[nodiscard]] std::size_t tunnels() const;
  /// All bytes that clients sent after their request.
  [[nodiscard]] std::string carried() const;
  /// Waits until `count` connections came to an end. \return false when that does not happen.
  [[nodiscard]] bool wait_for_ended(std::size_t count) const;

 private:
  struct record {
    int client = -1;
    int server = -1;
    std::thread thread;
  };

  void accept_all();
  void serve(record& mine);
  void talk(record& mine);
  bool respond(int client, const std::string& head);
  void carry(record& mine);

  const connect_proxy_options options_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::list<record> records_;
  std::vector<std::string> heads_;
  std::string carried_;
  std::size_t tunnels_ = 0;
  std::size_t ended_ = 0;
  bool stopping_ = false;
  std::thread acceptor_;
};

}  // namespace upsun::test
