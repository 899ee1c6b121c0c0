#pragma once

#include <boost/asio/awaitable.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include <upsun/sequence.hpp>

#include "calls/composed.hpp"
#include "calls/inbox.hpp"
#include "model/make_error.hpp"
#include "operations/decoders.hpp"

namespace upsun::operations {

/// A page that is fetched before it is needed.
template <class Received>
class page_ahead {
 public:
  using wake = calls::inbox<char>;

  /// The fetch's handler. Any thread.
  void arrived(result<Received>&& got) {
    const std::scoped_lock lock(mutex_);
    got_.emplace(std::move(got));
    if (waiter_) waiter_->push(0);
  }
  /// The page, or nothing so far: then `waiter` is woken when it comes.
  [[nodiscard]] std::optional<result<Received>> take(std::shared_ptr<wake> waiter) {
    const std::scoped_lock lock(mutex_);
    waiter_ = got_ ? nullptr : std::move(waiter);
    return std::exchange(got_, std::nullopt);
  }

  std::weak_ptr<calls::operation_under_way> fetch;
  response_info info;  ///< Of the page, from when it comes on.

 private:
  std::mutex mutex_;
  std::optional<result<Received>> got_;
  std::shared_ptr<wake> waiter_;
};

/// What a sequence reads from: fetches the pages that a `Paging` asks for, decoded as its
/// `received`, and hands out what it makes of them.
///
/// Thread safety: what is read belongs to the read under way, whose steps run on its strand.
template <class T, class Paging>
class paged_source final : public detail::page_source<T>,
                           public std::enable_shared_from_this<paged_source<T, Paging>> {
 public:
  paged_source(std::shared_ptr<calls::client_impl> client, Paging paging,
               sequence_options&& options)
      : client_(std::move(client)), options_(std::move(options)), paging_(std::move(paging)) {}
  ~paged_source() override {
    const auto fetch = ahead_ ? ahead_->fetch.lock() : nullptr;
    if (fetch) fetch->cancel();
  }

  [[nodiscard]] detail::prepared_call<std::optional<T>> prepare_next() override {
    return prepare<std::optional<T>>(&paged_source::take_one);
  }
  [[nodiscard]] detail::prepared_call<page<T>> prepare_next_page() override {
    return prepare<page<T>>(&paged_source::take_rest);
  }

 private:
  using received = typename Paging::received;

  template <class Taken>
  [[nodiscard]] detail::prepared_call<Taken> prepare(result<Taken> (paged_source::*take)()) {
    auto steps = [self = this->shared_from_this(), take](calls::composed_base& of) {
      return read<Taken>(of, self, take);
    };
    return std::make_shared<calls::composed<Taken>>(client_, call_options(options_.fetch()),
                                                    std::move(steps));
  }

  /// Fetches until there is something at hand, or the end. \return what `take` makes of it
  template <class Taken>
  static boost::asio::awaitable<result<Taken>> read(calls::composed_base& steps,
                                                    std::shared_ptr<paged_source> self,
                                                    result<Taken> (paged_source::*take)()) {
    const calls::exclusive_use use(self->busy_);
    if (!use.granted())
      co_return model::refused_argument("another read of the sequence is under way");
    while (self->used_up() && !self->paging_.over()) {
      auto fetched = co_await self->fetch_page(steps);
      if (!fetched) co_return fetched.error();
      self->at_hand_ = self->paging_.take(std::move(*fetched));
      self->position_ = 0;
      self->begin_ahead();
    }
    co_return ((*self).*take)();
  }

  [[nodiscard]] boost::asio::awaitable<result<received>> fetch_page(calls::composed_base& steps) {
    if (!ahead_) co_return co_await steps.perform<received>(paging_.next(), decoder());
    const auto wake = std::make_shared<typename page_ahead<received>::wake>(steps.strand());
    std::optional<result<received>> got = ahead_->take(wake);
    while (!got) {
      if (const auto why = steps.over()) {
        got = ahead_->take(nullptr);
        if (got) break;
        co_return *why;
      }
      co_await wake->wait(steps.deadline());
      got = ahead_->take(wake);
    }
    if (response_info* into = options_.fetch().info(); into != nullptr && *got)
      *into = std::move(ahead_->info);
    ahead_.reset();
    co_return std::move(*got);
  }

  void begin_ahead() {
    if (!options_.ahead() || paging_.over()) return;
    ahead_ = std::make_shared<page_ahead<received>>();
    // The caller's own is written by reads only: between them it is the caller's.
    call_options options = call_options(options_.fetch()).info(&ahead_->info);
    const auto call = std::make_shared<calls::call<received>>(client_, paging_.next(),
                                                              std::move(options), decoder());
    ahead_->fetch = call;
    call->start(client_->executor, {},
                [ahead = ahead_](result<received>&& got) { ahead->arrived(std::move(got)); });
  }

  static constexpr auto decoder() { return &decoder_of<received>::decode; }
  [[nodiscard]] bool used_up() const noexcept { return position_ == at_hand_.items.size(); }

  result<std::optional<T>> take_one() {
    if (used_up()) return std::optional<T>();
    result<T>& one = at_hand_.items[position_++];
    if (!one) return one.error();
    return std::optional<T>(std::move(*one));
  }
  result<page<T>> take_rest() {
    page<T> rest = std::exchange(at_hand_, {});
    rest.items.erase(rest.items.begin(),
                     rest.items.begin() + static_cast<std::ptrdiff_t>(position_));
    position_ = 0;
    return rest;
  }

  const std::shared_ptr<calls::client_impl> client_;
  const sequence_options options_;
  std::atomic<bool> busy_{false};

  // The read's that is under way.
  Paging paging_;
  page<T> at_hand_{};
  std::size_t position_ = 0;
  std::shared_ptr<page_ahead<received>> ahead_;
};

}  // namespace upsun::operations
