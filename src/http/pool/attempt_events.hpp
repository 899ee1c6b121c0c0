#pragma once

#include <memory>
#include <utility>

#include <upsun/observer.hpp>

#include "http/exchange/connection.hpp"
#include "http/exchange/exchange.hpp"
#include "http/net/dial.hpp"

namespace upsun::http {

/// Reports a transport's events to the client's observer, if there is one. Without any lock held.
class attempt_events {
 public:
  attempt_events(std::shared_ptr<observer> to, std::shared_ptr<const dial_target> target)
      : observer_(std::move(to)), target_(std::move(target)) {}

  [[nodiscard]] bool wanted() const noexcept { return observer_ != nullptr; }

  void queued(const exchange& e, time_point at) const {
    if (e.observed) report(attempt_event::kind::queued, e, at, nullptr);
  }
  void leased(const exchange& e, const connection& on) const {
    if (e.observed) report(attempt_event::kind::leased, e, e.leased, &on);
  }
  /// What an exchange has noted while it was under way.
  void finished(const exchange& e, const connection& on) const {
    if (!e.observed) return;
    if (e.sent != time_point{}) report(attempt_event::kind::sent, e, e.sent, &on);
    if (e.first_byte != time_point{}) report(attempt_event::kind::first_byte, e, e.first_byte, &on);
  }
  void dialled(connection_id id, const dial_outcome& outcome) const;

 private:
  void report(attempt_event::kind what, const exchange& e, time_point at,
              const connection* on) const;

  const std::shared_ptr<observer> observer_;
  const std::shared_ptr<const dial_target> target_;
};

}  // namespace upsun::http
