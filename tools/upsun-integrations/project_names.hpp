#pragma once

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <upsun/client.hpp>

namespace upsun::tool {

/// Whether a text is a project's id by its form: 13 lower-case letters and digits.
[[nodiscard]] bool is_project_id(std::string_view text) noexcept;

/// The organization of that id, or else of that name. Ids are ULIDs: 26 letters and digits in upper
/// case.
[[nodiscard]] organization_id organization_named(const std::string& id_or_name);

/// Called with each project and its organization; with an error for organizations and projects that
/// could not be listed, whose organization has no id when it is the list of organizations.
using on_project = std::function<void(const organization&, const result<organization_project>&)>;

/// Lists the projects of organizations, several organizations at once.
/// \param organizations ids or names; empty: all, and then the projects that were shared with the
/// user \param filter of the lists, which does not hold for shared projects
[[nodiscard]] boost::asio::awaitable<void> for_each_project(
    client& api, const std::vector<std::string>& organizations, const project_filter& filter,
    const on_project& handler);

/// The id of the project that a text names: the text itself where it has an id's form, the id of
/// the project with this title, or else the text, for the API to judge.
/// \throws usage_error when several projects have the title
[[nodiscard]] boost::asio::awaitable<result<std::string>> find_project(client& api,
                                                                       const std::string& text);

}  // namespace upsun::tool
