#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>

#include <upsun/transport.hpp>

#include "http/exchange/body_reader.hpp"

namespace upsun::http {

/// The body of a response that is handed out as it comes, over a connection of the pool, which
/// other exchanges share: an HTTP/2 stream. What is not read holds up this stream, and no other.
///
/// Thread safety: every member may be called from any thread, `on_data` also with the connection's
/// lock held. Handlers are posted.
class pooled_body final : public std::enable_shared_from_this<pooled_body> {
 public:
  /// How it acts on its exchange. Called without its lock.
  struct controls {
    std::function<void(errc)> end;               ///< Ends it, if it has not ended.
    std::function<void(std::size_t)> give_back;  ///< So many bytes of the body have been read.
  };

  /// \param idle_timeout of a read; zero: none.
  pooled_body(const boost::asio::any_io_executor& executor, std::chrono::milliseconds idle_timeout,
              transport::open_handler handler);

  [[nodiscard]] std::chrono::milliseconds idle_timeout() const noexcept { return idle_timeout_; }
  /// How to act on the exchange. Once, before it begins.
  void control(controls by) { by_ = std::move(by); }

  /// A successful response's head is here; the body follows.
  void on_head(http_response&& head);
  /// \return how many bytes of the body have been read by that
  [[nodiscard]] std::size_t on_data(std::string_view bytes);
  /// The exchange has ended: with a response whose body was handed over already, with any other
  /// that is no success, or with an error.
  void on_end(result<http_response>&& outcome);
  /// What carries it instead, over HTTP/1.1. The transport's, under its lock.
  std::weak_ptr<response_stream> own_stream;
  /// Gives the waiting handler back, for an exchange that has to be carried otherwise.
  [[nodiscard]] transport::open_handler take_handler();

 private:
  class handle;

  void read(response_stream::read_handler handler);
  void cancel_read();
  void on_idle(std::uint64_t number);
  void close() noexcept;

  const std::chrono::milliseconds idle_timeout_;
  controls by_;
  std::mutex mutex_;
  body_reader reader_;
  bool has_head_ = false;
};

}  // namespace upsun::http
