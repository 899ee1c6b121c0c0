#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "http/net/clock.hpp"
#include "http/net/name_cache.hpp"

namespace upsun::http {

/// How long the race gives an address before it starts the next one beside it (RFC 8305 section 5).
inline constexpr std::chrono::milliseconds connect_stagger{250};

/// Which of a host's addresses to try when, by RFC 8305 ("Happy Eyeballs"): address families
/// interleaved, beginning with that of the first address; the next address when the last start was
/// `connect_stagger` ago, or at once when no attempt is under way or one has just failed. Pure: the
/// driver reports what happened, then calls `next` until it returns `wait`, `won` or `lost`.
class connect_race {
 public:
  using endpoint = boost::asio::ip::tcp::endpoint;

  enum class kind {
    start,  ///< Start connecting to `address(index)`.
    wait,   ///< Until something happens, at most to `until`, which may be `time_point::max()`.
    won,    ///< Use the connection `index`, drop the others.
    lost,   ///< Every address failed; `error(index)` is the most telling one.
  };
  struct step {
    kind what;
    std::size_t index = 0;
    time_point until = time_point::max();
  };

  /// \param addresses at least one in all. Those of the last resort are interleaved among
  /// themselves.
  connect_race(const address_choice& addresses, std::uint16_t port);

  [[nodiscard]] step next(time_point now);
  void failed(std::size_t index, const error_code& why);
  void succeeded(std::size_t index);

  /// Whether `index` was started at least `connect_stagger` ago and nothing came of it: a
  /// connection that succeeds beside it shows that it is slow or dead.
  [[nodiscard]] bool overdue(std::size_t index, time_point now) const;

  /// In the order in which they are tried.
  [[nodiscard]] const endpoint& address(std::size_t index) const {
    return attempts_[index].address;
  }
  [[nodiscard]] const error_code& error(std::size_t index) const {
    return attempts_[index].failure;
  }

 private:
  struct attempt {
    endpoint address;
    error_code failure{};
    time_point started = time_point::max();
    bool ended = false;
  };

  void interleave(const ip_addresses& addresses, std::uint16_t port);
  [[nodiscard]] std::size_t most_telling() const;

  std::vector<attempt> attempts_;
  std::size_t started_ = 0;
  std::size_t failed_ = 0;
  std::size_t winner_;
  time_point next_start_ = time_point::min();
};

}  // namespace upsun::http
