#include "operations/fleet_core.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "api/resources.hpp"
#include "model/make_error.hpp"
#include "operations/fleet_items.hpp"
#include "util/glob.hpp"

namespace upsun::operations {
namespace {

constexpr std::string_view path_of_projects = "/organizations/{organization_id}/projects";
constexpr std::string_view path_of_references = "/ref/projects";

}  // namespace

fleet_core::fleet_core(const fleet_filter& filter, util::origin api, std::size_t window,
                       fleet_position&& from)
    : filter_(filter),
      api_(std::move(api)),
      window_(window),
      pace_(window),
      found_(from.found.begin(), from.found.end()),
      named_(from.named.begin(), from.named.end()),
      visited_(std::move(from.visited)),
      shared_(from.shared),
      grants_from_(std::move(from.grants)) {
  if (from.organizations) {
    list all{.brings = fleet_fetch::organizations};
    all.paging.emplace(api::follow("/organizations", *from.organizations), api_);
    organizations_ = add(std::move(all));
    organizations_ready_ = true;
  }
  for (list_position& each : from.lists) {
    add_projects(std::move(each.of), api::follow(path_of_projects, std::move(each.page)),
                 std::move(each.done));
  }
}

std::size_t fleet_core::add(list&& made) {
  lists_.emplace(next_list_, std::move(made));
  return next_list_++;
}

void fleet_core::add_projects(fleet_organization&& of, result<api::operation>&& first,
                              std::set<std::string>&& done) {
  list made{.brings = fleet_fetch::projects, .of = std::move(of)};
  made.paging.emplace(std::move(first), api_);
  made.done_before = std::move(done);
  ready_.push_back(add(std::move(made)));
  ++unread_lists_;
}

void fleet_core::add_grants(result<api::operation>&& first, std::set<std::string>&& done) {
  list made{.brings = fleet_fetch::grants};
  made.paging.emplace(std::move(first), api_);
  made.done_before = std::move(done);
  ready_.push_back(add(std::move(made)));
  ++unread_lists_;
}

// ---- what to fetch

/// A page when the queue is short. One may always be under way, so that the walk goes on.
bool fleet_core::may_fetch() const {
  if (queue_.size() >= 2 * window_) return false;
  if (fetches_ == 0) return true;
  return fetches_ < std::max<std::size_t>(1, pace_.limit() / 2) &&
         fetches_ + under_way_.size() < pace_.limit();
}

std::optional<fleet_core::fetch> fleet_core::begin_fetch(time_point now) {
  if (stopped_) return std::nullopt;
  if (pace_.pauses(now) || !may_fetch()) return std::nullopt;
  const auto number = choose();
  if (!number) return std::nullopt;
  ++fetches_;
  const list& from = lists_.at(*number);
  return fetch{*number, from.links.empty() ? from.brings : fleet_fetch::references,
               request_of(from)};
}

/// The list to fetch from: first those that were begun, then the next organization.
std::optional<std::size_t> fleet_core::choose() {
  if (shared_ && !asked_for_user_) {
    asked_for_user_ = true;
    return add({.brings = fleet_fetch::user});
  }
  if (ready_.empty() && !found_.empty()) {
    const fleet_organization of = std::move(found_.front());
    found_.pop_front();
    ++account_.report.organizations;
    add_projects(fleet_organization(of), api::list_projects(organization_id(of.id), {}), {});
  }
  if (!ready_.empty()) {
    const std::size_t number = ready_.front();
    ready_.pop_front();
    return number;
  }
  if (!named_.empty()) {
    list one{.brings = fleet_fetch::organization};
    one.of.name = std::move(named_.front());
    named_.pop_front();
    ++lookups_;
    return add(std::move(one));
  }
  if (organizations_ready_) {
    organizations_ready_ = false;
    return organizations_;
  }
  const bool own_are_read = !organizations_ && lookups_ == 0 && unread_lists_ == 0;
  if (!shared_ || !user_ || !own_are_read) return std::nullopt;
  shared_ = false;
  if (grants_from_) {
    add_grants(api::follow("/users/{user_id}/extended-access", std::move(grants_from_->page)),
               std::move(grants_from_->done));
    grants_from_.reset();
  } else {
    add_grants(api::list_shared_projects(user_id(*user_)), {});
  }
  const std::size_t number = ready_.front();
  ready_.pop_front();
  return number;
}

result<api::operation> fleet_core::request_of(const list& from) const {
  if (from.brings == fleet_fetch::user) return api::fetch({"/users/me"});
  if (from.brings == fleet_fetch::organization)
    return api::fetch({"/organizations/{organization_id}", id_or_name(from.of.name)});
  if (!from.links.empty()) return api::follow_own(path_of_references, from.links.back(), api_);
  return from.paging->next();
}

// ---- what has come

template <class T>
bool fleet_core::ends_with_failure(std::size_t number, const result<T>& got, time_point now) {
  --fetches_;
  list& from = lists_.at(number);
  if (got) {
    from.tries = 0;
    pace_.succeeded();
    return false;
  }
  if (stopped_) return true;  // the list stays as it is, for `position`
  if (!pace_.throttles(got.error(), from.tries, now)) {
    fail(number, got.error());
  } else if (organizations_ == number) {
    organizations_ready_ = true;
  } else {
    ready_.push_front(number);
  }
  return true;
}

/// The list ends here, and the account says so.
void fleet_core::fail(std::size_t number, const error& why) {
  list& from = lists_.at(number);
  if (!from.links.empty()) {  // the shared projects are visited without their titles
    account_.add_unread({}, nullptr, why);
    from.links.clear();
    return enqueue_grants(number);
  }
  if (organizations_ == number) {
    failure_ = why;
    return;
  }
  fleet_organization of = from.of;
  if (from.brings == fleet_fetch::organization) --lookups_;
  if (from.brings == fleet_fetch::user) shared_ = false;
  if (from.brings == fleet_fetch::projects || from.brings == fleet_fetch::grants) --unread_lists_;
  account_.add_unread(of, nullptr, why);
  from.paging.reset();
  forget_if_done(number);
}

void fleet_core::arrived(std::size_t number, result<user>&& got, time_point now) {
  if (ends_with_failure(number, got, now)) return;
  user_ = got->id;
  lists_.erase(number);
}

void fleet_core::arrived(std::size_t number, result<organization>&& got, time_point now) {
  if (ends_with_failure(number, got, now)) return;
  found_.push_back(described_by(*got));
  --lookups_;
  lists_.erase(number);
}

/// Looks for the next page. A link that leads nowhere becomes the last item.
template <class T>
void fleet_core::take_page(list& from, page<T>& got) {
  if (auto why = from.paging->take(got)) got.items.emplace_back(std::move(*why));
}

void fleet_core::arrived(std::size_t number, result<page<organization>>&& got, time_point now) {
  if (ends_with_failure(number, got, now)) return;
  list& from = lists_.at(number);
  take_page(from, *got);
  for (auto& each : got->items) {
    if (each) {
      found_.push_back(described_by(*each));
    } else {
      account_.add_unread({}, nullptr, each.error());
    }
  }
  organizations_ready_ = !from.paging->over();
  if (organizations_ready_) return;
  organizations_.reset();
  lists_.erase(number);
}

void fleet_core::arrived(std::size_t number, result<page<organization_project>>&& got,
                         time_point now) {
  if (ends_with_failure(number, got, now)) return;
  list& from = lists_.at(number);
  from.listed += got->items.size();
  if (got->count && *got->count > 0) from.counted = static_cast<std::size_t>(*got->count);
  visited_.insert(from.of.id);
  from.pages.push_back({from.pages_read++, from.paging->target()});
  take_page(from, *got);
  for (auto& each : got->items) {
    if (each) {
      enqueue(number, from, visible(*each, from.of));
    } else {
      account_.add_unread(from.of, nullptr, each.error());
    }
  }
  go_on(number);
}

void fleet_core::arrived(std::size_t number, result<page<access_grant>>&& got, time_point now) {
  if (ends_with_failure(number, got, now)) return;
  list& from = lists_.at(number);
  from.pages.push_back({from.pages_read++, from.paging->target()});
  from.pages.back().open = 1;  // until all is known of the page
  take_page(from, *got);
  for (auto& each : got->items) {
    if (!each) {
      account_.add_unread({}, nullptr, each.error());
      continue;
    }
    const std::string of = each->organization_id.value_or("");
    const auto& wanted = filter_.organizations();
    const bool own = visited_.contains(of);
    const bool left_out =
        !wanted.empty() && std::find(wanted.begin(), wanted.end(), of) == wanted.end();
    const bool other =
        each->resource_type.value_or(granted_resource::project) != granted_resource::project;
    if (!own && !left_out && !other) from.grants.push_back(std::move(*each));
  }
  from.listed += from.grants.size();
  for (const auto& [relation, href] : got->links) {
    if (relation.starts_with("ref:projects:") && !from.grants.empty()) from.links.push_back(href);
  }
  if (from.links.empty()) return enqueue_grants(number);
  ready_.push_front(number);
}

void fleet_core::arrived(std::size_t number, result<references>&& got, time_point now) {
  if (ends_with_failure(number, got, now)) return;
  list& from = lists_.at(number);
  from.known.merge(std::move(*got));
  from.links.pop_back();
  if (from.links.empty()) return enqueue_grants(number);
  ready_.push_front(number);
}

/// All is known of a page of shared projects.
void fleet_core::enqueue_grants(std::size_t number) {
  list& from = lists_.at(number);
  for (const access_grant& each : std::exchange(from.grants, {})) {
    const auto known = from.known.find(each.resource_id);
    const bool has_title = known != from.known.end() && known->second;
    enqueue(number, from, visible(each, has_title ? &*known->second : nullptr));
  }
  from.known.clear();
  --from.pages.back().open;
  go_on(number);
}

/// Puts a project into the queue, unless it is left out or was visited by the walk before.
void fleet_core::enqueue(std::size_t number, list& from, fleet_project&& project) {
  if (from.done_before.contains(project.id)) return;
  if (!matches(project)) {
    ++account_.report.projects_left_out;
    return;
  }
  ++from.pages.back().open;
  queue_.push_back({std::move(project), number, from.pages.back().number});
}

/// A page has been taken in: the next one may be fetched.
void fleet_core::go_on(std::size_t number) {
  list& from = lists_.at(number);
  if (!from.paging->over()) {
    ready_.push_back(number);
  } else {
    --unread_lists_;
  }
  forget_if_done(number);
}

/// Pages are forgotten from the first on, so that the first that is left is where to go on.
void fleet_core::forget_if_done(std::size_t number) {
  list& from = lists_.at(number);
  while (!from.pages.empty() && from.pages.front().open == 0) from.pages.pop_front();
  const bool reading = from.paging && !from.paging->over();
  if (reading || !from.pages.empty()) return;
  found_before_ += std::max(from.listed, from.counted);
  lists_.erase(number);
}

bool fleet_core::matches(const fleet_project& project) const {
  const auto any = [](const auto& globs, auto... texts) {
    return globs.empty() || std::any_of(globs.begin(), globs.end(), [&](const std::string& glob) {
             return (util::matches_glob(texts, glob) || ...);
           });
  };
  const auto& statuses = filter_.statuses();
  const bool right_status =
      statuses.empty() || (project.status && std::find(statuses.begin(), statuses.end(),
                                                       *project.status) != statuses.end());
  return right_status && any(filter_.projects(), project.id, project.title) &&
         any(filter_.regions(), project.region);
}

// ---- projects

std::optional<fleet_project> fleet_core::next(std::size_t number, time_point now) {
  const bool may_begin = under_way_.empty() || under_way_.size() + fetches_ < pace_.limit();
  if (stopped_ || queue_.empty() || pace_.pauses(now) || !may_begin) return std::nullopt;
  fleet_project project = queue_.front().project;
  under_way_.emplace(number, std::move(queue_.front()));
  queue_.pop_front();
  return project;
}

bool fleet_core::postpones(std::size_t number, const error& why, time_point now) {
  const auto one = under_way_.find(number);
  if (stopped_ || !pace_.throttles(why, one->second.tries, now)) return false;
  queue_.push_front(std::move(one->second));
  under_way_.erase(one);
  return true;
}

bool fleet_core::wants(const result<integration>& got, bool fetched) {
  if (!got && fetched) ++account_.report.broken;
  if (!got) return true;
  const auto& kinds = filter_.kinds();
  const bool wanted =
      kinds.empty() || std::find(kinds.begin(), kinds.end(), got->type) != kinds.end();
  ++(wanted ? account_.report.integrations : account_.report.integrations_left_out);
  return wanted;
}

void fleet_core::ended(std::size_t number, const error* failure, bool done) {
  const auto one = under_way_.find(number);
  const queued visited = std::move(one->second);
  under_way_.erase(one);
  if (failure == nullptr) pace_.succeeded();
  if (!done) {
    ++account_.report.cancelled;
    return;  // its page stays open
  }
  ++account_.report.projects;
  if (visited.project.shared) ++account_.report.shared;
  list& from = lists_.at(visited.list);
  if (failure != nullptr) account_.add_unread(from.of, &visited.project, *failure);
  for (open_page& each : from.pages) {
    if (each.number != visited.page) continue;
    --each.open;
    each.done.insert(visited.project.id);
  }
  forget_if_done(visited.list);
}

// ---- how far it has come

bool fleet_core::exhausted() const {
  return fetches_ == 0 && queue_.empty() && under_way_.empty() && ready_.empty() &&
         found_.empty() && named_.empty() && (!organizations_ || failure_.code()) &&
         (!shared_ || failure_.code());
}

std::size_t fleet_core::found() const {
  std::size_t all = found_before_;
  for (const auto& [number, each] : lists_) {
    if (each.brings == fleet_fetch::projects || each.brings == fleet_fetch::grants)
      all += std::max(each.listed, each.counted);
  }
  return all;
}

fleet_position fleet_core::position() const {
  fleet_position at;
  at.found.assign(found_.begin(), found_.end());
  at.named.assign(named_.begin(), named_.end());
  at.visited = visited_;
  at.shared = shared_;
  at.grants = grants_from_;
  if (organizations_) at.organizations = lists_.at(*organizations_).paging->target();
  for (const auto& [number, each] : lists_) {
    if (each.brings == fleet_fetch::organization) at.named.push_back(each.of.name);
    if (each.brings != fleet_fetch::projects && each.brings != fleet_fetch::grants) continue;
    list_position left{.of = each.of, .done = each.done_before};
    left.page = each.pages.empty() ? each.paging->target() : each.pages.front().target;
    for (const open_page& page : each.pages) left.done.insert(page.done.begin(), page.done.end());
    if (each.brings == fleet_fetch::projects) {
      at.lists.push_back(std::move(left));
    } else {
      at.shared = true;
      at.grants = std::move(left);
    }
  }
  return at;
}

}  // namespace upsun::operations
