#include "auth/token_provider.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>

#include <random>
#include <string>
#include <utility>

#include "http/origin.hpp"
#include "retry/verdict.hpp"

namespace asio = boost::asio;

namespace upsun::auth {
namespace {

double roll() {
  thread_local std::minstd_rand dice{std::random_device{}()};
  return std::uniform_real_distribution<>(0.0, 1.0)(dice);
}

error failure(errc code, std::string cause = {}) {
  error_details details;
  details.phase = phase::token;
  details.cause = std::move(cause);
  return {code, std::move(details)};
}

/// Why a wait was too long, by what the last flight met.
std::string explain(const error& last) {
  if (!last.code()) return "the token exchange was still under way";
  const std::string& cause = last.details().cause;
  return last.code().message() + (cause.empty() ? "" : ": ") + cause;
}

bool is_final(const error& why) {
  return retry::judge({.code = why.code(), .status = why.status(), .failed_in = phase::token, .retry_after = why.details().retry_after.has_value()}) ==
         retry::verdict::final_answer;
}

}  // namespace

token_provider::token_provider(asio::any_io_executor executor, issue_function issue, std::chrono::milliseconds flight_timeout)
    : executor_(std::move(executor)), issue_(std::move(issue)), flight_timeout_(flight_timeout), timer_(executor_) {}

std::shared_ptr<token_provider> make_token_provider(const asio::any_io_executor& executor, const client_config& config,
                                                    const std::shared_ptr<transport>& network) {
  if (const auto* by_token = std::get_if<api_token>(&config.credentials)) {
    http::origin origin;
    (void)http::parse_origin(by_token->auth_url(), origin);
    return std::make_shared<token_provider>(executor, issue_by_exchange(network, origin.prefix, by_token->token(), config.timeouts.attempt),
                                            config.timeouts.total);
  }
  if (const auto* by_source = std::get_if<token_source>(&config.credentials)) {
    return std::make_shared<token_provider>(executor, issue_by_source(*by_source), config.timeouts.total);
  }
  return nullptr;
}

std::optional<token> token_provider::try_get() {
  const std::scoped_lock lock(mutex_);
  if (closed_) return std::nullopt;
  const auto now = clock::now();
  token_answer answer = core_.get(now);
  if (answer.send) begin(std::move(*answer.send), now);
  if (answer.what != token_answer::kind::ready) return std::nullopt;
  return core_.token();
}

void token_provider::async_get(clock::time_point deadline, handler waiting) {
  completions done;
  {
    const std::scoped_lock lock(mutex_);
    const auto now = clock::now();
    token_answer answer = closed_ ? token_answer{.what = token_answer::kind::failed} : core_.get(now);
    if (answer.send) begin(std::move(*answer.send), now);
    switch (answer.what) {
      case token_answer::kind::ready: done.emplace_back(std::move(waiting), core_.token()); break;
      case token_answer::kind::failed: done.emplace_back(std::move(waiting), closed_ ? failure(errc::cancelled) : core_.failure()); break;
      case token_answer::kind::wait: {
        const std::uint64_t id = ++last_waiter_;
        if (auto slot = asio::get_associated_cancellation_slot(waiting); slot.is_connected()) {
          slot.assign([self = weak_from_this(), id](asio::cancellation_type type) {
            if (const auto alive = self.lock(); alive && type != asio::cancellation_type::none) alive->cancel(id);
          });
        }
        waiter& one = waiters_[id];
        one.id = id;
        one.waiting.swap(waiting);  // its move assignment recurses without end in Boost 1.81
        schedule(one, deadline);
        break;
      }
    }
  }
  complete(std::move(done));
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
    ++timer_generation_;
    timer_.cancel();
  }
  complete(std::move(done));
}

token_statistics token_provider::statistics() const {
  const std::scoped_lock lock(mutex_);
  token_statistics counts = counts_;
  counts.waiting = waiters_.size();
  return counts;
}

// ---- flights

void token_provider::begin(token_request wanted, clock::time_point now) {
  flight_deadline_ = now + flight_timeout_;
  schedule(flight_entry_, flight_deadline_);
  request(std::move(wanted));
}

void token_provider::request(token_request wanted) {
  ++counts_.requests;
  if (!wanted.refresh_token.empty()) ++counts_.refreshes;
  flight_ = std::make_shared<token_flight>(executor_, [self = weak_from_this(), id = ++flight_id_](result<issued_token>&& answer) {
    if (const auto alive = self.lock()) alive->on_answer(id, std::move(answer));
  });
  asio::post(flight_->strand(),
             [issue = issue_, flight = flight_, wanted = std::move(wanted), deadline = flight_deadline_] { issue(flight, wanted, deadline); });
}

void token_provider::on_answer(std::uint64_t flight, result<issued_token>&& answer) {
  completions done;
  {
    const std::scoped_lock lock(mutex_);
    if (flight != flight_id_) return;  // given up meanwhile
    answered(std::move(answer), done);
  }
  complete(std::move(done));
}

void token_provider::answered(result<issued_token> answer, completions& done) {
  if (!answer && answer.error() == errc::deadline_exceeded) answer = error(errc::attempt_timeout, answer.error().details());  // the flight's, not the calls'
  const bool final = !answer && is_final(answer.error());
  if (auto next = core_.answered(std::move(answer), final, clock::now(), roll())) return request(std::move(*next));
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
  complete(std::move(done));
}

/// Whoever takes a waiter completes it, so that happens once.
void token_provider::take(std::uint64_t id, result<token> outcome, completions& done) {
  auto taken = waiters_.extract(id);
  if (taken.empty()) return;
  wheel_.cancel(taken.mapped());
  done.emplace_back(std::move(taken.mapped().waiting), std::move(outcome));
}

void token_provider::take_all(const result<token>& outcome, completions& done) {
  done.reserve(waiters_.size());
  while (!waiters_.empty()) take(waiters_.begin()->first, outcome, done);
}

void token_provider::complete(completions&& all) {
  for (auto& [waiting, outcome] : all) {
    asio::post(executor_, [own = executor_, waiting = std::move(waiting), outcome = std::move(outcome)]() mutable {
      const auto executor = asio::get_associated_executor(waiting, own);
      asio::dispatch(executor, [waiting = std::move(waiting), outcome = std::move(outcome)]() mutable { std::move(waiting)(std::move(outcome)); });
    });
  }
}

// ---- deadlines

void token_provider::schedule(http::deadline_entry& entry, clock::time_point due) {
  wheel_.schedule(entry, due);
  if (due < armed_) arm_timer(*wheel_.next_due());
}

void token_provider::arm_timer(clock::time_point due) {
  armed_ = due;
  timer_.expires_at(due);
  timer_.async_wait([self = weak_from_this(), generation = ++timer_generation_](const error_code& ec) {
    if (const auto alive = self.lock(); alive && !ec) alive->on_timer(generation);
  });
}

void token_provider::on_timer(std::uint64_t generation) {
  completions done;
  {
    const std::scoped_lock lock(mutex_);
    if (generation != timer_generation_) return;
    armed_ = clock::time_point::max();
    const auto now = clock::now();
    bool flight_due = false;
    while (http::deadline_entry* entry = wheel_.pop_expired(now)) {
      if (entry == &flight_entry_) {
        flight_due = true;
      } else {
        take(static_cast<waiter&>(*entry).id, failure(errc::deadline_exceeded, explain(core_.failure())), done);
      }
    }
    if (flight_due && flight_) {
      flight_->stop();
      answered(failure(errc::attempt_timeout, "no token came within timeouts.total"), done);
    }
    if (const auto next = wheel_.next_due(); next && *next < armed_) arm_timer(*next);
  }
  complete(std::move(done));
}

}  // namespace upsun::auth
