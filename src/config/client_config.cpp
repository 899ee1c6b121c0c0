#include <upsun/client_config.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <limits>
#include <locale>
#include <optional>
#include <sstream>
#include <string_view>

#include "config/proxy.hpp"
#include "config/settings.hpp"

namespace upsun {
namespace {

using std::chrono::milliseconds;

/// The first of the variables that is set, and its name; set but empty counts as not set. Line
/// breaks at the end, as of a file that was read into it, are not part of the value.
std::optional<std::string> read_first(std::initializer_list<std::string> names, std::string& name) {
  for (const std::string& each : names) {
    name = each;
    // NOLINTNEXTLINE(concurrency-mt-unsafe): documented
    const char* set = std::getenv(each.c_str());
    std::string value = set != nullptr ? set : "";
    value.erase(value.find_last_not_of("\r\n") + 1);
    if (!value.empty()) return value;
  }
  return std::nullopt;
}

/// A variable by either prefix.
std::optional<std::string> read_variable(const std::string& name, std::string& full_name) {
  return read_first({"UPSUN_" + name, "PLATFORMSH_" + name}, full_name);
}

/// The rules of a `NO_PROXY` that can be understood; it was written for other programs too.
void append_bypass(std::vector<std::string>& rules, std::string_view list) {
  constexpr std::string_view separators = ", \t";
  for (;;) {
    list.remove_prefix(std::min(list.find_first_not_of(separators), list.size()));
    if (list.empty()) return;
    const std::string_view rule = list.substr(0, list.find_first_of(separators));
    if (!config::refuse_bypass_rule(rule)) rules.emplace_back(rule);
    list.remove_prefix(rule.size());
  }
}

/// NaN when the text is not a number.
double read_number(const std::string& text) {
  std::istringstream stream(text);  // libc++ has no `from_chars` for it yet
  stream.imbue(std::locale::classic());
  double value = 0;
  const bool whole = (stream >> std::noskipws >> value) && stream.peek() == EOF;
  return whole ? value : std::numeric_limits<double>::quiet_NaN();
}

proxy_options proxy_of_environment() {
  proxy_options proxy;
  std::string name;
  auto url = read_first({"HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"}, name);
  if (!url) return proxy;
  if (url->find("://") == std::string::npos) url->insert(0, "http://");
  proxy.url = secret(std::move(*url));
  proxy.variable = name;
  proxy.bypass = {"localhost", "127.0.0.0/8", "::1"};
  if (const auto list = read_first({"NO_PROXY", "no_proxy"}, name))
    append_bypass(proxy.bypass, *list);
  return proxy;
}

}  // namespace

void client_config::validate() const { (void)config::make_settings(*this); }

client_config client_config::from_environment() {
  client_config config;
  std::string name;
  if (auto url = read_variable("API_URL", name)) config.base_url = std::move(*url);
  if (const auto seconds = read_variable("DEFAULT_TIMEOUT", name)) {
    const double value = read_number(*seconds);
    if (!(value >= 0.001 && value <= 86'400)) {
      throw config_error("timeouts.total",
                         name + " must be a number of seconds from 0.001 to 86400");
    }
    config.timeouts.total = milliseconds(static_cast<std::int64_t>(value * 1000));
  }
  const auto check = [&name](const std::optional<std::string>& problem) {
    if (problem) throw config_error("credentials", "the value of " + name + " " + *problem);
  };
  if (auto token = read_variable("ACCESS_TOKEN", name)) {
    check(config::refuse_bearer_token(*token));
    config.credentials = bearer_token(std::move(*token));
  } else if (auto exchanged = read_variable("CLI_TOKEN", name)) {
    check(config::refuse_api_token(*exchanged));
    auto url = read_variable("AUTH_URL", name);
    config.credentials =
        url ? api_token(std::move(*exchanged), std::move(*url)) : api_token(std::move(*exchanged));
  }
  config.proxy = proxy_of_environment();
  return config;
}

}  // namespace upsun
