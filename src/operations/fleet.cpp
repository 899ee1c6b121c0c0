#include "operations/fleet.hpp"

#include <boost/asio/awaitable.hpp>

#include <algorithm>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/option_checks.hpp"
#include "api/resources.hpp"
#include "model/make_error.hpp"
#include "operations/bulk_run.hpp"
#include "operations/fleet_core.hpp"

namespace asio = boost::asio;

namespace upsun::operations {
namespace {

using run = bulk_run<fleet_project>;
using clock = calls::operation_under_way::clock;

/// A fetch of the walk's own, from its beginning until its response was taken in.
class page_fetch : public bulk_event {
 public:
  virtual ~page_fetch() = default;
  std::shared_ptr<calls::operation_under_way> under_way;
};

class fleet_feed final : public bulk_feed<fleet_project> {
 public:
  fleet_feed(run& of, fleet_core& core, bool fail_fast)
      : run_(of), core_(core), fail_fast_(fail_fast) {}

  [[nodiscard]] std::optional<fleet_project> next(std::size_t number) override {
    return core_.next(number, clock::now());
  }
  [[nodiscard]] bool exhausted() const override { return core_.exhausted(); }
  [[nodiscard]] bool fetching() const override { return core_.fetching(); }
  [[nodiscard]] time_point wake() const override { return core_.wake(); }

  void fetch() override {
    while (auto due = core_.begin_fetch(clock::now())) {
      switch (due->brings) {
        case fleet_fetch::user: start<user>(std::move(*due)); break;
        case fleet_fetch::organization: start<organization>(std::move(*due)); break;
        case fleet_fetch::organizations: start<page<organization>>(std::move(*due)); break;
        case fleet_fetch::projects: start<page<organization_project>>(std::move(*due)); break;
        case fleet_fetch::grants: start<page<access_grant>>(std::move(*due)); break;
        case fleet_fetch::references: start<fleet_core::references>(std::move(*due)); break;
      }
    }
  }
  void cancel() override {
    core_.stop();
    for (const auto& [list, each] : fetches_) each->under_way->cancel();
  }

  [[nodiscard]] bool postpones(std::size_t number, const error& why) override {
    return core_.postpones(number, why, clock::now());
  }
  [[nodiscard]] bool wants(const result<integration>& got, bool fetched) override {
    return (fetched || !was_stopped(got.error())) && core_.wants(got, fetched);
  }
  void ended(std::size_t number, const error* failure, bool handed_on) override {
    core_.ended(number, failure, handed_on && (failure == nullptr || !was_stopped(*failure)));
  }
  void describe(bulk_progress& progress) const override {
    progress.projects = core_.report().projects;
    progress.projects_found = core_.found();
  }

 private:
  template <class T>
  class fetch_of final : public page_fetch {
   public:
    fetch_of(fleet_feed& feed, std::size_t list) : feed_(feed), list_(list) {}
    void advance() override { feed_.take(list_, std::move(*got)); }

    std::optional<result<T>> got;

   private:
    fleet_feed& feed_;
    const std::size_t list_;
  };

  template <class T>
  void start(fleet_core::fetch&& due) {
    auto made = std::make_shared<fetch_of<T>>(*this, due.list);
    auto call = run_.steps.template prepare<T>(std::move(due.what), &decoder_of<T>::decode);
    made->under_way = call;
    fetches_[due.list] = made;
    // The walk is gone only when its context was destroyed.
    call->start(run_.steps.client().executor, {},
                [walk = run_.weak_from_this(), one = made.get()](result<T>&& got) {
                  const auto alive = walk.lock();
                  if (!alive) return;
                  one->got.emplace(std::move(got));
                  alive->arrived.push(one);
                });
  }

  template <class T>
  void take(std::size_t list, result<T>&& got) {
    result<T> outcome = std::move(got);
    fetches_.erase(list);  // with the event, which called this as its last act
    if (!outcome && was_stopped(outcome.error())) {
      core_.stop();
      (void)run_.core().stop(outcome.error());
    }
    const std::size_t named = core_.report().unread.size();
    core_.arrived(list, std::move(outcome), clock::now());
    const auto& unread = core_.report().unread;
    if (fail_fast_ && unread.size() > named) run_.stop(unread.back().why);
  }

  /// Whether an error only says that the whole was stopped.
  [[nodiscard]] bool was_stopped(const error& why) const {
    return why == errc::cancelled || why == errc::client_closed ||
           (why == errc::deadline_exceeded && run_.steps.over() == errc::deadline_exceeded);
  }

  run& run_;
  fleet_core& core_;
  const bool fail_fast_;
  std::map<std::size_t, std::shared_ptr<page_fetch>> fetches_;
};

std::optional<error> refuse(const fleet_filter& filter) {
  const auto holds_empty = [](const std::vector<std::string>& texts) {
    return std::find(texts.begin(), texts.end(), std::string()) != texts.end();
  };
  for (const auto& [texts, name] :
       {std::pair(&filter.organizations(), "an organization"),
        std::pair(&filter.projects(), "a project"), std::pair(&filter.regions(), "a region"),
        std::pair(&filter.kinds(), "a kind")}) {
    if (holds_empty(*texts))
      return model::refused_argument(std::string(name) + " of the filter is empty");
  }
  return std::nullopt;
}

result<fleet_position> begin_at(const fleet_filter& filter, const util::origin& api) {
  if (!filter.resume().empty()) return parse_token(filter.resume(), filter);
  return begin_of(filter, api::target_of(*api::list_organizations({}), api.prefix));
}

struct walk_input {
  fleet over;
  std::unique_ptr<detail::bulk_work<fleet_project>> work;
};

asio::awaitable<result<fleet_report>> walk_over(calls::composed_base& steps, bulk_options options,
                                                walk_input input) {
  const fleet_filter& filter = input.over.filter();
  const util::origin& api = steps.client().config.network.where;
  if (auto why = api::check(options)) co_return std::move(*why);
  if (auto why = refuse(filter)) co_return std::move(*why);
  auto from = begin_at(filter, api);
  if (!from) co_return from.error();
  const std::size_t window = window_of(options, steps.client().config.network.pool);
  fleet_core core(filter, api, window, std::move(*from));
  const auto all = std::make_shared<run>(steps, options, window, std::move(input.work));
  fleet_feed feed(*all, core, std::as_const(options).fail_fast());
  co_await all->run(feed);
  fleet_report report = core.report();
  report.stopped_by = all->core().report().stopped_by;
  report.thrown = all->core().report().thrown;
  if (!report.stopped_by.code()) report.stopped_by = core.failure();
  if (report.stopped_by.code()) report.resume = to_token(core.position(), filter);
  co_return std::move(report);
}

}  // namespace

detail::prepared_call<fleet_report> walk(std::shared_ptr<calls::client_impl> client, fleet&& over,
                                         std::unique_ptr<detail::bulk_work<fleet_project>> work,
                                         bulk_options&& options) {
  return prepare_bulk<fleet_report>(std::move(client), std::move(options),
                                    walk_input{std::move(over), std::move(work)}, {}, &walk_over);
}

}  // namespace upsun::operations

namespace upsun {

std::string_view to_string(unread_reason reason) noexcept {
  switch (reason) {
    case unread_reason::forbidden: return "forbidden";
    case unread_reason::not_found: return "not found";
    case unread_reason::suspended: return "suspended";
    case unread_reason::failed: break;
  }
  return "failed";
}

}  // namespace upsun
