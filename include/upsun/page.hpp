#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <upsun/model/raw_json.hpp>
#include <upsun/result.hpp>

namespace upsun {

/// One page of a list, as the API gives it.
template <class T>
struct page {
  /// In the order of the API. An item that breaks the API's contract is an error in its place; so
  /// is, behind the last one, a link to the next page that cannot be followed.
  std::vector<result<T>> items{};
  /// How many items all pages have together, by the server's count. Empty: it does not say.
  std::optional<std::int64_t> count{};
  /// What else it says of the whole list.
  raw_json facets{};
  /// The links of the page as they came, by relation, such as "next" or "ref:projects:0".
  std::map<std::string, std::string> links{};
};

}  // namespace upsun
