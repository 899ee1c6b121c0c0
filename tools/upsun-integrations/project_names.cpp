#include "project_names.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <exception>
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
    all.push_back(co_await api.async_get_organization(of));
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
asio::awaitable<void> list_projects(client& api, const std::vector<organization>& all,
                                    std::size_t& next, const project_filter& filter,
                                    const on_project& handler) {
  while (next < all.size()) {
    const organization& of = all[next++];
    const organization_id id(of.id);
    sequence<organization_project> read = api.projects(id, filter, sequence_options().ahead());
    for (;;) {
      const auto page = co_await read.async_next_page();
      if (!page) {
        handler(of, page.error());
        if (page.error() == condition::cancelled) co_return;
        break;
      }
      if (page->items.empty()) break;
      for (const auto& each : page->items) handler(of, each);
    }
  }
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
  }
  const auto executor = co_await asio::this_coro::executor;
  std::size_t next = 0;
  const auto start = [&] {
    return asio::co_spawn(executor, list_projects(api, all, next, filter, handler), asio::deferred);
  };
  std::vector<decltype(start())> workers;
  for (std::size_t i = 0; i < std::min(most_at_once, all.size()); ++i) workers.push_back(start());
  if (workers.empty()) co_return;
  auto group = asio::experimental::make_parallel_group(std::move(workers));
  auto running = group.async_wait(asio::experimental::wait_for_one_error(), asio::use_awaitable);
  const auto [order, thrown] = co_await std::move(running);
  for (const std::size_t i : order) {
    if (thrown[i]) std::rethrow_exception(thrown[i]);
  }
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
  co_await for_each_project(api, {}, filter, look);
  if (found.size() > 1) {
    std::string ids;
    for (const std::string& id : found) ids += (ids.empty() ? "" : ", ") + id;
    throw usage_error("several projects have the title '" + text + "': " + ids +
                      "; give the id instead");
  }
  if (found.empty() && failure.code()) co_return failure;
  if (found.empty()) co_return text;
  co_return found.front();
}

}  // namespace upsun::tool
