#include "testing/cursor_pages.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <system_error>
#include <utility>

#include "testing/url_text.hpp"

namespace upsun::testing {
namespace {

namespace json = boost::json;

constexpr std::size_t largest_page = 100;

std::vector<std::string> between_commas(std::string_view text) {
  std::vector<std::string> found;
  for (;;) {
    const std::size_t comma = std::min(text.find(','), text.size());
    found.emplace_back(text.substr(0, comma));
    if (comma == text.size()) return found;
    text.remove_prefix(comma + 1);
  }
}

/// The text in the next brackets of a name such as `filter[status][in]`, which it loses.
std::optional<std::string> take_brackets(std::string_view& name) {
  const std::size_t end = name.find(']');
  if (!name.starts_with('[') || end == std::string_view::npos) return std::nullopt;
  std::string inner(name.substr(1, end - 1));
  name.remove_prefix(end + 1);
  return inner;
}

/// \return what is wrong
std::string read_filter(std::string_view name, const std::string& value,
                        std::span<const std::string_view> filterable, page_request& into) {
  static constexpr std::string_view ops[] = {"eq", "ne", "in", "nin", "contains", "starts", "ends"};
  std::string_view rest = name.substr(std::string_view("filter").size());
  const std::optional<std::string> field = take_brackets(rest);
  const std::string op = rest.empty() ? "eq" : take_brackets(rest).value_or("");
  if (!field || !rest.empty() ||
      std::find(filterable.begin(), filterable.end(), *field) == filterable.end() ||
      std::find(std::begin(ops), std::end(ops), op) == std::end(ops))
    return "There is no such filter: " + std::string(name);
  const bool several = op == "in" || op == "nin";
  into.filters.push_back(
      {*field, op, several ? between_commas(value) : std::vector<std::string>{value}});
  return {};
}

std::string read_page_size(const std::string& value, page_request& into) {
  const char* const end = value.data() + value.size();
  const auto [at, failure] = std::from_chars(value.data(), end, into.size);
  if (failure != std::errc() || at != end || into.size < 1 || into.size > largest_page)
    return "page[size] must be 1 to " + std::to_string(largest_page);
  return {};
}

/// One parameter; those that have no meaning here are ignored. \return what is wrong
std::string read_parameter(const std::string& name, const std::string& value,
                           std::span<const std::string_view> filterable, const opaque_ids& cursors,
                           page_request& into) {
  if (name == "page[size]") return read_page_size(value, into);
  if (name == "page[after]" || name == "page[before]") {
    const auto cursor = cursors.decode(value);
    if (!cursor) return name + " is no cursor of this list";
    (name == "page[after]" ? into.after : into.before) = *cursor;
  } else if (name.starts_with("filter[")) {
    return read_filter(name, value, filterable, into);
  }
  return {};
}

/// Calls `f` with the indices of items that match, from `i` on, until it returns false.
template <class F>
void for_matches(const page_source& source, const page_request& wanted, std::size_t i, int step,
                 F f) {
  for (; i >= source.first && i < source.last; i += static_cast<std::size_t>(step)) {
    const bool matches =
        wanted.filters.empty() ||
        std::all_of(wanted.filters.begin(), wanted.filters.end(),
                    [item = source.item(i)](const auto& each) { return each.matches(item); });
    if (matches && !f(i)) return;
  }
}

bool any_match(const page_source& source, const page_request& wanted, std::size_t i, int step) {
  bool found = false;
  for_matches(source, wanted, i, step, [&](std::size_t) {
    found = true;
    return false;
  });
  return found;
}

}  // namespace

bool item_filter::matches(const json::object& item) const {
  const json::value* member = item.if_contains(field);
  if (member == nullptr || !member->is_string()) return op == "ne" || op == "nin";
  const std::string_view text(member->get_string().data(), member->get_string().size());
  const std::string& value = values.front();
  if (op == "contains") return text.find(value) != std::string_view::npos;
  if (op == "starts") return text.starts_with(value);
  if (op == "ends") return text.ends_with(value);
  const bool found = std::find(values.begin(), values.end(), text) != values.end();
  return found == (op == "eq" || op == "in");
}

const item_filter* page_request::filter_of(std::string_view field) const {
  const auto found = std::find_if(filters.begin(), filters.end(),
                                  [&](const item_filter& each) { return each.field == field; });
  return found == filters.end() ? nullptr : &*found;
}

std::variant<page_request, std::string> read_page_request(
    std::string_view query, std::size_t usual_size, std::span<const std::string_view> filterable,
    const opaque_ids& cursors) {
  page_request made;
  made.size = usual_size;
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const auto name = percent_decoded(pair.substr(0, equals));
    const auto value = percent_decoded(pair.substr(std::min(equals + 1, pair.size())));
    if (!name || !value) return "The query is not percent-encoded";
    std::string wrong = read_parameter(*name, *value, filterable, cursors, made);
    if (!wrong.empty()) return wrong;
    if (*name != "page[after]" && *name != "page[before]")
      made.repeated.append(percent_encoded(*name) + '=' + percent_encoded(*value) + '&');
  }
  if (made.after && made.before) return "page[after] and page[before] exclude each other";
  return made;
}

item_page make_page(const page_source& source, const page_request& wanted, const std::string& path,
                    const opaque_ids& cursors) {
  item_page made;
  const auto collect = [&](std::size_t i) {
    made.shown.push_back(i);
    return made.shown.size() < wanted.size;
  };
  if (wanted.before) {
    for_matches(source, wanted, *wanted.before - 1, -1, collect);
    std::reverse(made.shown.begin(), made.shown.end());
  } else {
    for_matches(source, wanted, wanted.after ? *wanted.after + 1 : source.first, 1, collect);
  }
  if (wanted.filters.empty()) {
    made.count = source.last - source.first;
  } else {
    for_matches(source, wanted, source.first, 1, [&](std::size_t) { return ++made.count != 0; });
  }

  json::array items;
  for (const std::size_t i : made.shown) items.push_back(source.item(i));
  made.body["items"] = std::move(items);

  const std::string start = path + '?' + wanted.repeated;
  const auto href = [&](std::string_view parameter, std::size_t cursor) {
    return json::object{
        {"href", start + percent_encoded(parameter) + '=' + cursors.encode(cursor)}};
  };
  json::object links{{"self", json::object{{"href", start.substr(0, start.size() - 1)}}}};
  if (wanted.after) links["self"] = href("page[after]", *wanted.after);
  if (wanted.before) links["self"] = href("page[before]", *wanted.before);
  if (!made.shown.empty()) {
    const std::size_t first = made.shown.front();
    const std::size_t last = made.shown.back();
    if (any_match(source, wanted, first - 1, -1)) links["previous"] = href("page[before]", first);
    if (any_match(source, wanted, last + 1, 1)) links["next"] = href("page[after]", last);
  }
  made.body["_links"] = std::move(links);
  return made;
}

}  // namespace upsun::testing
