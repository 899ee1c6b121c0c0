#include "api/activity_query.hpp"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

#include "api/query.hpp"
#include "model/make_error.hpp"

namespace upsun::api {
namespace {

using namespace std::chrono_literals;

/// Several values get an index each.
template <class Values, class Text>
void add_all(query_writer& query, std::string_view name, const Values& values, Text text) {
  if (values.size() == 1) return query.add(name, text(values.front()));
  for (std::size_t i = 0; i < values.size(); ++i)
    query.add(std::string(name).append("[").append(std::to_string(i)).append("]"), text(values[i]));
}

}  // namespace

/// What `format_timestamp` can write.
bool can_start_at(timestamp t) noexcept {
  return t >= std::chrono::sys_days(0y / 1 / 1) && t < std::chrono::sys_days(10000y / 1 / 1);
}

result<std::string> make_query(const activity_filter& filter) {
  const auto is_empty = [](const auto& value) {
    if constexpr (requires { value.str(); }) {
      return value.str().empty();
    } else {
      return value.empty();
    }
  };
  if (std::any_of(filter.types().begin(), filter.types().end(), is_empty))
    return model::refused_argument("a type of the filter is empty");
  if (std::any_of(filter.states().begin(), filter.states().end(), is_empty))
    return model::refused_argument("a state of the filter is empty");
  if (filter.result() && is_empty(*filter.result()))
    return model::refused_argument("the result of the filter is empty");
  if (filter.count() && *filter.count() < 1)
    return model::refused_argument("the filter's count is " + std::to_string(*filter.count()) +
                                   ", and must be at least 1");
  if (filter.starts_at() && !can_start_at(*filter.starts_at()))
    return model::refused_argument("the filter's starts_at is outside the years 0 to 9999");

  query_writer query;
  add_all(query, "type", filter.types(),
          [](const std::string& type) -> std::string_view { return type; });
  add_all(query, "state", filter.states(),
          [](const open_enum<activity_state>& state) { return state.str(); });
  if (filter.result()) query.add("result", filter.result()->str());
  if (filter.count()) query.add("count", std::to_string(*filter.count()));
  if (filter.starts_at()) query.add("starts_at", format_timestamp(*filter.starts_at()));
  return std::move(query).finish();
}

}  // namespace upsun::api
