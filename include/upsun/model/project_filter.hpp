#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <upsun/model/project.hpp>

namespace upsun {

/// Which projects of an organization to list. What is not set does not restrict the list. A class
/// with fluent setters, so that temporaries are safe beside `co_await`.
///
/// It is checked by the first read, as `organization_filter`.
class project_filter {
 public:
  /// All projects.
  project_filter() = default;

  /// Adds an id: projects with any of the ids are listed. An empty one is refused, and one with a
  /// comma, which separates several in the request. The same holds for every text here.
  project_filter& id(std::string value) & { return ids_.push_back(std::move(value)), *this; }
  project_filter&& id(std::string value) && { return std::move(id(std::move(value))); }

  /// Only those whose title holds this text.
  ///
  /// Default: empty, any title.
  project_filter& title_contains(std::string text) & {
    return title_contains_ = std::move(text), *this;
  }
  project_filter&& title_contains(std::string text) && {
    return std::move(title_contains(std::move(text)));
  }

  /// Adds a status.
  project_filter& status(const open_enum<project_status>& value) & {
    return statuses_.emplace_back(value.str()), *this;
  }
  project_filter&& status(const open_enum<project_status>& value) && {
    return std::move(status(value));
  }

  /// The order, by a member's name; with a minus before it the other way round.
  ///
  /// Default: empty, the API's.
  project_filter& sort(std::string by) & { return sort_ = std::move(by), *this; }
  project_filter&& sort(std::string by) && { return std::move(sort(std::move(by))); }

  /// How many a page.
  ///
  /// Range: 1 to 100. Default: 100.
  project_filter& page_size(std::int64_t count) & { return page_size_ = count, *this; }
  project_filter&& page_size(std::int64_t count) && { return std::move(page_size(count)); }

  [[nodiscard]] const std::vector<std::string>& ids() const noexcept { return ids_; }
  [[nodiscard]] const std::string& title_contains() const noexcept { return title_contains_; }
  [[nodiscard]] const std::vector<std::string>& statuses() const noexcept { return statuses_; }
  [[nodiscard]] const std::string& sort() const noexcept { return sort_; }
  [[nodiscard]] std::int64_t page_size() const noexcept { return page_size_; }

 private:
  std::vector<std::string> ids_;
  std::string title_contains_;
  std::vector<std::string> statuses_;
  std::string sort_;
  std::int64_t page_size_ = 100;
};

}  // namespace upsun
