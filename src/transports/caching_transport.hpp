#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>

#include <upsun/transport.hpp>

#include "transports/fetch_table.hpp"
#include "transports/response_cache.hpp"

namespace upsun::transports {

/// Lets requests share: a `shareable` GET joins a fetch under way for the same, or is served from
/// the cache, or is sent for itself and those who join. Everything else is sent as it is; what may
/// change something makes this forget what it has of it before the handler is called. See
/// doc/caching.md.
///
/// Each request keeps its own deadline and cancellation. While others may join, the fetch below has
/// no deadline: it is cancelled when its last waiter left.
///
/// A failure is the result of the call that has waited longest. The others wait on while that call
/// decides on a retry: its next request is theirs, too, and when there is none, `call_ended` says
/// what becomes of them. Hedges are not retried, so their failures go to all at once.
///
/// Locks: no handler and nothing below is called under the lock.
class caching_transport final : public transport,
                                public std::enable_shared_from_this<caching_transport> {
 public:
  struct settings {
    bool coalesce = false;
    std::size_t max_entries = 0;  ///< Zero: no cache.
    std::size_t max_bytes = 0;
    std::chrono::nanoseconds ttl{};
  };
  /// Since it was made, but for `cached`.
  struct counts {
    std::size_t cached = 0;           ///< Responses in the cache now.
    std::uint64_t sent = 0;           ///< Requests sent below; streams are not counted.
    std::uint64_t coalesced = 0;      ///< Requests that joined another's fetch.
    std::uint64_t hits = 0;           ///< Requests served from the cache without a request below.
    std::uint64_t revalidations = 0;  ///< Fetches that a 304 ended.
  };

  caching_transport(std::shared_ptr<transport> inner, boost::asio::any_io_executor executor,
                    const settings& how)
      : inner_(std::move(inner)),
        executor_(std::move(executor)),
        coalesces_(how.coalesce),
        caches_(how.max_entries > 0),
        cache_(how.max_entries, how.max_bytes, how.ttl) {}

  void async_send(http_request request, send_handler handler) override;
  /// Streams are never shared.
  void async_open_stream(http_request request, std::chrono::milliseconds idle_timeout,
                         open_handler handler) override;
  void async_close(std::chrono::milliseconds grace, close_handler handler) override;
  void shutdown() noexcept override;
  [[nodiscard]] pool_statistics statistics() const override { return inner_->statistics(); }

  /// What is known of the target, or will be by a fetch under way, is not for those who ask from
  /// now on.
  void forget(std::string_view target) { forget(change_by("GET", target)); }

  /// Whether others wait for this call's retry, so that its failure, shared or not, is its own to
  /// retry.
  [[nodiscard]] bool decides_on_retry(std::uint64_t call) const;
  /// A call ended; to be called before its handler. `for_all`: with a failure that holds for those
  /// who wait for its retry, too. Else, as after a cancellation, the next of them decides.
  void call_ended(std::uint64_t call, bool for_all);
  [[nodiscard]] counts counted() const;

 private:
  struct waiting_request;
  struct shared_fetch;
  struct fetch_handler;
  struct change_handler;
  using fetch_ptr = std::shared_ptr<shared_fetch>;
  using request_ptr = std::shared_ptr<waiting_request>;
  using shared_outcome = std::shared_ptr<const result<http_response>>;
  using time_point = std::chrono::steady_clock::time_point;

  void send_alone(http_request&& request, send_handler&& handler);
  void send_shared(const fetch_ptr& fetch, http_request&& request);
  void leave(const request_ptr& from, errc why);
  void on_response(shared_fetch& fetch, result<http_response>&& got);
  void complete(waiters&& ended, result<http_response>&& outcome);
  void end_retries() noexcept;
  void complete_joined(const request_ptr& who, shared_outcome outcome);
  void forget(const change& what);

  // Under the lock.
  void wait(const request_ptr& who, fetch& on, time_point deadline);
  [[nodiscard]] waiters end(fetch& of);
  [[nodiscard]] static bool others_wait_for_retry(const shared_fetch& failed);
  [[nodiscard]] fetch_ptr take_failed(std::uint64_t call);
  [[nodiscard]] request_ptr let_first_decide(const fetch_ptr& failed);

  const std::shared_ptr<transport> inner_;
  const boost::asio::any_io_executor executor_;
  const bool coalesces_;
  const bool caches_;
  std::atomic<bool> closed_{false};
  std::atomic<std::uint64_t> sent_{0};
  std::atomic<std::size_t> failed_count_{0};  // of `failed_`, to be read without the lock

  mutable std::mutex mutex_;
  fetch_table fetches_;
  std::map<std::uint64_t, fetch_ptr> failed_;  // fetches by the call that decides on their retry
  response_cache cache_;
  counts counts_;  // but for `cached` and `sent`
};

}  // namespace upsun::transports
