#pragma once

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <chrono>
#include <memory>
#include <string_view>
#include <unordered_set>

#include "testing/fault_script.hpp"
#include "testing/sandbox_api.hpp"
#include "testing/sandbox_counters.hpp"
#include "testing/server_stream.hpp"

namespace upsun::testing {

/// What all connections of a sandbox share.
struct sandbox_state {
  sandbox_auth auth;
  sandbox_api api;
  std::chrono::milliseconds latency;
  std::shared_ptr<boost::asio::ssl::context> tls;  ///< Null: plain HTTP.
  fault_script faults{};
  sandbox_counters counters{};
};

/// One accepted connection: reads requests, responds to them, does the faults that are due. Used on
/// one thread.
class sandbox_connection : public std::enable_shared_from_this<sandbox_connection> {
 public:
  using registry = std::unordered_set<sandbox_connection*>;

  /// \param peers where it is listed while it runs. Both must outlive it.
  sandbox_connection(sandbox_state& state, registry& peers, tcp_socket socket);
  ~sandbox_connection();

  task<void> run();
  /// Ends it as an orderly server does.
  void close();

 private:
  using request_parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
  enum class reading { complete, malformed, too_large, ended };

  task<void> serve();
  task<reading> read_request(request_parser& parser);
  /// The usual response.
  [[nodiscard]] reply_ptr regular_reply(const request_parser::value_type& request);
  /// \param is_head  the request was a HEAD, whose response has no body
  /// \return whether the connection goes on.
  task<bool> respond(const fault& what, const reply& regular, bool is_head);
  /// Sends what is regular: a whole response, or one that goes on.
  task<bool> send(const reply& regular);
  task<void> stream_log(log_reader& log);
  task<void> watch_for_end(std::shared_ptr<sandbox_connection> self);
  void wake() noexcept;
  task<bool> write(std::string_view bytes);
  task<bool> write_slowly(std::string_view bytes);
  task<void> wait(std::chrono::milliseconds time);
  task<void> ignore_until_closed();

  sandbox_state& state_;
  registry& peers_;
  server_stream stream_;
  boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                    boost::asio::wait_traits<std::chrono::steady_clock>,
                                    context_executor>
      timer_;
  boost::beast::flat_buffer unread_;
  bool woken_ = false;        // `stream_log` has something to look at
  bool client_gone_ = false;  // while its log was streamed
};

}  // namespace upsun::testing
