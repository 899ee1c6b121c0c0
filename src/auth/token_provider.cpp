#include "auth/token_provider.hpp"

#include <boost/asio/post.hpp>

#include <string>
#include <utility>
#include <variant>

#include "model/make_error.hpp"
#include "retry/verdict.hpp"
#include "util/on_cancel.hpp"
#include "util/random.hpp"

namespace asio = boost::asio;

namespace upsun::auth {
namespace {

error cancelled() { return model::make_error(errc::cancelled, phase::token, {}); }

/// A call's deadline passed during its wait. \param last why the last refresh failed
error deadline_exceeded(const error& last) {
  std::string cause = "the token exchange was still under way";
  if (last.code()) {
    cause = last.code().message();
    if (!last.details().cause.empty()) cause.append(": ").append(last.details().cause);
  }
  return model::make_error(errc::deadline_exceeded, phase::token, std::move(cause));
}

bool is_final(const error& why) noexcept {
  return retry::judge({.code = why.code(),
                       .status = why.status(),
                       .failed_in = phase::token,
                       .retry_after = why.details().retry_after.has_value()}) ==
         retry::verdict::final_answer;
}

}  // namespace

token_provider::token_provider(asio::any_io_executor executor, start_function start,
                               std::chrono::milliseconds refresh_timeout)
    : executor_(std::move(executor)),
      strand_(asio::make_strand(executor_)),
      start_(std::move(start)),
      refresh_timeout_(refresh_timeout),
      timer_(executor_) {}

std::shared_ptr<token_provider> make_token_provider(const asio::any_io_executor& executor,
                                                    const config::auth_settings& settings,
                                                    const std::shared_ptr<transport>& network) {
  const auto* api_token = std::get_if<secret>(&settings.from);
  return std::make_shared<token_provider>(
      executor,
      api_token != nullptr
          ? start_exchanges(network, settings.server.prefix, *api_token, settings.attempt_timeout)
          : start_source_calls(std::get<token_source>(settings.from)),
      settings.total_timeout);
}

std::optional<token> token_provider::try_get() {
  const std::scoped_lock lock(mutex_);
  if (closed_) return std::nullopt;
  if (look_up() != token_lookup::kind::ready) return std::nullopt;
  return core_.token();
}

std::uint64_t token_provider::generation() const {
  const std::scoped_lock lock(mutex_);
  return core_.generation(util::age_clock::now());
}

void token_provider::async_get(clock::time_point deadline, handler waiting) {
  const std::scoped_lock lock(mutex_);
  if (closed_) return complete(std::move(waiting), cancelled());
  const auto found = look_up();
  if (found == token_lookup::kind::ready) return complete(std::move(waiting), core_.token());
  if (found == token_lookup::kind::failed) return complete(std::move(waiting), core_.failure());

  const std::uint64_t id = ++last_waiter_;
  const auto end = [self = weak_from_this(), id](errc why) {
    if (const auto alive = self.lock()) alive->end_wait(id, why);
  };
  util::on_cancel(waiting, [end] { end(errc::cancelled); });
  waiter one{std::move(waiting), asio::steady_timer(executor_, deadline)};
  one.deadline.async_wait([end](const error_code& ec) {
    if (!ec) end(errc::deadline_exceeded);
  });
  waiters_.emplace(id, std::move(one));
}

void token_provider::invalidate(std::uint64_t generation) {
  const std::scoped_lock lock(mutex_);
  core_.invalidate(generation);
}

void token_provider::shutdown() {
  completions done;
  {
    const std::scoped_lock lock(mutex_);
    if (std::exchange(closed_, true)) return;
    ++request_id_;
    if (request_) std::exchange(request_, nullptr)->cancel();
    timer_.cancel();
    done = {std::exchange(waiters_, {}), cancelled()};
  }
  complete(std::move(done));
}

token_statistics token_provider::statistics() const {
  const std::scoped_lock lock(mutex_);
  token_statistics counts = counts_;
  counts.waiting = waiters_.size();
  return counts;
}

// ---- refreshes

token_lookup::kind token_provider::look_up() {
  token_lookup found = core_.get(util::age_clock::now());
  if (found.request) begin_refresh(std::move(*found.request));
  return found.state;
}

void token_provider::begin_refresh(token_grant grant) {
  try {
    timer_.expires_after(refresh_timeout_);
    timer_.async_wait([self = weak_from_this()](const error_code& ec) {
      if (const auto alive = self.lock(); alive && !ec) alive->on_timeout();
    });
    send(std::move(grant));
  } catch (...) {
    core_.abandon();  // no later call would begin one
    throw;
  }
}

void token_provider::send(token_grant grant) {
  const bool by_refresh_token = !grant.refresh_token.empty();
  auto request = std::make_shared<token_request>(
      strand_, [self = weak_from_this(), id = request_id_ + 1](result<issued_token>&& response) {
        if (const auto alive = self.lock()) alive->on_response(id, std::move(response));
      });
  asio::post(strand_, [start = start_, request, grant = std::move(grant),
                       deadline = timer_.expiry()] { start(request, grant, deadline); });
  request_ = std::move(request);
  ++request_id_;
  ++counts_.requests;
  if (by_refresh_token) ++counts_.refreshes;
}

void token_provider::on_response(std::uint64_t request, result<issued_token>&& response) {
  completions done;
  {
    const std::scoped_lock lock(mutex_);
    if (request != request_id_) return;  // it timed out meanwhile
    done = settle(std::move(response));
  }
  complete(std::move(done));
}

void token_provider::on_timeout() {
  completions done;
  {
    const std::scoped_lock lock(mutex_);
    if (!request_ || clock::now() < timer_.expiry()) return;  // this was an earlier refresh's
    request_->cancel();
    done = settle(model::make_error(errc::attempt_timeout, phase::token,
                                    "no token came within timeouts.total"));
  }
  complete(std::move(done));
}

/// Nobody, if the refresh goes on with another request.
token_provider::completions token_provider::settle(result<issued_token> response) {
  if (!response && response.error() == errc::deadline_exceeded)  // the refresh's, not the calls'
    response = error(errc::attempt_timeout, response.error().details());
  const bool final = !response && is_final(response.error());
  if (auto next =
          core_.on_response(std::move(response), final, util::age_clock::now(), util::roll())) {
    send(std::move(*next));
    return {};
  }
  ++request_id_;
  request_.reset();
  timer_.cancel();
  const bool failed = static_cast<bool>(core_.failure().code());
  if (failed) ++counts_.failures;
  return {std::exchange(waiters_, {}),
          failed ? result<token>(core_.failure()) : result<token>(core_.token())};
}

// ---- completion

/// Whoever takes a waiter out completes it, so that happens once.
void token_provider::end_wait(std::uint64_t id, errc why) {
  const std::scoped_lock lock(mutex_);
  auto taken = waiters_.extract(id);
  if (taken.empty()) return;
  complete(std::move(taken.mapped().waiting),
           why == errc::cancelled ? cancelled() : deadline_exceeded(core_.failure()));
}

void token_provider::complete(handler waiting, result<token> outcome) {
  asio::post(executor_, [waiting = std::move(waiting), outcome = std::move(outcome)]() mutable {
    std::move(waiting)(std::move(outcome));
  });
}

void token_provider::complete(completions all) {
  for (auto& [id, one] : all.waiters) complete(std::move(one.waiting), all.outcome);
}

}  // namespace upsun::auth
