#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <upsun/export.hpp>
#include <upsun/log_line.hpp>
#include <upsun/log_options.hpp>
#include <upsun/result.hpp>
#include <upsun/startable.hpp>

namespace upsun {

namespace operations {
class log_session;
}  // namespace operations

/// An activity's log, line by line, while the activity writes it: what `client::async_activity_log`
/// gives. A movable handle on one place in the log.
///
/// Lines come over a connection of its own, not one of the pool's, which is opened with the first
/// line that is asked for; nothing is read ahead but what the network holds. When that connection
/// ends before the log does, another one goes on where it ended, and what it repeats is left out.
///
/// The handle may outlive its client, whose end ends it, but not the execution context. Destroyed
/// with an `async_next` under way, that completes with `condition::cancelled`.
///
/// Thread safety: `async_next` and `last_id` may be called from any thread, one `async_next` at a
/// time; the rest as with any object.
class UPSUN_EXPORT activity_log {
 public:
  /// Of no log: of use only to assign to.
  activity_log() noexcept = default;
  explicit activity_log(std::shared_ptr<operations::log_session> session) noexcept;
  activity_log(activity_log&&) noexcept;
  activity_log& operator=(activity_log&&) noexcept;
  ~activity_log();

  /// Waits for the next line, for as long as it takes: to stop, cancel it.
  /// Completion: `void(upsun::result<std::optional<upsun::log_line>>)`; nothing once the log is
  /// complete, then and ever after. Executor: as the operations of `client`. Cancellation: any
  /// type, at every step; completes with `condition::cancelled`. No line is lost, and the
  /// connection is kept. Errors: every condition of a GET, once `log_options::max_failures` is used
  /// up or when trying again would be no use; `errc::decode_failed` and `errc::body_limit` for an
  /// item that cannot be read, which is passed over; `errc::connection_closed` beyond
  /// `log_options::max_quiet_streams`; `errc::invalid_argument` while another `async_next` is under
  /// way; `errc::client_closed`. None ends the handle: the next `async_next` goes on after the last
  /// line that was given.
  template <class CompletionToken = boost::asio::use_awaitable_t<>>
  auto async_next(CompletionToken&& token = {}) {
    return detail::start(prepare_next(), token);
  }

  /// The id of the last line that was given, for `log_options::start_after`; empty before the
  /// first.
  [[nodiscard]] std::string last_id() const;

 private:
  [[nodiscard]] detail::prepared_call<std::optional<log_line>> prepare_next() const;

  std::shared_ptr<operations::log_session> session_;
};

}  // namespace upsun
