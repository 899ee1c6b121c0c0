#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <upsun/model/organization.hpp>

namespace upsun {

/// Which organizations to list. What is not set does not restrict the list, except that the API
/// leaves out those that are deleted. A class with fluent setters, so that temporaries are safe
/// beside `co_await`.
///
/// It is checked by the first read. A value out of its range ends that with
/// `errc::invalid_argument` before anything is sent.
class organization_filter {
 public:
  /// All organizations.
  organization_filter() = default;

  /// Adds an id: organizations with any of the ids are listed. An empty one is refused, and one
  /// with a comma, which separates several in the request. The same holds for every text here.
  organization_filter& id(std::string value) & { return ids_.push_back(std::move(value)), *this; }
  organization_filter&& id(std::string value) && { return std::move(id(std::move(value))); }

  /// Adds a name for machines, such as "acme".
  organization_filter& name(std::string value) & {
    return names_.push_back(std::move(value)), *this;
  }
  organization_filter&& name(std::string value) && { return std::move(name(std::move(value))); }

  /// Adds a status.
  organization_filter& status(const open_enum<organization_status>& value) & {
    return statuses_.emplace_back(value.str()), *this;
  }
  organization_filter&& status(const open_enum<organization_status>& value) && {
    return std::move(status(value));
  }

  /// Adds a type.
  organization_filter& type(const open_enum<organization_type>& value) & {
    return types_.emplace_back(value.str()), *this;
  }
  organization_filter&& type(const open_enum<organization_type>& value) && {
    return std::move(type(value));
  }

  /// Only those of this owner, by the id of a user.
  organization_filter& owner(std::string user) & {
    owners_.clear();
    return owners_.push_back(std::move(user)), *this;
  }
  organization_filter&& owner(std::string user) && { return std::move(owner(std::move(user))); }

  /// The order, by a member's name; with a minus before it the other way round.
  ///
  /// Default: empty, the API's.
  organization_filter& sort(std::string by) & { return sort_ = std::move(by), *this; }
  organization_filter&& sort(std::string by) && { return std::move(sort(std::move(by))); }

  /// How many a page.
  ///
  /// Range: 1 to 100. Default: 100.
  organization_filter& page_size(std::int64_t count) & { return page_size_ = count, *this; }
  organization_filter&& page_size(std::int64_t count) && { return std::move(page_size(count)); }

  [[nodiscard]] const std::vector<std::string>& ids() const noexcept { return ids_; }
  [[nodiscard]] const std::vector<std::string>& names() const noexcept { return names_; }
  [[nodiscard]] const std::vector<std::string>& statuses() const noexcept { return statuses_; }
  [[nodiscard]] const std::vector<std::string>& types() const noexcept { return types_; }
  [[nodiscard]] const std::vector<std::string>& owners() const noexcept { return owners_; }
  [[nodiscard]] const std::string& sort() const noexcept { return sort_; }
  [[nodiscard]] std::int64_t page_size() const noexcept { return page_size_; }

 private:
  std::vector<std::string> ids_;
  std::vector<std::string> names_;
  std::vector<std::string> statuses_;
  std::vector<std::string> types_;
  std::vector<std::string> owners_;
  std::string sort_;
  std::int64_t page_size_ = 100;
};

}  // namespace upsun
