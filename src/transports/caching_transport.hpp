#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
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
  [[nodiscard]] counts counted() const;

 private:
  struct waiting_request;
  struct shared_fetch;
  struct fetch_handler;
  struct change_handler;
  using fetch_ptr = std::shared_ptr<shared_fetch>;
  using request_ptr = std::shared_ptr<waiting_request>;
  using time_point = std::chrono::steady_clock::time_point;

  void send_alone(http_request&& request, send_handler&& handler);
  void send_shared(const fetch_ptr& fetch, http_request&& request);
  void leave(const request_ptr& from, errc why);
  void on_response(shared_fetch& fetch, result<http_response>&& got);
  void complete(waiters&& ended, result<http_response>&& outcome);
  void forget(const change& what);

  // Under the lock.
  void wait(const request_ptr& who, fetch& on, time_point deadline);

  const std::shared_ptr<transport> inner_;
  const boost::asio::any_io_executor executor_;
  const bool coalesces_;
  const bool caches_;
  std::atomic<bool> closed_{false};
  std::atomic<std::uint64_t> sent_{0};

  mutable std::mutex mutex_;
  fetch_table fetches_;
  response_cache cache_;
  counts counts_;  // but for `cached` and `sent`
};

}  // namespace upsun::transports
