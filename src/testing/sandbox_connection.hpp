#pragma once

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_set>

#include "testing/sandbox_state.hpp"
#include "testing/server_stream.hpp"

namespace upsun::testing {

class sandbox_http2;

/// One accepted connection: reads requests, responds to them, does the faults that are due. Once it
/// is to speak HTTP/2, `sandbox_http2` does that. Used on one thread.
class sandbox_connection : public std::enable_shared_from_this<sandbox_connection> {
 public:
  using registry = std::unordered_set<sandbox_connection*>;

  /// \param peers where it is listed while it runs. Both must outlive it.
  sandbox_connection(sandbox_state& state, registry& peers, tcp_socket socket);
  ~sandbox_connection();

  task<void> run();
  /// Ends it as an orderly server does.
  void close();
  /// Allows so many streams, over HTTP/2.
  void set_max_streams(std::uint32_t most);

 private:
  using request_parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
  enum class reading { complete, malformed, too_large, ended };

  task<void> serve();
  task<bool> speaks_http2();
  task<void> serve_http1();
  task<reading> read_request(request_parser& parser);
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
  context_timer timer_;
  boost::beast::flat_buffer unread_;
  std::weak_ptr<sandbox_http2> http2_;
  bool woken_ = false;        // `stream_log` has something to look at
  bool client_gone_ = false;  // while its log was streamed
};

}  // namespace upsun::testing
