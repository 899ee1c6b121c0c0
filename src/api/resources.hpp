#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include <upsun/detail/resource_path.hpp>
#include <upsun/model/ids.hpp>
#include <upsun/model/organization_filter.hpp>
#include <upsun/model/project_filter.hpp>

#include "api/operation.hpp"
#include "util/origin.hpp"

namespace upsun::api {

/// What is constant about an operation.
struct prototype {
  std::string_view method;
  std::string_view path_template{};
  bool idempotent = true;
  response_body expects = response_body::required;
};

/// The error of an operation that was refused before anything was sent.
[[nodiscard]] error refuse(const operation& what, std::string cause);

/// Adds the id of the template's parameter of that index. False when it cannot be a path segment:
/// then `made` is the error, which names it.
[[nodiscard]] bool add_id(result<operation>& made, std::size_t index, std::string&& id);

/// The operation with its ids; `errc::invalid_argument` for one that cannot be a path segment.
/// There is one return value, so that nothing is moved.
template <class... Ids>
[[nodiscard]] result<operation> make(const prototype& like, Ids&&... ids) {
  result<operation> made(boost::system::in_place_value);
  made->method = like.method;
  made->path_template = like.path_template;
  made->idempotent = like.idempotent;
  made->expects = like.expects;
  std::size_t index = 0;
  (void)(add_id(made, index++, std::string(std::forward<Ids>(ids).str())) && ...);
  return made;
}

/// `GET` of a resource.
[[nodiscard]] result<operation> fetch(const detail::resource_path& of);

// Lists that come page by page. Each is `errc::invalid_argument` for a filter that the API cannot
// express.

/// `GET /organizations`
[[nodiscard]] result<operation> list_organizations(const organization_filter& filter);
/// `GET /organizations/{organization_id}/projects`
[[nodiscard]] result<operation> list_projects(const organization_id& of,
                                              const project_filter& filter);
/// `GET /users/{user_id}/extended-access`, of projects.
[[nodiscard]] result<operation> list_shared_projects(const user_id& of);

/// `GET` of what a link leads to. \param path_template names it in errors \param target of a
/// request to the API's own origin
[[nodiscard]] operation follow(std::string_view path_template, std::string target);

/// The same for a link as a page has it; `errc::decode_failed` when it cannot be followed, or leads
/// to elsewhere than the API.
[[nodiscard]] result<operation> follow_own(std::string_view path_template, const std::string& link,
                                           const util::origin& api);

}  // namespace upsun::api
