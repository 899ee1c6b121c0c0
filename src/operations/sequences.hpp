#pragma once

#include <memory>
#include <string>
#include <utility>

#include <upsun/model/access_grant.hpp>
#include <upsun/sequence.hpp>

#include "api/activities.hpp"
#include "api/activity_paging.hpp"
#include "api/cursor_paging.hpp"
#include "operations/paged_source.hpp"

namespace upsun::operations {

/// The pages of a list of activities.
class activity_pages {
 public:
  using received = std::vector<result<activity>>;

  activity_pages(activity_scope of, activity_filter&& filter)
      : of_(std::move(of)), paging_(std::move(filter)) {}
  [[nodiscard]] bool over() const noexcept { return paging_.over(); }
  [[nodiscard]] result<api::operation> next() const {
    return api::list_activities(of_, paging_.next());
  }
  [[nodiscard]] page<activity> take(received&& got) {
    return {.items = paging_.take(std::move(got))};
  }

 private:
  activity_scope of_;
  api::activity_paging paging_;
};

/// The pages of a list with cursors. A link to the next page that leads nowhere becomes the last
/// item.
template <class T>
class cursor_pages {
 public:
  using received = page<T>;

  cursor_pages(result<api::operation>&& first, const util::origin& api)
      : paging_(std::move(first), api) {}
  [[nodiscard]] bool over() const noexcept { return paging_.over(); }
  [[nodiscard]] result<api::operation> next() const { return paging_.next(); }
  [[nodiscard]] page<T> take(page<T>&& got) {
    if (auto why = paging_.take(got)) got.items.emplace_back(std::move(*why));
    return std::move(got);
  }

 private:
  api::cursor_paging paging_;
};

template <class T>
[[nodiscard]] sequence<T> make_sequence(const std::shared_ptr<calls::client_impl>& client,
                                        result<api::operation>&& first,
                                        sequence_options&& options) {
  using source = paged_source<T, cursor_pages<T>>;
  return sequence<T>(std::make_shared<source>(
      client, cursor_pages<T>(std::move(first), client->config.network.where), std::move(options)));
}

}  // namespace upsun::operations
