#pragma once

#include <boost/intrusive/list.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include <upsun/bulk_options.hpp>
#include <upsun/detail/bulk_work.hpp>

#include "calls/call.hpp"
#include "calls/client_impl.hpp"
#include "calls/delivery.hpp"
#include "operations/bulk_core.hpp"

namespace upsun::operations {

/// What a fetch is made of, and what its answer becomes.
struct fetch_one {
  using answer = integration;
  static result<api::operation> operation(integration_ref ref);
  static result<integration> decode(const calls::client_impl& client,
                                    const http_response& response);
};
struct fetch_list {
  using answer = std::vector<result<integration>>;
  static result<api::operation> operation(project_id project);
  static result<answer> decode(const calls::client_impl& client, const http_response& response);
};
template <class Target>
using fetch_of = std::conditional_t<std::is_same_v<Target, integration_ref>, fetch_one, fetch_list>;

template <class Target>
class bulk_run;

/// Constructed before the call that refers to them; shared, since a call may outlive the bulk it
/// was part of.
struct shared_options {
  const std::shared_ptr<const bulk_options> options;
};

struct bulk_item_tag;
using bulk_item_hook = boost::intrusive::list_base_hook<boost::intrusive::tag<bulk_item_tag>>;

/// One fetch of a bulk: a call whose results wait for the bulk's pump.
///
/// Who holds whom: while the fetch, or a deferred handler, is under way it keeps the bulk; else the
/// bulk keeps it. So nothing is left when a context ends.
template <class Target>
class bulk_item final : private shared_options,
                        public calls::typed_call<typename fetch_of<Target>::answer>,
                        public bulk_item_hook,
                        public detail::handling {
 public:
  using answer = typename fetch_of<Target>::answer;

  /// \param place where the outcome goes, which then needs no target either; null: it is kept here.
  bulk_item(std::shared_ptr<bulk_run<Target>> run, Target&& target, std::size_t number,
            result<answer>* place);
  bulk_item(const bulk_item&) = delete;
  bulk_item& operator=(const bulk_item&) = delete;
  ~bulk_item() override;

  [[nodiscard]] const Target& target() const noexcept { return target_; }
  /// Which of the bulk's it is.
  [[nodiscard]] std::size_t number() const noexcept { return number_; }
  [[nodiscard]] std::shared_ptr<bulk_item> shared() {
    return std::static_pointer_cast<bulk_item>(this->shared_from_this());
  }

  /// \throws std::bad_alloc Then `fail` gives the outcome.
  void begin(std::chrono::steady_clock::time_point latest) { calls::call_base::begin({}, latest); }
  void fail(errc why);

  // For the pump, from the outcome on.
  /// The next of the results; null when there are no more.
  [[nodiscard]] result<integration>* next_result();
  /// Whether the handler that was called ends later.
  [[nodiscard]] bool deferred() const noexcept { return deferred_; }
  /// A deferred handler has ended. Returns what it threw.
  [[nodiscard]] std::exception_ptr resume() noexcept {
    deferred_ = false;
    return std::exchange(thrown_, nullptr);
  }

  [[nodiscard]] std::shared_ptr<detail::handling> defer() override;
  void ended(std::exception_ptr thrown) noexcept override;
  [[nodiscard]] const boost::asio::any_io_executor& executor() const noexcept override;

  unsigned stop_round =
      0;  ///< The bulk's: the last of its rounds through all fetches that met this one.

 private:
  void take(result<answer>&& outcome) override;
  void keep(result<answer>&& outcome);
  [[nodiscard]] result<answer>& outcome() noexcept { return place_ != nullptr ? *place_ : *kept_; }

  bulk_run<Target>& owner_;
  std::shared_ptr<bulk_run<Target>> run_;
  const Target target_;
  const std::size_t number_;
  result<answer>* const place_;
  std::optional<result<answer>> kept_;
  std::optional<result<integration>> list_failure_;
  std::size_t position_ = 0;
  bool deferred_ = false;
  std::exception_ptr thrown_;
};

/// Drives a `bulk_core`: begins fetches, hands their results on, completes.
///
/// All that is the caller's (source, handler, progress) and the core belong to the pump, which runs
/// on the completion handler's executor, on one thread at a time. Any thread may bring an outcome:
/// it is put down for the pump, which runs unless it does already. So the stack is as deep for a
/// million as for one.
template <class Target>
class bulk_run : public calls::call_under_way,
                 public std::enable_shared_from_this<bulk_run<Target>> {
 public:
  using clock = std::chrono::steady_clock;
  using item = bulk_item<Target>;

  bulk_run(const bulk_run&) = delete;
  bulk_run& operator=(const bulk_run&) = delete;

  /// Cancels the whole.
  void stop();

  void end() override;
  [[nodiscard]] bool ended_by_client() const noexcept override { return ended_by_client_; }
  [[nodiscard]] std::shared_ptr<calls::call_under_way> lock() noexcept override {
    return this->weak_from_this().lock();
  }

  /// An item has its outcome, or its deferred handler has ended.
  void came(std::shared_ptr<item>&& one);
  /// An item is destroyed before its outcome.
  void lost(item& one) noexcept;
  /// Where coroutines of the caller's run.
  [[nodiscard]] const boost::asio::any_io_executor& spawns_on() const noexcept {
    return spawns_on_;
  }
  [[nodiscard]] const std::shared_ptr<calls::client_impl>& client() const noexcept {
    return client_;
  }
  [[nodiscard]] const std::shared_ptr<const bulk_options>& options() const noexcept {
    return options_;
  }

 protected:
  bulk_run(std::shared_ptr<calls::client_impl> client, bulk_options&& options);
  virtual ~bulk_run();

  /// Once. \param whole how long the whole may take when the options do not say; zero: for ever.
  /// \throws std::bad_alloc
  void begin(detail::handler_executor&& where, boost::asio::cancellation_slot cancel,
             std::chrono::milliseconds whole);

  virtual std::optional<Target> next() = 0;
  virtual void handle(item& one, result<integration>&& got) = 0;
  /// Where the outcome of a fetch goes; null: it waits for `handle` in its item.
  [[nodiscard]] virtual result<typename item::answer>* place(std::size_t /*number*/) {
    return nullptr;
  }
  /// How many results there will be, when that is known.
  [[nodiscard]] virtual std::optional<std::size_t> total() const { return std::nullopt; }
  /// Calls the handler. \param refused why nothing was begun, or null. \param begun how many
  /// fetches were.
  virtual void complete(const error* refused, std::size_t begun) = 0;

  const std::shared_ptr<calls::client_impl> client_;
  std::optional<calls::pending_handler> pending_;
  std::optional<bulk_core> core_;

 private:
  [[nodiscard]] std::optional<error> refusal() const;
  void complete_later(error why);
  void run_pump();

  // The pump's.
  void pump();
  void begin_more();
  void advance(item& one);
  void tell_progress();
  void threw();
  void stop_under_way();

  const std::shared_ptr<const bulk_options> options_;
  boost::asio::any_io_executor spawns_on_;
  clock::time_point deadline_ = clock::time_point::max();
  std::size_t begun_ = 0;
  std::vector<std::shared_ptr<item>> taken_;
  std::atomic<bool> ended_by_client_{false};

  std::mutex mutex_;  // of what follows; a call's lock may be held, never the other way round
  boost::intrusive::list<item, boost::intrusive::base_hook<bulk_item_hook>,
                         boost::intrusive::constant_time_size<false>>
      under_way_;
  std::vector<std::shared_ptr<item>> ready_;  // has room for the whole window
  unsigned stop_rounds_ = 0;
  bool stop_asked_ = false;
  bool pumping_ = true;  // begins so, until its first run
  bool entered_ = false;
};

}  // namespace upsun::operations
