#include "operations/shared_get.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <new>
#include <optional>
#include <string>
#include <utility>

#include "api/integrations.hpp"
#include "api/trace_context.hpp"
#include "calls/call.hpp"
#include "calls/client_impl.hpp"
#include "calls/delivery.hpp"
#include "operations/answers.hpp"
#include "transports/hub.hpp"
#include "util/recycler.hpp"

namespace asio = boost::asio;

namespace upsun::operations {
namespace {

using clock = std::chrono::steady_clock;

/// What is told to all who wait for one answer.
struct arrival {
  transports::kept_ptr answer{};  ///< Null: the fetch failed.
  error failure{};
  bool cached = false;
  int status = 0;
  std::string request_id{};
  unsigned attempts = 0;
  bool reused = false;
  call_timings timings{};
};

/// A fetch on its way for all who are aboard.
class shared_fetch final : private calls::own_options,
                           public calls::call_base,
                           public transports::flight {
 public:
  /// \param known the answer that is kept, to be revalidated; may be null.
  shared_fetch(std::shared_ptr<calls::client_impl> client, api::operation&& get,
               call_options&& given, transports::kept_ptr known);
  ~shared_fetch() override;

  /// Begins it, once, without the hub's lock. Every failure is told to those aboard. \param number
  /// the call it is told under.
  void depart(std::uint64_t number);

 private:
  void complete(const result<void>& answered, const http_response* response) override;
  void describe(arrival& what, const result<void>& answered, const http_response* response) const;
  void keep(const arrival& what, const http_response& response);
  [[nodiscard]] std::shared_ptr<shared_fetch> make_relief() const;

  const transports::kept_ptr known_;
  std::shared_ptr<arrival> arrival_ = std::make_shared<arrival>();  // there before it is needed
  std::uint64_t number_ = 0;
};

/// One call that waits for a fetch, or is given what is kept.
///
/// Its timer ends every wait, so that an end takes no memory: when the call's time is over, or
/// cancelled, when it is told.
class shared_get final : public calls::call_under_way,
                         public detail::startable<integration>,
                         public transports::passenger,
                         public std::enable_shared_from_this<shared_get> {
 public:
  shared_get(std::shared_ptr<calls::client_impl> client, api::operation&& get,
             call_options&& options)
      : client_(std::move(client)),
        get_(std::move(get)),
        options_(std::move(options)),
        timer_(client_->executor) {}
  shared_get(const shared_get&) = delete;
  shared_get& operator=(const shared_get&) = delete;
  ~shared_get();

  [[nodiscard]] const asio::any_io_executor& executor() const noexcept override {
    return client_->executor;
  }
  void start(detail::handler_executor where, asio::cancellation_slot cancel,
             handler_type&& handler) override;

  void end() override { stop(true); }
  /// A fetch with somebody aboard is cancelled by the client alone.
  [[nodiscard]] bool ended_by_client() const noexcept override {
    return ended_by_client_ || (told_ && told_->failure == errc::cancelled);
  }
  [[nodiscard]] std::shared_ptr<calls::call_under_way> lock() noexcept override {
    return weak_from_this().lock();
  }

  /// Under the hub's lock, after it went off its flight.
  void tell(const std::shared_ptr<const arrival>& what) {
    told_ = what;
    timer_.cancel();
  }

 private:
  [[nodiscard]] std::shared_ptr<shared_fetch> begin(asio::cancellation_slot cancel);
  void complete_later(std::shared_ptr<const arrival> what);
  [[nodiscard]] std::shared_ptr<calls::call_base> get_off();
  void stop(bool by_client);
  void on_timer();
  void complete();
  [[nodiscard]] error own_failure() const;

  const std::shared_ptr<calls::client_impl> client_;
  api::operation get_;
  const call_options options_;
  std::optional<calls::pending_handler> pending_;
  handler_type handler_;
  clock::time_point started_{};
  std::uint64_t number_ = 0;
  bool shared_ = false;

  // Under the hub's lock until it completes.
  bool ended_by_client_ = false;
  asio::steady_timer timer_;
  std::shared_ptr<const arrival> told_;
  std::optional<errc> own_end_;  // why it gave up by itself
};

// ---- the fetch

shared_fetch::shared_fetch(std::shared_ptr<calls::client_impl> client, api::operation&& get,
                           call_options&& given, transports::kept_ptr known)
    : calls::own_options{std::move(given)},
      calls::call_base(std::move(client), std::move(get), options),
      known_(std::move(known)) {
  inner = true;
}

shared_fetch::~shared_fetch() {
  if (!current() && aboard.empty()) return;
  const std::scoped_lock lock(client_->sharing->mutex);  // its context was destroyed under it
  client_->sharing->flights.forget(*this);
}

void shared_fetch::depart(std::uint64_t number) {
  number_ = number;
  try {
    begin_as(number, {}, deadline);
  } catch (const std::bad_alloc&) {
    return complete(error(errc::out_of_memory), nullptr);
  }
  bool abandoned = false;
  {
    const std::scoped_lock lock(client_->sharing->mutex);
    abandoned = aboard.empty();
  }
  if (abandoned) stop();  // by the last one aboard, perhaps when there was nothing to stop yet
}

void shared_fetch::complete(const result<void>& answered, const http_response* response) {
  transports::hub& hub = *client_->sharing;
  const std::shared_ptr<arrival> told = std::move(arrival_);
  try {
    describe(*told, answered, response);
  } catch (const std::bad_alloc&) {
    told->answer = nullptr;
    told->failure = errc::out_of_memory;
  }
  const bool out_of_time = told->failure == errc::deadline_exceeded;
  const auto tell = [&](transports::passenger& p) { static_cast<shared_get&>(p).tell(told); };
  std::shared_ptr<shared_fetch> relief;
  {
    const std::scoped_lock lock(hub.mutex);
    if (hub.caches && current() && response != nullptr) keep(*told, *response);
    hub.flights.land(*this, out_of_time, tell);
    if (!aboard.empty()) relief = make_relief();
    if (relief) {
      hub.flights.relieve(*this, *relief);
    } else {
      hub.flights.land(*this, false, tell);
    }
  }
  if (relief) relief->depart(number_);
}

void shared_fetch::describe(arrival& what, const result<void>& answered,
                            const http_response* response) const {
  error failure = answered ? error() : answered.error();
  if (answered && response->status == 304) {
    what.answer = known_;
    what.cached = true;
    observe::call_counters::count(client_->counters.revalidations);
  } else if (answered) {
    if (result<integration> decoded = decode_one(*client_, *response)) {
      what.answer = std::make_shared<const transports::kept_answer>(
          transports::kept_answer{std::move(*decoded), response->etag, response->request_id});
    } else {
      failure = decoded.error();
    }
  }
  if (!what.answer) what.failure = complete_error(failure, response);
  what.attempts = attempts_made();
  if (response == nullptr) return;
  what.status = response->status;
  what.request_id = response->request_id;
  what.reused = response->reused_connection;
  what.timings = response->timings;
}

void shared_fetch::keep(const arrival& what, const http_response& response) {
  transports::micro_cache& answers = client_->sharing->answers;
  switch (transports::effect_of(response.status, what.answer != nullptr, response.no_store)) {
    case transports::cache_effect::keep: return;
    case transports::cache_effect::drop: return answers.drop(of);
    case transports::cache_effect::store: break;
  }
  try {
    answers.store(of, what.answer, token_generation(), clock::now());
  } catch (const std::bad_alloc&) {  // then it is not kept
  }
}

/// Null when memory ran out.
std::shared_ptr<shared_fetch> shared_fetch::make_relief() const {
  try {
    const clock::time_point latest = transports::flight_table::latest_deadline(*this);
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(latest - clock::now());
    result<api::operation> get =
        api::get_integration(project_id(of.project), integration_id(of.integration));
    if (known_) get->validator = known_->etag;
    call_options longer =
        call_options(options).timeout(std::max(left, std::chrono::milliseconds(1)));
    auto made = std::make_shared<shared_fetch>(client_, std::move(*get), std::move(longer), known_);
    made->of = of;
    made->credentials = credentials;
    made->deadline = latest;
    return made;
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

// ---- one caller

shared_get::~shared_get() {
  if (on != nullptr) {  // its context was destroyed under it
    const std::scoped_lock lock(client_->sharing->mutex);
    if (on != nullptr) (void)client_->sharing->flights.leave(*this);
  }
  if (calls::call_under_way::is_linked()) client_->leave(*this);
}

void shared_get::start(detail::handler_executor where, asio::cancellation_slot cancel,
                       handler_type&& handler) {
  pending_.emplace(client_->executor, std::move(where));
  handler_.swap(handler);  // its move assignment recurses without end in Boost 1.81
  started_ = clock::now();
  number_ = client_->counters.begin();
  std::shared_ptr<shared_fetch> fetch;
  try {
    fetch = begin(cancel);
  } catch (const std::bad_alloc&) {
    const error failure(errc::out_of_memory);
    client_->counters.end(&failure);
    client_->leave(*this);
    throw;
  }
  if (fetch) fetch->depart(number_);
}

/// \return the fetch to begin, if there is none to wait for.
std::shared_ptr<shared_fetch> shared_get::begin(asio::cancellation_slot cancel) {
  transports::hub& hub = *client_->sharing;
  deadline = started_ + (options_.timeout().count() != 0 ? options_.timeout()
                                                         : client_->config.timeouts.total);
  const transports::item wanted{get_.ids[0], get_.ids[1]};
  const std::uint64_t credentials = client_->tokens ? client_->tokens->generation() : 0;
  std::shared_ptr<shared_fetch> fetch;
  const std::scoped_lock lock(hub.mutex);
  if (!client_->admit(*this, nullptr, started_)) {
    complete_later(std::make_shared<const arrival>(arrival{.failure = errc::client_closed}));
    return nullptr;
  }
  const auto kept = hub.caches ? hub.answers.find(wanted, credentials, started_)
                               : transports::micro_cache::found();
  if (kept.fresh) {
    complete_later(std::make_shared<const arrival>(arrival{.answer = kept.answer,
                                                           .cached = true,
                                                           .status = 200,
                                                           .request_id = kept.answer->request_id}));
    observe::call_counters::count(client_->counters.cache_hits);
    return nullptr;
  }
  transports::flight* flight = hub.coalesces ? hub.flights.find(wanted, credentials) : nullptr;
  if (flight == nullptr) {
    if (kept.answer) get_.validator = kept.answer->etag;
    fetch = std::make_shared<shared_fetch>(client_, std::move(get_),
                                           call_options(options_).info(nullptr), kept.answer);
    fetch->of = wanted;
    fetch->credentials = credentials;
    fetch->deadline = deadline;
    flight = fetch.get();
  }
  if (cancel.is_connected()) {
    cancel.assign([self = weak_from_this()](asio::cancellation_type type) {
      if (const auto alive = self.lock(); alive && type != asio::cancellation_type::none)
        alive->stop(false);
    });
  }
  // A fetch ends by its own deadline, and says where the time went.
  timer_.expires_at(deadline == flight->deadline ? clock::time_point::max() : deadline);
  timer_.async_wait([self = shared_from_this()](const error_code&) { self->on_timer(); });
  if (fetch) {
    hub.flights.begin(*fetch);
  } else {
    shared_ = true;
    observe::call_counters::count(client_->counters.coalesced);
  }
  hub.flights.board(*flight, *this);
  return fetch;
}

/// Completes the call from within the initiating function, where the handler must not be called.
void shared_get::complete_later(std::shared_ptr<const arrival> what) {
  told_ = std::move(what);
  asio::post(client_->executor, [self = shared_from_this()] { self->complete(); });
}

/// Under the lock. \return the fetch to cancel, if nobody else waits for it.
std::shared_ptr<calls::call_base> shared_get::get_off() {
  auto& fetch = static_cast<shared_fetch&>(*on);
  if (!client_->sharing->flights.leave(*this)) return nullptr;
  return std::static_pointer_cast<calls::call_base>(fetch.lock());
}

void shared_get::stop(bool by_client) {
  std::shared_ptr<calls::call_base> abandoned;
  {
    const std::scoped_lock lock(client_->sharing->mutex);
    if (on == nullptr) return;
    abandoned = get_off();
    own_end_ = errc::cancelled;
    ended_by_client_ = by_client;
    timer_.cancel();
  }
  if (abandoned) abandoned->stop();
}

void shared_get::on_timer() {
  std::shared_ptr<calls::call_base> abandoned;
  {
    const std::scoped_lock lock(client_->sharing->mutex);
    if (on != nullptr) {
      abandoned = get_off();
      own_end_ = errc::deadline_exceeded;
    }
    if (!told_ && !own_end_) return;  // it could not be begun
  }
  if (abandoned) abandoned->stop();
  complete();
}

error shared_get::own_failure() const {
  error_details details;
  details.phase = phase::queue;
  if (own_end_ == errc::deadline_exceeded)
    details.cause = "a fetch shared with other calls was still under way";
  details.method = get_.method;
  details.path_template = get_.path_template;
  details.timings.total = clock::now() - started_;
  details.safe_to_retry = true;
  return {*own_end_, std::move(details)};
}

void shared_get::complete() {
  result<integration> outcome = errc::out_of_memory;
  try {
    if (!told_) {
      outcome = own_failure();
    } else if (!told_->answer) {
      outcome = told_->failure;
    } else {
      if (response_info* info = options_.info(); info != nullptr) {
        *info = {.status = told_->status,
                 .request_id = told_->request_id,
                 .attempts = told_->attempts,
                 .reused_connection = told_->reused,
                 .shared = shared_,
                 .cached = told_->cached,
                 .timings = told_->timings};
        info->timings.total = clock::now() - started_;
      }
      outcome = told_->answer->value;
    }
  } catch (const std::bad_alloc&) {
    outcome = error(errc::out_of_memory);
  }
  const error failure = outcome ? error() : outcome.error();
  client_->counters.end(outcome ? nullptr : &failure);
  if (const auto& observer = client_->config.observer) {
    call_timings timings = told_ ? told_->timings : call_timings();
    timings.total = clock::now() - started_;
    observer->on_call({.method = get_.method,
                       .path_template = get_.path_template,
                       .status = told_ ? told_->status : 0,
                       .failure = outcome ? nullptr : &failure,
                       .attempts = told_ ? told_->attempts : 0,
                       .reused_connection = told_ && told_->reused,
                       .timings = timings,
                       .shared = shared_,
                       .cached = told_ && told_->cached});
  }
  calls::deliver(*pending_, handler_, std::move(outcome));
  client_->leave(*this);
}

// ---- a change

class forgetting_change final : public detail::startable<accepted_change> {
 public:
  forgetting_change(std::shared_ptr<calls::client_impl> client, const integration_ref& changed,
                    detail::prepared_call<accepted_change>&& change)
      : client_(std::move(client)),
        changed_{changed.project().str(), changed.id().str()},
        change_(std::move(change)) {}

  [[nodiscard]] const asio::any_io_executor& executor() const noexcept override {
    return change_->executor();
  }
  void start(detail::handler_executor where, asio::cancellation_slot cancel,
             handler_type&& handler) override {
    handler_type forgets([client = client_, changed = changed_,
                          handler = std::move(handler)](result<accepted_change> outcome) mutable {
      client->sharing->forget(changed);
      std::move(handler)(std::move(outcome));
    });
    change_->start(std::move(where), cancel, std::move(forgets));
  }

 private:
  const std::shared_ptr<calls::client_impl> client_;
  const transports::item changed_;
  const detail::prepared_call<accepted_change> change_;
};

}  // namespace

bool may_share(const call_options& options) {
  constexpr auto longest = std::chrono::hours(24);
  const auto timeout = options.timeout();
  return options.headers().empty() && !options.retry() && !options.hedge() &&
         options.attempt_timeout().count() == 0 && timeout.count() >= 0 && timeout <= longest &&
         !api::refuse_trace(options.traceparent(), options.tracestate());
}

detail::prepared_call<integration> prepare_shared_get(std::shared_ptr<calls::client_impl> client,
                                                      api::operation&& get,
                                                      call_options&& options) {
  return std::allocate_shared<shared_get>(util::recycler<shared_get>(), std::move(client),
                                          std::move(get), std::move(options));
}

detail::prepared_call<accepted_change> forget_after(std::shared_ptr<calls::client_impl> client,
                                                    const integration_ref& changed,
                                                    detail::prepared_call<accepted_change> change) {
  if (!client->sharing) return change;
  return std::make_shared<forgetting_change>(std::move(client), changed, std::move(change));
}

}  // namespace upsun::operations
