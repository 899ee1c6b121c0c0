#pragma once

#include <boost/json/object.hpp>

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "testing/opaque_ids.hpp"

namespace upsun::testing {

/// A condition on a member of the items, from a parameter `filter[field][op]`.
struct item_filter {
  std::string field;
  std::string op;
  std::vector<std::string> values;

  [[nodiscard]] bool matches(const boost::json::object& item) const;
};

/// What a list is asked for.
struct page_request {
  std::size_t size = 0;
  std::optional<std::size_t> after;
  std::optional<std::size_t> before;
  std::vector<item_filter> filters;
  std::string repeated;  ///< The parameters that links repeat: all but the cursors.

  [[nodiscard]] const item_filter* filter_of(std::string_view field) const;
};

/// Items that are made when they are asked for, numbered from `first` to `last`.
struct page_source {
  std::size_t first = 0;
  std::size_t last = 0;
  std::function<boost::json::object(std::size_t)> item;
};

struct item_page {
  boost::json::object body;  ///< `items` and `_links`.
  std::size_t count = 0;     ///< Of all items that match.
  std::vector<std::size_t> shown;
};

/// Reads a query. \param filterable the fields that filters may name. \return what is wrong with
/// it, for people
[[nodiscard]] std::variant<page_request, std::string> read_page_request(
    std::string_view query, std::size_t usual_size, std::span<const std::string_view> filterable,
    const opaque_ids& cursors);

/// \param path of the list, for its links: may be absolute
[[nodiscard]] item_page make_page(const page_source& source, const page_request& wanted,
                                  const std::string& path, const opaque_ids& cursors);

}  // namespace upsun::testing
