#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace upsun::detail {

/// Where a resource of the API is: a path as its document writes it, and the ids of the path's
/// parameters in their order. The texts must outlive it. Not for programs to use.
class resource_path {
 public:
  template <class... Ids>
  // NOLINTNEXTLINE(google-explicit-constructor): written in braces as an argument
  resource_path(std::string_view path_template, const Ids&... ids) noexcept
      : path_template_(path_template),
        ids_{std::string_view(ids.str())...},
        count_(sizeof...(Ids)) {
    static_assert(sizeof...(Ids) <= 3);
  }

  [[nodiscard]] std::string_view path_template() const noexcept { return path_template_; }
  [[nodiscard]] std::size_t count() const noexcept { return count_; }
  [[nodiscard]] std::string_view id(std::size_t i) const noexcept { return ids_[i]; }

 private:
  std::string_view path_template_;  // of static storage
  std::array<std::string_view, 3> ids_;
  std::size_t count_;
};

}  // namespace upsun::detail
