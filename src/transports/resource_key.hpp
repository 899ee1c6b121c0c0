#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <upsun/transport.hpp>

namespace upsun::transports {

/// What a GET asks for, whoever asks: its path, a line feed, its query, and the headers that can
/// change the response. So an ordered container holds together what stands beneath a path.
[[nodiscard]] std::string resource_key(const http_request& request);

/// What a request that is no GET may have changed.
struct change {
  std::string_view path;  ///< Of its target, without a query.
  bool beneath = true;    ///< Also everything beneath the path.
};
[[nodiscard]] change change_by(std::string_view method, std::string_view target) noexcept;

/// The `Authorization` values of two requests; null: the transport's own.
[[nodiscard]] inline bool same_credentials(const std::shared_ptr<const std::string>& a,
                                           const std::shared_ptr<const std::string>& b) noexcept {
  return a == b || (a && b && *a == *b);
}

/// Calls `visit(iterator)`, which may erase, for each element of an ordered map, by `resource_key`,
/// that the change concerns: its path, the paths above it, such as the list that contains it, and
/// what is beneath it.
template <class Map, class Visit>
void for_each_changed(Map& map, change what, const Visit& visit) {
  const auto with_prefix = [&](std::string_view path, char next) {
    const std::string prefix = std::string(path).append(1, next);
    for (auto at = map.lower_bound(prefix); at != map.end() && at->first.starts_with(prefix);)
      visit(at++);
  };
  if (what.beneath) with_prefix(what.path, '/');
  for (std::string_view path = what.path; !path.empty();) {
    with_prefix(path, '\n');
    const std::size_t slash = path.rfind('/');
    path = path.substr(0, slash == std::string_view::npos ? 0 : slash);
  }
}

}  // namespace upsun::transports
