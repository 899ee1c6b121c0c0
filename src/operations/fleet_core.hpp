#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include <upsun/bulk_report.hpp>
#include <upsun/fleet.hpp>
#include <upsun/model/access_grant.hpp>
#include <upsun/model/organization.hpp>
#include <upsun/model/user.hpp>
#include <upsun/page.hpp>

#include "api/cursor_paging.hpp"
#include "operations/fleet_position.hpp"
#include "operations/walk_account.hpp"
#include "operations/walk_pace.hpp"

namespace upsun::operations {

/// What a fetch of the walk's own brings.
enum class fleet_fetch { user, organization, organizations, projects, grants, references };

/// A walk over a fleet: which pages to fetch, which projects to visit, and the account. Without
/// clock and I/O.
///
/// Organizations are found page by page; each has a list of projects, read page by page; the
/// projects of the pages wait in a queue. A page is fetched only while the queue is short, so that
/// memory does not grow with the fleet. When all lists are read come the projects that were shared.
/// Where the API limits the rate, what it has refused is asked for again after a pause, by half as
/// many at once.
///
/// A page stays known until all its projects are done: from the pages follows where a walk that was
/// stopped can go on.
class fleet_core {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  using references = std::map<std::string, result<project_reference>>;

  /// \param window how many fetches may be under way at once; at least 1
  /// \param from where to begin
  fleet_core(const fleet_filter& filter, util::origin api, std::size_t window,
             fleet_position&& from);

  struct fetch {
    std::size_t list;
    fleet_fetch brings;
    result<api::operation> what;
  };
  /// Begins the fetch of a page, or of the like, if one is due.
  [[nodiscard]] std::optional<fetch> begin_fetch(time_point now);

  // What a fetch has brought.
  void arrived(std::size_t list, result<user>&& got, time_point now);
  void arrived(std::size_t list, result<organization>&& got, time_point now);
  void arrived(std::size_t list, result<page<organization>>&& got, time_point now);
  void arrived(std::size_t list, result<page<organization_project>>&& got, time_point now);
  void arrived(std::size_t list, result<page<access_grant>>&& got, time_point now);
  void arrived(std::size_t list, result<references>&& got, time_point now);

  /// The next project to visit, which gets a number; nothing when there is none now.
  [[nodiscard]] std::optional<fleet_project> next(std::size_t number, time_point now);
  /// A project's fetch failed. \return whether it will come again
  [[nodiscard]] bool postpones(std::size_t number, const error& why, time_point now);
  /// Whether a result is to be handed on. It is counted. \param fetched whether it is an element of
  /// a list, not the failure of a project's fetch
  [[nodiscard]] bool wants(const result<integration>& got, bool fetched);
  /// A project is visited. \param failure of its fetch; null: there is none \param done whether
  /// nothing has to be visited again
  void ended(std::size_t number, const error* failure, bool done);
  /// Fetches are not begun any more, and those that fail from now on will be made again by the walk
  /// that goes on.
  void stop() noexcept { stopped_ = true; }

  /// Whether nothing is left, also of what is under way.
  [[nodiscard]] bool exhausted() const;
  [[nodiscard]] bool fetching() const noexcept { return fetches_ > 0; }
  /// When the pause ends that the API has asked for; `time_point::max()` without one.
  [[nodiscard]] time_point wake() const noexcept { return pace_.wake(); }
  /// Why the list of organizations could not be read on, if so: this stops the walk.
  [[nodiscard]] const error& failure() const noexcept { return failure_; }

  [[nodiscard]] const fleet_report& report() const noexcept { return account_.report; }
  [[nodiscard]] std::size_t found() const;
  [[nodiscard]] fleet_position position() const;

 private:
  /// A page whose projects are not all done.
  struct open_page {
    std::size_t number;
    std::string target;
    std::size_t open = 0;
    std::set<std::string> done{};
  };
  struct list {
    fleet_fetch brings{};
    fleet_organization of{};
    std::optional<api::cursor_paging> paging{};
    std::deque<open_page> pages{};
    std::size_t pages_read = 0;
    std::set<std::string> done_before{};  ///< In the walk that this one goes on from.
    std::size_t listed = 0;
    std::size_t counted = 0;  ///< By the server.
    unsigned tries = 0;
    // Of shared projects: what a page has, until all is known of it.
    std::vector<access_grant> grants{};
    std::vector<std::string> links{};
    references known{};
  };
  struct queued {
    fleet_project project;
    std::size_t list;
    std::size_t page;
    unsigned tries = 0;
  };

  std::size_t add(list&& made);
  void add_projects(fleet_organization&& of, result<api::operation>&& first,
                    std::set<std::string>&& done);
  void add_grants(result<api::operation>&& first, std::set<std::string>&& done);
  [[nodiscard]] std::optional<std::size_t> choose();
  [[nodiscard]] bool may_fetch() const;
  [[nodiscard]] result<api::operation> request_of(const list& from) const;

  /// Ends a fetch. \return whether it has failed, which is dealt with
  template <class T>
  [[nodiscard]] bool ends_with_failure(std::size_t number, const result<T>& got, time_point now);
  void fail(std::size_t number, const error& why);
  template <class T>
  void take_page(list& from, page<T>& got);
  void enqueue(std::size_t number, list& from, fleet_project&& project);
  void enqueue_grants(std::size_t number);
  void go_on(std::size_t number);
  void forget_if_done(std::size_t number);
  [[nodiscard]] bool matches(const fleet_project& project) const;

  const fleet_filter filter_;
  const util::origin api_;
  const std::size_t window_;
  walk_pace pace_;
  bool stopped_ = false;
  error failure_{};

  std::map<std::size_t, list> lists_;
  std::size_t next_list_ = 0;
  std::deque<std::size_t> ready_;             // lists whose next page may be fetched
  std::optional<std::size_t> organizations_;  // that list
  bool organizations_ready_ = false;
  std::deque<fleet_organization> found_;
  std::deque<std::string> named_;
  std::set<std::string> visited_;
  std::size_t unread_lists_ = 0;  // of projects, not read to their end
  std::size_t lookups_ = 0;       // of organizations, under way
  bool shared_ = false;           // still to be listed
  bool asked_for_user_ = false;
  std::optional<std::string> user_;
  std::optional<list_position> grants_from_;

  std::size_t fetches_ = 0;
  std::deque<queued> queue_;
  std::unordered_map<std::size_t, queued> under_way_;
  std::size_t found_before_ = 0;  // in lists that are forgotten
  walk_account account_;
};

}  // namespace upsun::operations
