#pragma once

#include <boost/asio/use_awaitable.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <upsun/detail/initiate.hpp>
#include <upsun/export.hpp>
#include <upsun/log_line.hpp>
#include <upsun/log_options.hpp>
#include <upsun/result.hpp>

namespace upsun {

namespace operations {
class log_session;
}  // namespace operations

/// An activity's log, line by line, while the activity writes it: what
/// `client::async_open_activity_log` completes with. A movable handle on a position in the log.
///
/// Lines come over a connection of their own, none of the pool's, which is opened when the first
/// line is read. Nothing is read ahead but what the network holds. When the connection ends before
/// the log does, another one goes on where it ended, and lines that it repeats are left out.
///
/// Lifetimes: the handle may outlive its client, but not the execution context. When the client is
/// closed or destroyed, an `async_next` under way completes with `errc::cancelled`, and later ones
/// with `errc::client_closed`. When the handle is destroyed, one under way completes with
/// `errc::cancelled`.
///
/// Thread safety: `async_next` and `last_id` may be called from any thread, also at once, but with
/// one `async_next` under way at a time. Moving, assigning and destroying must not run at the same
/// time as another member.
class UPSUN_EXPORT activity_log {
 public:
  /// A handle on no log, which may only be assigned to and destroyed.
  activity_log() noexcept = default;
  /// Made by `client::async_open_activity_log`.
  explicit activity_log(std::shared_ptr<operations::log_session> session) noexcept;
  /// Afterwards the other handle is on no log.
  activity_log(activity_log&&) noexcept;
  /// Ends this handle as its destructor does, and takes over the other one.
  activity_log& operator=(activity_log&&) noexcept;
  /// Closes the connection; an `async_next` under way completes with `errc::cancelled`.
  ~activity_log();

  /// Waits for the next line, without a deadline: to stop waiting, cancel it.
  ///
  /// Preconditions: a handle on a log, and no other `async_next` under way, else it ends with
  /// `errc::invalid_argument`.
  ///
  /// Completion: `void(upsun::result<std::optional<upsun::log_line>>)`; empty once the log is
  /// complete, then and ever after.
  ///
  /// Executor: as the operations of `client`.
  ///
  /// Cancellation: every type, at every step; it completes with `errc::cancelled`. No line is lost,
  /// and the connection stays open for the next `async_next`.
  ///
  /// Errors: `errc::decode_failed` and `errc::body_limit` in `phase::decode`, as no other error,
  /// for one item that cannot be read, or is longer than `log_options::max_line_bytes`: read on, it
  /// is in its place and the rest follows. The failure of a stream, as with any fetch, once
  /// `log_options::max_failures` is used up, or at once when another attempt would be of no use.
  /// `errc::connection_closed` beyond `log_options::max_quiet_streams`. No error ends the handle:
  /// the next `async_next` goes on after the last line.
  ///
  /// \param token a completion token
  template <
      detail::token_for<std::optional<log_line>> CompletionToken = boost::asio::use_awaitable_t<>>
  auto async_next(CompletionToken&& token = {}) {
    return detail::initiate(prepare_next(), std::forward<CompletionToken>(token));
  }

  /// The id of the last item that was given, also of one that could not be read, for
  /// `log_options::start_after`; empty before the first.
  ///
  /// Preconditions: a handle on a log.
  [[nodiscard]] std::string last_id() const;

 private:
  [[nodiscard]] detail::prepared_call<std::optional<log_line>> prepare_next() const;

  std::shared_ptr<operations::log_session> session_;
};

}  // namespace upsun
