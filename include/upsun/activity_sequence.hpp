#pragma once

#include <boost/asio/use_awaitable.hpp>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <upsun/call_options.hpp>
#include <upsun/export.hpp>
#include <upsun/model/activity.hpp>
#include <upsun/model/activity_filter.hpp>
#include <upsun/model/ids.hpp>
#include <upsun/result.hpp>
#include <upsun/startable.hpp>

namespace upsun {

namespace calls {
class client_impl;
}

/// The activities of an integration from the newest on, fetched page by page as they are asked for.
/// Made by `client::async_list_integration_activities`.
///
/// No activity comes twice, and none is left out for having the `created_at` of another, as long as
/// the server gives a way to reach it: of more than 1600 with one `created_at` the rest is passed
/// over. What is created meanwhile is newer than all of it, and does not come. Memory: one page,
/// and the ids at its end.
///
/// Errors do not end a sequence: where a page could not be fetched, the next read fetches it again;
/// behind an activity that breaks the API's contract, it goes on. What holds for operations of
/// `client` holds here; each read has the call options given to it all, and with them a deadline of
/// its own. The client's close ends its reads (`errc::client_closed`), also of what has been
/// fetched.
///
/// Thread safety: as a `std::vector`; reads one after another, on any thread. A second one while
/// one is under way ends with `errc::invalid_argument`.
class UPSUN_EXPORT activity_sequence {
 public:
  activity_sequence(activity_sequence&&) noexcept;
  activity_sequence& operator=(activity_sequence&&) noexcept;
  /// A read under way goes on.
  ~activity_sequence();

  /// The next activity, fetching a page when those of the last one are used up.
  /// Completion: `void(upsun::result<std::optional<upsun::activity>>)`; nothing is the end. Errors:
  /// as `client::async_get_integration`, for a page; in place of an activity that breaks the API's
  /// contract, `condition::decode`, whose JSON pointer begins with its index in the page.
  template <class CompletionToken = boost::asio::use_awaitable_t<>>
  auto async_next(CompletionToken&& token = {}) {
    return detail::start(prepare_next(), token);
  }

  /// The rest of the page at hand, or else the next one.
  /// Completion: `void(upsun::result<std::vector<upsun::result<upsun::activity>>>)`; an empty page
  /// is the end. An activity that breaks the API's contract is an error in its place. Errors: as
  /// `async_next`, for the page.
  template <class CompletionToken = boost::asio::use_awaitable_t<>>
  auto async_next_page(CompletionToken&& token = {}) {
    return detail::start(prepare_next_page(), token);
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
