#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "testing/certificate_authority.hpp"

namespace upsun::test {

class scripted_connection;

/// What a scripted server does next. \return whether the script goes on.
using step = std::function<bool(scripted_connection&)>;
using script = std::vector<step>;

step read_head();  ///< Reads to the empty line that ends a request's head.
step read_bytes(
    std::size_t count);        ///< Reads so many more bytes, such as those of a request's body.
step read_to_end();            ///< Reads until the client closes.
step send(std::string bytes);  ///< Sends exactly these bytes.
step send_slowly(std::string bytes);  ///< The same, one byte at a time.
step close();                         ///< Closes in order: `close_notify`, then FIN.
step drop();                          ///< Closes with a bare FIN.
step reset();                         ///< Closes with a RST.
step stall();  ///< Does nothing more until the client closes or the server goes away.
step run(std::function<void()>
             something);  ///< Calls back on the connection's thread, such as to wait for the test.

struct scripted_options {
  std::string address = "127.0.0.1";  ///< Or "::1".
  bool tls = false;                   ///< Handshakes before the script begins.
  std::optional<upsun::testing::certificate>
      identity{};  ///< For TLS; none: one of its own authority, for localhost, 127.0.0.1 and ::1.
  std::function<void()> on_accepted{};  ///< Called on each connection's thread, before TLS.
};

/// A server that does what a script says, byte by byte, over TCP or TLS; one script for each
/// connection. Each connection has a thread, on which blocking is fine. For tests of what a client
/// makes of exactly these bytes.
class scripted_server {
 public:
  /// Every connection follows the same script, which ends as with `close()`.
  explicit scripted_server(script all, scripted_options options = {});
  /// The first connection follows the first script, and so on; those beyond follow the last.
  explicit scripted_server(std::vector<script> each, scripted_options options = {});
  scripted_server(const scripted_server&) = delete;
  scripted_server& operator=(const scripted_server&) = delete;
  ~scripted_server();

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  /// Such as "http://127.0.0.1:40123".
  [[nodiscard]] std::string url() const;
  /// The authority to trust when no identity was given.
  [[nodiscard]] const std::string& ca_pem() const noexcept { return authority_.pem(); }

  /// Connections accepted so far.
  [[nodiscard]] std::size_t connections() const;
  /// What a connection has received so far, within TLS; connections count from zero.
  [[nodiscard]] std::string received(std::size_t connection = 0) const;
  /// Waits until a connection has come to the end of its script. \return false when that does not
  /// happen.
  [[nodiscard]] bool wait_for_end(std::size_t connection = 0) const;

 private:
  friend class scripted_connection;
  struct record {
    int socket = -1;
    bool ended = false;
    std::string received;
    std::thread thread;
  };

  void accept_all();
  void serve(record& mine, const script& steps);

  const std::vector<script> scripts_;
  const scripted_options options_;
  const upsun::testing::certificate_authority authority_{"Scripted authority"};
  std::shared_ptr<void> tls_;  // SSL_CTX
  int listener_ = -1;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::list<record> records_;
  std::thread acceptor_;
};

}  // namespace upsun::test
