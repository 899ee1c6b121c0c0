#include "testing/sample_integrations.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include <upsun/model/kinds.hpp>

namespace upsun::testing {
namespace {

/// Fills members by their types and names, so that what a description gains is covered at once.
struct filler {
  std::size_t number;

  [[nodiscard]] bool leaves_out_optionals() const { return number / kind_count % 4 == 3; }

  void fill(std::string_view name, std::string& value) const {
    value = name.find("url") != name.npos ? "https://example.com/" : "";
    value.append(name).append("-").append(std::to_string(number));
  }
  void fill(std::string_view name, secret& value) const {
    value = secret("sample-" + std::string(name));
  }
  void fill(std::string_view, bool& value) const { value = number % 2 == 0; }
  void fill(std::string_view, std::int64_t& value) const {
    value = static_cast<std::int64_t>(number % 24);
  }
  void fill(std::string_view, timestamp& value) const {
    using namespace std::chrono;
    value = sys_days(2025y / January / 1) + minutes(number) + 81'312us;
  }
  template <class E>
  void fill(std::string_view, open_enum<E>& value) const {
    value = static_cast<E>(number % wire_names<E>.size());
  }
  template <class T>
  void fill(std::string_view name, std::optional<T>& value) const {
    if (!leaves_out_optionals()) fill(name, value.emplace());
  }
  template <class T>
  void fill(std::string_view name, std::vector<T>& value) const {
    value.resize(2);
    for (T& item : value) fill(name, item);
  }
  template <class T>
  void fill(std::string_view name, std::map<std::string, T>& value) const {
    for (const char* key : {"main", "staging"}) fill(name, value[key]);
  }
  template <detail::described T>
  void fill(std::string_view, T& value) const {
    boost::mp11::mp_for_each<detail::members_of<T>>(
        [&](auto member) { fill(member.name, value.*member.pointer); });
  }
};

}  // namespace

upsun::integration sample_integration(std::string id, std::size_t number) {
  const filler sample{number};
  const std::size_t kind = number % kind_count;
  upsun::integration made;
  made.id = std::move(id);
  sample.fill("created_at", made.created_at);
  sample.fill("updated_at", made.updated_at);
  made.type = kind_names[kind];
  made.role = "";
  made.settings = make_settings(kind);
  std::visit([&](auto& settings) { sample.fill("settings", settings); }, made.settings);
  return made;
}

}  // namespace upsun::testing
