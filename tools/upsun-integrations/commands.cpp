#include "commands.hpp"

#include <unistd.h>

#include <iostream>
#include <string>
#include <utility>
#include <variant>

#include <upsun/model/kinds.hpp>

#include "inputs.hpp"

namespace upsun::tool {
namespace {

namespace asio = boost::asio;

class performer {
 public:
  performer(client& api, const settings& wanted, output& out) : api_(api), project_(wanted.project), out_(out) {}

  asio::awaitable<exit_status> operator()(const get_command& wanted) {
    if (wanted.ids.size() == 1) {
      const auto got = co_await api_.async_get_integration(project_, integration_id(wanted.ids.front()));
      co_return got ? out_.print(*got) : out_.fail(got.error());
    }
    std::vector<result<integration>> all;
    for (const std::string& id : wanted.ids) all.push_back(co_await api_.async_get_integration(project_, integration_id(id)));
    co_return out_.print(all, wanted.ids);
  }

  asio::awaitable<exit_status> operator()(const list_command&) {
    const auto listed = co_await api_.async_list_integrations(project_);
    co_return listed ? out_.print(*listed) : out_.fail(listed.error());
  }

  asio::awaitable<exit_status> operator()(const create_command& wanted) {
    const given_members given = gather_members(wanted.members, std::cin);
    const integration_input input = make_input(kind_of(wanted.kind, given), given);
    const auto created = co_await api_.async_create_integration(project_, input);
    co_return created ? out_.print(*created, "created", "") : out_.fail(created.error());
  }

  asio::awaitable<exit_status> operator()(const update_command& wanted) {
    const given_members given = gather_members(wanted.members, std::cin);
    const integration_ref ref(project_, integration_id(wanted.id));
    std::string kind = wanted.kind;
    if (kind.empty()) {  // the patch is of the integration's kind
      const auto current = co_await api_.async_get_integration(ref.project(), ref.id());
      if (!current) co_return out_.fail(current.error());
      kind = current->type;
    }
    const integration_patch patch = make_patch(kind_of(kind, given), given);
    const auto updated = co_await api_.async_update_integration(ref, patch);
    co_return updated ? out_.print(*updated, "updated", wanted.id) : out_.fail(updated.error());
  }

  asio::awaitable<exit_status> operator()(const delete_command& wanted) {
    const integration_ref ref(project_, integration_id(wanted.id));
    const auto deleted = co_await api_.async_delete_integration(ref);
    co_return deleted ? out_.print(*deleted, "deleted", wanted.id) : out_.fail(deleted.error());
  }

  asio::awaitable<exit_status> operator()(const kinds_command&) { co_return exit_status::fine; }

 private:
  client& api_;
  project_id project_;
  output& out_;
};

}  // namespace

asio::awaitable<exit_status> carry_out(client& api, const request& wanted, output& out) {
  performer perform(api, wanted.settings, out);
  co_return co_await std::visit(perform, wanted.command);
}

}  // namespace upsun::tool
