#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <list>
#include <memory>
#include <utility>
#include <vector>

#include "composed.hpp"

namespace upsun {

/// Starts all the calls and waits for them; their results stand in the same order. The cancellation of the whole reaches each call. For the steps of an
/// operation: `calls` come from their `prepare`.
template <class T>
boost::asio::awaitable<std::vector<result<T>>> gather(composed_base& steps, std::vector<detail::prepared_call<T>> calls) {
  namespace asio = boost::asio;
  struct gathering {
    gathering(const asio::any_io_executor& strand, std::size_t size)
        : results(size, errc::cancelled), left(size), done(strand, asio::steady_timer::time_point::max()) {}

    std::vector<result<T>> results;
    std::list<asio::cancellation_signal> cancels;
    std::size_t left;
    asio::steady_timer done;  // cancelled at the end
  };
  const auto all = std::make_shared<gathering>(steps.strand(), calls.size());
  for (std::size_t i = 0; i < calls.size(); ++i) {
    auto came = [all, i](result<T> outcome) {
      all->results[i] = std::move(outcome);
      if (--all->left == 0) all->done.cancel();
    };
    detail::start(std::move(calls[i]), asio::bind_cancellation_slot(all->cancels.emplace_back().slot(), asio::bind_executor(steps.strand(), std::move(came))));
  }
  while (all->left > 0) {
    co_await all->done.async_wait(asio::as_tuple(asio::use_awaitable));
    if (all->left == 0) break;
    for (auto& cancel : all->cancels) cancel.emit(asio::cancellation_type::terminal);
  }
  co_return std::move(all->results);
}

}  // namespace upsun
