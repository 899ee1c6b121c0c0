#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "testing/cursor_pages.hpp"
#include "testing/fleet_documents.hpp"
#include "testing/fleet_model.hpp"
#include "testing/reply.hpp"

namespace upsun::testing {

/// `application/problem+json`, as the account's resources refuse.
[[nodiscard]] reply_ptr problem(int status, std::string_view title, std::string_view detail);

/// The account's resources: the user, organizations and their projects, what others share. They can
/// only be read. No I/O, and no state. Thread safety: every member, from any thread.
class account_api {
 public:
  /// \param fleet must outlive this. \param path_prefix what stands before paths in links. \param
  /// origin what stands before that in links of lists: empty, or a scheme and an authority
  account_api(const fleet_model& fleet, std::string_view path_prefix, std::string_view origin);

  /// Whether a path that begins like this is one of these resources.
  [[nodiscard]] static bool has(std::string_view first_segment) {
    return first_segment == "users" || first_segment == "organizations" || first_segment == "ref";
  }
  /// The response to a GET; null when there is no such resource.
  /// \param path its segments, decoded; not empty. \param query without its question mark
  [[nodiscard]] reply_ptr respond(std::span<const std::string> path, std::string_view query) const;

 private:
  using path_segments = std::span<const std::string>;

  [[nodiscard]] reply_ptr of_user(path_segments path, std::string_view query) const;
  [[nodiscard]] reply_ptr of_organization(path_segments path, std::string_view query) const;
  [[nodiscard]] reply_ptr organizations(const std::string& path, std::string_view query) const;
  [[nodiscard]] reply_ptr projects(std::size_t organization, const std::string& path,
                                   std::string_view query) const;
  [[nodiscard]] reply_ptr access(const std::string& path, std::string_view query) const;
  [[nodiscard]] reply_ptr references(std::string_view of, std::string_view query) const;

  /// A page of a list, or its refusal.
  template <class Source, class Finish>
  [[nodiscard]] reply_ptr list(const std::string& path, std::string_view query,
                               std::span<const std::string_view> filterable, Source source_for,
                               Finish finish) const;
  [[nodiscard]] std::string signature(std::string_view of, std::string_view ids) const;
  void add_references(boost::json::object& links, std::string_view of,
                      const std::vector<std::string>& ids) const;

  const fleet_model& fleet_;
  const fleet_documents documents_;
  const std::string start_;  // of links
};

}  // namespace upsun::testing
