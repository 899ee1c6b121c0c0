#pragma once

#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <utility>

#include "integration/harness.hpp"

namespace upsun::testing {

/// Calls by a number of callers at once, each of which makes its next call when its last has ended,
/// until there are enough; then the client is closed. Counts how they end. Runs on one thread.
class load {
 public:
  /// How a call ended: its code, none for a success, and its HTTP status, zero when there was no
  /// response, or a good one.
  using outcome = std::pair<error_code, int>;

  /// \param which the integration a call asks for, by the call's number. \param enough asked before
  /// each call.
  load(client& to, std::function<integration_id(std::size_t)> which,
       std::function<bool(const load&)> enough)
      : client_(to), which_(std::move(which)), enough_(std::move(enough)) {}

  void start(std::size_t callers) {
    callers_ = callers;
    for (std::size_t i = 0; i < callers; ++i) next();
  }

  [[nodiscard]] std::size_t started() const noexcept { return ends_.size(); }
  [[nodiscard]] const std::map<outcome, std::size_t>& outcomes() const noexcept {
    return outcomes_;
  }
  [[nodiscard]] std::size_t succeeded() const { return count({}, 0); }
  [[nodiscard]] std::size_t count(error_code code, int status) const {
    const auto found = outcomes_.find({code, status});
    return found == outcomes_.end() ? 0 : found->second;
  }
  /// Whether every call that was started has ended, and once.
  [[nodiscard]] bool each_ended_once() const {
    std::size_t ended = 0;
    for (const auto& [how, number] : outcomes_) ended += number;
    return ended == ends_.size() &&
           std::all_of(ends_.begin(), ends_.end(), [](int times) { return times == 1; });
  }

 private:
  void next() {
    if (enough_(*this)) {
      if (--callers_ == 0) client_.async_close(30s, asio::detached);
      return;
    }
    const std::size_t mine = ends_.size();
    ends_.push_back(0);
    client_.async_get_integration(
        {project(), which_(mine)}, [this, mine](const result<integration>& got) {
          ++ends_[mine];
          ++outcomes_[got ? outcome() : outcome(got.error().code(), got.error().status())];
          if (got || got.error().status() != 0) return next();
          // A server that is away refuses at once: leave it, and this machine, some time.
          const auto pause = std::make_shared<asio::steady_timer>(client_.get_executor(), 1ms);
          pause->async_wait([this, pause](const error_code&) { next(); });
        });
  }

  client& client_;
  const std::function<integration_id(std::size_t)> which_;
  const std::function<bool(const load&)> enough_;
  std::size_t callers_ = 0;
  std::deque<int> ends_;  // by call
  std::map<outcome, std::size_t> outcomes_;
};

}  // namespace upsun::testing
