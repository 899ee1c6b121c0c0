#pragma once

#include <boost/circular_buffer.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "http/pool/exchange.hpp"

namespace upsun::http {

/// The requests on a connection behind the one whose answer is awaited, in the order of their
/// answers: what of them is to be sent next, and what becomes of the order when one is no longer
/// wanted. Decides only; its connection does the I/O, and holds the first of them all, called the
/// front here.
///
/// A request of which OpenSSL or the socket was *offered* a byte has its place in the order of
/// answers for good. When nobody wants its answer any more, an exchange without a home takes the
/// place: a ghost, whose remaining bytes are sent, and whose answer is read and dropped. A
/// connection without pipelining holds an empty one of these, which allocates nothing.
class pipeline {
 public:
  enum class removal {
    absent,     ///< It was not here.
    taken_out,  ///< Nothing of it was offered: it has left the order.
    abandoned,  ///< A ghost has taken its place.
  };

  [[nodiscard]] bool empty() const noexcept { return behind_.empty(); }
  /// Whether all of every request was sent.
  [[nodiscard]] bool all_sent() const noexcept { return sent_ == behind_.size(); }
  /// Whether a byte of the next front was sent, so that an answer to it may come. There must be
  /// one.
  [[nodiscard]] bool may_be_answered() const noexcept { return behind_.front()->written > 0; }
  /// Whether somebody waits for one of the answers.
  [[nodiscard]] bool anyone_waits() const noexcept;

  /// \throws std::bad_alloc, having changed nothing
  void push(exchange_ptr last);
  /// The next front. There must be one.
  [[nodiscard]] exchange_ptr pop();
  [[nodiscard]] removal remove(const exchange_ptr& target);
  /// Takes the place of an exchange that was offered, and its bytes.
  [[nodiscard]] static exchange_ptr make_ghost(exchange& of);

  /// The bytes to send next: as many requests at once, that of the front first, as one TLS record
  /// holds. Empty: there are none. Valid until the next call.
  [[nodiscard]] std::string_view offer(exchange& front);
  /// So many of those bytes were sent.
  void sent(exchange& front, std::size_t bytes, time_point now);

  /// Empties it. \return those who wait for an answer, the last first.
  std::vector<exchange_ptr> take_all() noexcept;

 private:
  boost::circular_buffer<exchange_ptr> behind_;
  std::size_t sent_ = 0;  // of them were sent as a whole
  std::string batch_;
  std::vector<exchange_ptr> taken_;  // room for all of them
};

}  // namespace upsun::http
