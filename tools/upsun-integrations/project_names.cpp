#include "project_names.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <exception>
#include <map>
#include <set>
#include <utility>

#include "exit_status.hpp"

namespace upsun::tool {
namespace {

namespace asio = boost::asio;

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// The organizations of these ids or names, or all; an error in the place of what cannot be read.
asio::awaitable<std::vector<result<organization>>> read_organizations(
    client& api, const std::vector<std::string>& named) {
  std::vector<result<organization>> all;
  for (const std::string& each : named) {
    const organization_id of = organization_named(each);
    auto got = co_await api.async_get_organization(of);
    all.push_back(std::move(got));
  }
  if (!named.empty()) co_return all;
  sequence<organization> read = api.organizations();
  for (;;) {
    auto page = co_await read.async_next_page();
    if (!page) {
      all.emplace_back(page.error());
      co_return all;
    }
    if (page->items.empty()) co_return all;
    for (auto& each : page->items) all.push_back(std::move(each));
  }
}

/// Takes one organization after the other and lists its projects.
/// \param listed gets the ids of organizations whose list came to its end
asio::awaitable<void> list_projects(client& api, const std::vector<organization>& all,
                                    std::size_t& next, const project_filter& filter,
                                    const on_project& handler, std::set<std::string>& listed) {
  while (next < all.size()) {
    const organization& of = all[next++];
    const organization_id id(of.id);
    sequence<organization_project> read = api.projects(id, filter, sequence_options().ahead());
    for (;;) {
      const auto page = co_await read.async_next_page();
      if (!page && page.error() == condition::cancelled) co_return;
      if (!page) {
        handler(of, page.error());
        break;
      }
      if (page->items.empty()) {
        listed.insert(of.id);
        break;
      }
      for (const auto& each : page->items) handler(of, each);
    }
  }
}

organization_project project_of(const project_reference& of) {
  organization_project made{.id = of.id};
  made.organization_id = of.organization_id;
  made.region = of.region;
  made.title = of.title;
  made.status = of.status;
  return made;
}

/// Lists the projects that were shared with the user, without those of organizations that are
/// listed.
asio::awaitable<void> list_shared(client& api, const std::set<std::string>& listed,
                                  const on_project& handler) {
  const auto me = co_await api.async_get_current_user();
  if (!me) {
    handler({}, me.error());
    co_return;
  }
  sequence<access_grant> read = api.shared_projects(user_id(me->id), sequence_options().ahead());
  for (;;) {
    const auto page = co_await read.async_next_page();
    if (!page) handler({}, page.error());
    if (!page || page->items.empty()) co_return;
    std::map<std::string, std::string> foreign;  // their organizations by their ids
    for (const auto& each : page->items) {
      if (!each)
        handler({}, each.error());
      else if (const std::string of = each->organization_id.value_or(""); !listed.contains(of))
        foreign.emplace(each->resource_id, of);
    }
    for (const auto& [relation, link] : page->links) {
      if (foreign.empty() || !relation.starts_with("ref:projects:")) continue;
      const auto references = co_await api.async_get_project_references(link);
      if (!references) {
        handler({}, references.error());
        continue;
      }
      for (const auto& [id, reference] : *references) {
        const auto found = foreign.find(id);
        if (found == foreign.end()) continue;
        if (reference)
          handler({.id = found->second}, project_of(*reference));
        else
          handler({.id = found->second}, reference.error());
        foreign.erase(found);
      }
    }
    for (const auto& [id, of] : foreign)  // nothing is said of them
      handler({.id = of}, organization_project{.id = id});
  }
}

bool may_be_id(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
  });
}

error no_such_title(const std::string& text) {
  error_details details;
  details.cause = "no project has the title '" + text + "'";
  return {errc::not_found, std::move(details)};
}

}  // namespace

bool is_project_id(std::string_view text) noexcept {
  return text.size() == 13 && std::all_of(text.begin(), text.end(), [](char c) {
           return is_digit(c) || (c >= 'a' && c <= 'z');
         });
}

organization_id organization_named(const std::string& id_or_name) {
  const bool is_id = id_or_name.size() == 26 &&
                     std::all_of(id_or_name.begin(), id_or_name.end(),
                                 [](char c) { return is_digit(c) || (c >= 'A' && c <= 'Z'); });
  return is_id ? organization_id(id_or_name) : organization_id::named(id_or_name);
}

asio::awaitable<void> for_each_project(client& api, const std::vector<std::string>& organizations,
                                       const project_filter& filter, const on_project& handler) {
  constexpr std::size_t most_at_once = 16;
  auto read = co_await read_organizations(api, organizations);
  std::vector<organization> all;
  for (auto& each : read) {
    if (each)
      all.push_back(std::move(*each));
    else
      handler({}, each.error());
    if (!each && each.error() == condition::cancelled) co_return;
  }
  const auto executor = co_await asio::this_coro::executor;
  std::size_t next = 0;
  std::set<std::string> listed;
  const auto start = [&] {
    return asio::co_spawn(executor, list_projects(api, all, next, filter, handler, listed),
                          asio::deferred);
  };
  std::vector<decltype(start())> workers;
  for (std::size_t i = 0; i < std::min(most_at_once, all.size()); ++i) workers.push_back(start());
  if (!workers.empty()) {
    auto group = asio::experimental::make_parallel_group(std::move(workers));
    auto running = group.async_wait(asio::experimental::wait_for_one_error(), asio::use_awaitable);
    const auto [order, thrown] = co_await std::move(running);
    for (const std::size_t i : order) {
      if (thrown[i]) std::rethrow_exception(thrown[i]);
    }
  }
  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none)
    handler({}, errc::cancelled);
  else if (organizations.empty())
    co_await list_shared(api, listed, handler);
}

asio::awaitable<result<std::string>> find_project(client& api, const std::string& text) {
  if (is_project_id(text)) co_return text;
  project_filter filter;
  if (text.find(',') == std::string::npos) filter.title_contains(text);  // a comma separates texts
  std::vector<std::string> found;
  error failure;
  const on_project look = [&](const organization&, const result<organization_project>& each) {
    if (each && each->title == text) found.push_back(each->id);
    // Where nothing can be listed, the text may still be an id.
    if (!each && each.error() != condition::not_found && each.error() != condition::forbidden &&
        each.error() != errc::decode_failed)
      failure = each.error();
  };
  const std::vector<std::string> all;
  co_await for_each_project(api, all, filter, look);
  if (found.size() > 1) {
    std::string ids;
    for (const std::string& id : found) ids += (ids.empty() ? "" : ", ") + id;
    throw usage_error("several projects have the title '" + text + "': " + ids +
                      "; give the id instead");
  }
  if (found.empty() && failure.code()) co_return failure;
  if (found.empty() && !may_be_id(text)) co_return no_such_title(text);
  if (found.empty()) co_return text;
  co_return found.front();
}

}  // namespace upsun::tool
