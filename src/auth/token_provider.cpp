#include "auth/token_provider.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>

#include <new>
#include <string>
#include <string_view>
#include <utility>

#include "model/make_error.hpp"
#include "retry/verdict.hpp"
#include "util/origin.hpp"
#include "util/random.hpp"

namespace asio = boost::asio;

namespace upsun::auth {
namespace {

// These lack their details when memory is short.

error failure(errc code, std::string_view cause = {}) noexcept {
  try {
    return model::make_error(code, phase::token, std::string(cause));
  } catch (const std::bad_alloc&) {
    return code;
  }
}

/// Why a wait was too long, by what the last flight met.
error deadline_exceeded(const error& last) noexcept {
  if (!last.code())
    return failure(errc::deadline_exceeded, "the token exchange was still under way");
  try {
    const std::string& cause = last.details().cause;
    return failure(errc::deadline_exceeded,
                   last.code().message() + (cause.empty() ? "" : ": ") + cause);
  } catch (const std::bad_alloc&) {
    return errc::deadline_exceeded;
  }
}

error flight_timeout(const error& why) noexcept {
  try {
    return {errc::attempt_timeout, why.details()};
  } catch (const std::bad_alloc&) {
    return errc::attempt_timeout;
  }
}

bool is_final(const error& why) noexcept {
  if (why == errc::out_of_memory) return false;
  return retry::judge({.code = why.code(),
                       .status = why.status(),
                       .failed_in = phase::token,
                       .retry_after = why.details().retry_after.has_value()}) ==
         retry::verdict::final_answer;
}

}  // namespace

token_provider::token_provider(asio::any_io_executor executor, issue_function issue,
                               std::chrono::milliseconds flight_timeout, bool by_source)
    : executor_(std::move(executor)),
      issue_(std::move(issue)),
      flight_timeout_(flight_timeout),
      strand_(by_source ? std::optional(asio::make_strand(executor_)) : std::nullopt),
      timer_(executor_) {}

std::shared_ptr<token_provider> make_token_provider(const asio::any_io_executor& executor,
                                                    const client_config& config,
                                                    const std::shared_ptr<transport>& network) {
  if (const auto* by_token = std::get_if<api_token>(&config.credentials)) {
    util::origin origin;
    (void)util::parse_origin(by_token->auth_url(), origin);
    return std::make_shared<token_provider>(
        executor,
        issue_by_exchange(network, origin.prefix, by_token->token(), config.timeouts.attempt),
        config.timeouts.total, false);
  }
  if (const auto* by_source = std::get_if<token_source>(&config.credentials)) {
    return std::make_shared<token_provider>(executor, issue_by_source(*by_source),
                                            config.timeouts.total, true);
  }
  return nullptr;
}

std::optional<token> token_provider::try_get() {
  std::optional<token> at_hand;
  completions done;
  {
    const std::scoped_lock lock(mutex_);
    if (closed_) return std::nullopt;
    const auto now = clock::now();
    token_answer answer = core_.get(now);
    if (answer.what == token_answer::kind::ready) at_hand = core_.token();
    if (answer.send) begin(std::move(*answer.send), now, done);
  }
  complete(done);
  return at_hand;
}

std::uint64_t token_provider::generation() const {
  const std::scoped_lock lock(mutex_);
  return core_.generation(clock::now());
}

void token_provider::async_get(clock::time_point deadline, handler waiting) {
  const auto one = std::make_shared<waiter>();
  completions done;
  {
    const std::scoped_lock lock(mutex_);
    one->id = ++last_waiter_;
    if (auto slot = asio::get_associated_cancellation_slot(waiting); slot.is_connected()) {
      slot.assign([self = weak_from_this(), id = one->id](asio::cancellation_type type) {
        if (const auto alive = self.lock(); alive && type != asio::cancellation_type::none)
          alive->cancel(id);
      });
    }
    const auto now = clock::now();
    schedule(*one, deadline);
    try {
      waiters_.emplace(one->id, one);
      token_answer answer =
          closed_ ? token_answer{.what = token_answer::kind::failed} : core_.get(now);
      one->waiting.swap(waiting);  // its move assignment recurses without end in Boost 1.81
      if (answer.send) begin(std::move(*answer.send), now, done);
      if (answer.what == token_answer::kind::ready) take(one->id, core_.token(), done);
      if (answer.what == token_answer::kind::failed)
        take(one->id, closed_ ? failure(errc::cancelled) : core_.failure(), done);
    } catch (const std::bad_alloc&) {
      wheel_.cancel(*one);
      waiters_.erase(one->id);
      throw;
    }
  }
  complete(done);
}

void token_provider::invalidate(std::uint64_t generation) {
  const std::scoped_lock lock(mutex_);
  core_.invalidate(generation);
}

void token_provider::shutdown() noexcept {
  completions done;
  {
    const std::scoped_lock lock(mutex_);
    if (std::exchange(closed_, true)) return;
    ++flight_id_;
    if (const auto flight = std::exchange(flight_, nullptr)) flight->stop();
    wheel_.cancel(flight_entry_);
    take_all(failure(errc::cancelled), done);
    armed_ = clock::time_point::max();
    timer_.cancel();
  }
  complete(done);
}

token_statistics token_provider::statistics() const {
  const std::scoped_lock lock(mutex_);
  token_statistics counts = counts_;
  counts.waiting = waiters_.size();
  return counts;
}

// ---- flights

void token_provider::begin(token_request wanted, clock::time_point now,
                           completions& done) noexcept {
  try {
    flight_deadline_ = now + flight_timeout_;
    schedule(flight_entry_, flight_deadline_);
    request(std::move(wanted));
  } catch (const std::bad_alloc&) {
    answered(errc::out_of_memory, done);
  }
}

void token_provider::request(token_request wanted) {
  ++counts_.requests;
  if (!wanted.refresh_token.empty()) ++counts_.refreshes;
  flight_ = std::make_shared<token_flight>(
      strand_, [self = weak_from_this(), id = ++flight_id_](result<issued_token>&& answer) {
        if (const auto alive = self.lock()) alive->on_answer(id, std::move(answer));
      });
  auto issue = [issue = issue_, flight = flight_, wanted = std::move(wanted),
                deadline = flight_deadline_] {
    try {
      issue(flight, wanted, deadline);
    } catch (const std::bad_alloc&) {
      flight->finish(errc::out_of_memory);
    }
  };
  if (strand_) return asio::post(*strand_, std::move(issue));
  asio::post(executor_, std::move(issue));
}

void token_provider::on_answer(std::uint64_t flight, result<issued_token>&& answer) {
  completions done;
  {
    const std::scoped_lock lock(mutex_);
    if (flight != flight_id_) return;  // given up meanwhile
    answered(std::move(answer), done);
  }
  complete(done);
}

void token_provider::answered(result<issued_token> answer, completions& done) noexcept {
  if (!answer && answer.error() == errc::deadline_exceeded)
    answer = flight_timeout(answer.error());  // the flight's, not the calls'
  const bool final = !answer && is_final(answer.error());
  try {
    if (auto next = core_.answered(std::move(answer), final, clock::now(), util::roll()))
      return request(std::move(*next));
  } catch (const std::bad_alloc&) {
    (void)core_.answered(error(errc::out_of_memory), false, clock::now(), util::roll());
  }
  ++flight_id_;
  flight_.reset();
  wheel_.cancel(flight_entry_);
  const bool failed = static_cast<bool>(core_.failure().code());
  if (failed) ++counts_.failures;
  take_all(failed ? result<token>(core_.failure()) : result<token>(core_.token()), done);
}

// ---- who waits

void token_provider::cancel(std::uint64_t id) {
  completions done;
  {
    const std::scoped_lock lock(mutex_);
    take(id, failure(errc::cancelled), done);
  }
  complete(done);
}

/// Whoever takes a waiter completes it, so that happens once.
void token_provider::take(std::uint64_t id, result<token> outcome, completions& done) noexcept {
  auto taken = waiters_.extract(id);
  if (taken.empty()) return;
  wheel_.cancel(*taken.mapped());
  taken.mapped()->outcome = std::move(outcome);
  done.push(std::move(taken.mapped()));
}

void token_provider::take_all(const result<token>& outcome, completions& done) noexcept {
  while (!waiters_.empty()) take(waiters_.begin()->first, outcome, done);
}

void token_provider::complete(completions& all) noexcept {
  while (auto one = all.pop()) {
    try {
      asio::post(executor_, [one] { std::move(one->waiting)(std::move(one->outcome)); });
    } catch (const std::bad_alloc&) {
      const std::scoped_lock lock(mutex_);
      late_.push(std::move(one));
      ring();
    }
  }
}

void token_provider::deliver_late() {
  for (;;) {
    std::shared_ptr<waiter> one;
    {
      const std::scoped_lock lock(mutex_);
      one = late_.pop();
      if (!late_.empty()) ring();  // should this handler throw
    }
    if (!one) return;
    std::move(one->waiting)(std::move(one->outcome));
  }
}

// ---- deadlines

void token_provider::schedule(util::deadline_entry& entry, clock::time_point due) {
  wheel_.schedule(entry, due);
  if (due >= armed_) return;
  try {
    arm_timer(*wheel_.next_due());
  } catch (const std::bad_alloc&) {
    wheel_.cancel(entry);
    throw;
  }
}

/// When it throws, the wait that it has ended arms the timer anew.
void token_provider::arm_timer(clock::time_point due) {
  armed_ = clock::time_point::max();
  timer_.expires_at(due);
  timer_.async_wait([self = weak_from_this(), generation = ++timer_generation_](const error_code&) {
    if (const auto alive = self.lock()) alive->on_timer(generation);
  });
  armed_ = due;
}

void token_provider::on_timer(std::uint64_t generation) {
  completions done;
  {
    const std::scoped_lock lock(mutex_);
    if (generation == timer_generation_) {
      armed_ = clock::time_point::max();
    } else if (armed_ != clock::time_point::max() && late_.empty()) {
      return;  // it was armed anew
    }
    const auto now = clock::now();
    bool flight_due = false;
    while (util::deadline_entry* entry = wheel_.pop_expired(now)) {
      if (entry == &flight_entry_) {
        flight_due = true;
      } else {
        take(static_cast<waiter&>(*entry).id, deadline_exceeded(core_.failure()), done);
      }
    }
    if (flight_due && flight_) {
      flight_->stop();
      answered(failure(errc::attempt_timeout, "no token came within timeouts.total"), done);
    }
    rearm(done);
  }
  complete(done);
  deliver_late();
}

/// Where no deadline can be kept any more, nobody waits.
void token_provider::rearm(completions& done) noexcept {
  const auto next = wheel_.next_due();
  if (!next || *next >= armed_) return;
  try {
    arm_timer(*next);
  } catch (const std::bad_alloc&) {
    if (flight_) flight_->stop();
    if (flight_) answered(errc::out_of_memory, done);
    take_all(error(errc::out_of_memory), done);
  }
}

}  // namespace upsun::auth
