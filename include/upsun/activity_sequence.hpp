#pragma once

#include <boost/asio/use_awaitable.hpp>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <upsun/call_options.hpp>
#include <upsun/detail/initiate.hpp>
#include <upsun/export.hpp>
#include <upsun/model/activity.hpp>
#include <upsun/model/activity_filter.hpp>
#include <upsun/model/ids.hpp>
#include <upsun/result.hpp>

namespace upsun {

namespace calls {
class client_impl;
}

/// The activities of an integration, from the newest to the oldest, fetched page by page as they
/// are read. Made by `client::integration_activities`.
///
/// Each activity is read once, also where pages overlap. None that the server can list is left out,
/// except that of more than 1600 with the same `created_at` the rest is skipped. Activities that
/// are created after the first read are not part of the sequence. Memory: one page, and the ids at
/// its end.
///
/// What holds for all reads, beside what holds for all operations of `client`:
/// - Preconditions: not moved from, and one read at a time. A read while another one is under way
///   ends with `errc::invalid_argument`.
/// - Lifetimes: the sequence may be destroyed with a read under way, which goes on, and may outlive
///   the client. Once that is closed or destroyed, reads end with `errc::client_closed`, also where
///   the activity was fetched already.
/// - Options: each read has the call options that the sequence was made with, and so a deadline of
///   its own.
/// - Errors do not end the sequence. Where a page could not be fetched, the next read fetches it
///   again; after an activity that breaks the API's contract, the next read goes on.
/// - Thread safety: reads may be made on any thread, one after another. No two members may run at
///   the same time.
class UPSUN_EXPORT activity_sequence {
 public:
  /// Afterwards the other sequence may only be assigned to and destroyed.
  activity_sequence(activity_sequence&&) noexcept;
  activity_sequence& operator=(activity_sequence&&) noexcept;
  ~activity_sequence();

  /// Reads the next activity, for which it fetches a page when those of the last one are used up.
  ///
  /// Completion: `void(upsun::result<std::optional<upsun::activity>>)`; empty at the end.
  ///
  /// Errors: as `client::async_get_integration`, for a page; `errc::decode_failed` in place of an
  /// activity that breaks the API's contract, with a JSON pointer that begins with its index in the
  /// page.
  ///
  /// \param token a completion token
  template <
      detail::token_for<std::optional<activity>> CompletionToken = boost::asio::use_awaitable_t<>>
  auto async_next(CompletionToken&& token = {}) {
    return detail::initiate(prepare_next(), std::forward<CompletionToken>(token));
  }

  /// Reads the rest of the present page, or the next page when that is used up.
  ///
  /// Completion: `void(upsun::result<std::vector<upsun::result<upsun::activity>>>)`; an empty page
  /// at the end. An activity that breaks the API's contract is an error in its place.
  ///
  /// Errors: as `async_next`, for the page.
  ///
  /// \param token a completion token
  template <detail::token_for<std::vector<result<activity>>> CompletionToken =
                boost::asio::use_awaitable_t<>>
  auto async_next_page(CompletionToken&& token = {}) {
    return detail::initiate(prepare_next_page(), std::forward<CompletionToken>(token));
  }

 private:
  friend class client;
  struct state;
  using page = std::vector<result<activity>>;

  activity_sequence(std::shared_ptr<calls::client_impl> client, const integration_ref& ref,
                    activity_filter&& filter, call_options&& options);

  [[nodiscard]] detail::prepared_call<std::optional<activity>> prepare_next() const;
  [[nodiscard]] detail::prepared_call<page> prepare_next_page() const;

  std::shared_ptr<state> state_;
};

}  // namespace upsun
