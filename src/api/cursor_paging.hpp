#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <string>

#include <upsun/page.hpp>

#include "api/operation.hpp"
#include "util/origin.hpp"

namespace upsun::api {

/// A list page by page, by the links `next` of its pages: which page to request next. No I/O.
///
/// A link is followed as it is. It must lead to the API itself, so that the token goes nowhere
/// else, and must not lead on for ever: to a page that was there already, to pages without items or
/// with the items of the page before, or to more pages than any list has. Memory does not grow with
/// the pages: a cycle is found at once if it is short, and by Brent's method if it is long.
class cursor_paging {
 public:
  /// \param api where requests go
  cursor_paging(result<operation> first, util::origin api);

  [[nodiscard]] bool over() const noexcept { return over_; }
  /// The request for the next page. The same again after a failure. \pre not over
  [[nodiscard]] const result<operation>& next() const noexcept { return next_; }
  /// The target of that request.
  [[nodiscard]] const std::string& target() const noexcept { return target_; }
  /// Takes in a page. \param first, last the ids of its first and last item. \return why there is
  /// no way on, where its link `next` leads nowhere
  [[nodiscard]] std::optional<error> take(const std::map<std::string, std::string>& links,
                                          std::size_t items, const std::string& first,
                                          const std::string& last);

  template <class T>
  [[nodiscard]] std::optional<error> take(const page<T>& got) {
    const auto& items = got.items;
    if (items.empty()) return take(got.links, 0, {}, {});
    return take(got.links, items.size(), id_of(items.front()), id_of(items.back()));
  }

  static constexpr std::size_t most_recent = 16;  ///< A cycle so long is found before it repeats.
  static constexpr std::size_t most_empty = 16;   ///< Pages without items, one after another.
  static constexpr std::size_t most_pages = 100'000;

 private:
  /// The id of an item, whatever its name; empty for one that is an error.
  template <class T>
  [[nodiscard]] static std::string id_of(const result<T>& item) {
    if (!item) return {};
    if constexpr (requires { item->id; }) {
      return item->id;
    } else {
      return item->resource_id;
    }
  }

  [[nodiscard]] bool was_there(const std::string& target);
  [[nodiscard]] result<std::string> target_of_link(const std::string& href) const;

  result<operation> next_;
  util::origin api_;
  std::string target_;  // of the next page
  std::size_t pages_ = 0;
  std::array<std::size_t, most_recent> recent_{};  // hashes of the targets of the last pages
  std::size_t anchor_ = 0;                         // that of one that is long ago
  std::string ids_;                                // of the last page's first and last item
  std::size_t empty_ = 0;                          // pages without items, one after another
  bool over_ = false;
};

}  // namespace upsun::api
