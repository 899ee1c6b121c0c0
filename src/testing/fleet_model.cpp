#include "testing/fleet_model.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <utility>

namespace upsun::testing {
namespace {

using namespace std::chrono_literals;

/// Different things of one number have nothing to do with each other.
enum topic : std::uint64_t {
  organizations_topic = 1,
  projects_topic,
  integrations_topic,
  users_topic,
  age_topic,
  region_topic,
  count_topic,
  kind_topic,
  expiry_topic,
};

constexpr std::string_view name_words[] = {"alder",  "birch", "cedar", "dogwood", "elm",   "fir",
                                           "ginkgo", "hazel", "ivy",   "juniper", "larch", "maple",
                                           "oak",    "pine",  "rowan", "willow"};
constexpr std::string_view firms[] = {"Studio", "& Sons",   "Publishing", "Foods",
                                      "Média",  "\"Labs\"", "AG"};
// Some are awkward in a table, in CSV and in HTML.
constexpr std::string_view sites[] = {"Storefront",   "Blog",        "Intranet",
                                      "API",          "Docs \"v2\"", "Newsroom, archived",
                                      "R&D <beta>",   "Campaign",    "Größenberater",
                                      "Checkout",     "Search",      "Landing Page",
                                      "Shop 日本",    "Data Feed",   "Customer Portal",
                                      "Résumé Wizard"};
constexpr std::string_view site_slugs[] = {
    "storefront", "blog",     "intranet", "api",     "docs",    "newsroom", "research", "campaign",
    "sizes",      "checkout", "search",   "landing", "shop-jp", "feed",     "portal",   "resume"};
static_assert(std::size(sites) == std::size(site_slugs));
constexpr std::string_view regions[] = {"eu-5.platform.sh", "us-4.platform.sh", "ca-1.platform.sh",
                                        "au-2.platform.sh"};
constexpr timestamp oldest = std::chrono::sys_days(2023y / 1 / 1) + 81'312us;
constexpr std::uint64_t two_years = 63'072'000;          // seconds
constexpr std::size_t numbers_of_integrations = 65'536;  // of one project

bool strikes(std::size_t every, std::size_t number) noexcept {
  return every != 0 && (number + 1) % every == 0;
}

/// Words come again with a number.
std::string with_round(std::string word, std::size_t round, char between) {
  return round == 0 ? word : word + between + std::to_string(round + 1);
}

std::string capitalized(std::string_view word) {
  std::string text(word);
  text.front() = static_cast<char>(text.front() - 'a' + 'A');
  return text;
}

void check_range(const char* name, std::size_t value, std::size_t least, std::size_t most) {
  if (value < least || value > most)
    throw std::invalid_argument("sandbox_fleet::" + std::string(name) + " is " +
                                std::to_string(value) + ", and must be " + std::to_string(least) +
                                " to " + std::to_string(most));
}

}  // namespace

fleet_model::fleet_model(const sandbox_fleet& options, timestamp born)
    : options_(options),
      born_(born),
      organization_ids_(chance(organizations_topic, 0), opaque_ids::crockford),
      project_ids_(chance(projects_topic, 0)),
      integration_ids_(chance(integrations_topic, 0)) {
  check_range("organizations", options.organizations, 0, 1'000'000);
  check_range("projects", options.projects, 0, 1'000'000'000);
  check_range("integrations", options.integrations, 0, 10'000);
  check_range("environments", options.environments, 0, 1'000);
  check_range("shared_projects", options.shared_projects, 0, 1'000'000'000);
  check_range("page_size", options.page_size, 1, 100);
  if (options.throttle_seconds < 0s)
    throw std::invalid_argument("sandbox_fleet::throttle_seconds is negative");
  if (options.organizations == 0) options_.projects = options_.shared_projects = 0;
  foreign_ = (options_.shared_projects + 9) / 10;
  for (std::size_t of = own_organizations(); of-- > 0;) {  // the last whose projects are listed
    if (hides_projects(of)) continue;
    access_end_ = first_project(of + 1);
    own_in_access_ = std::min(options_.shared_projects / 4, access_end_ - first_project(of));
    break;
  }
}

fleet_model::fleet_model(std::vector<std::string> project_ids, const sandbox_fleet& options,
                         timestamp born)
    : fleet_model({.organizations = 1,
                   .projects = project_ids.size(),
                   .environments = options.environments,
                   .page_size = options.page_size,
                   .seed = options.seed,
                   .absolute_links = options.absolute_links},
                  born) {
  names_ = std::move(project_ids);
}

std::uint64_t fleet_model::chance(std::uint64_t of, std::uint64_t number) const noexcept {
  return mixed(mixed(options_.seed, of), number);
}

std::string fleet_model::uuid_of(std::uint64_t number) const {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string text = "xxxxxxxx-xxxx-4xxx-axxx-xxxxxxxxxxxx";
  std::size_t drawn = 0;
  for (char& c : text) {
    if (c != 'x') continue;
    c = digits[chance(users_topic, number * 32 + drawn++) % 16];
  }
  return text;
}

/// A ULID: 48 bits of time, then chance, whose last part is the number.
std::string fleet_model::organization_id(std::size_t organization) const {
  auto time =
      static_cast<std::uint64_t>(organization_created(organization).time_since_epoch() / 1ms);
  std::uint64_t salt = chance(organizations_topic, organization);
  std::string id(26, ' ');
  for (std::size_t i = 10; i-- > 0; time /= 32) id[i] = opaque_ids::crockford[time % 32];
  for (std::size_t i = 10; i < 13; ++i, salt /= 32) id[i] = opaque_ids::crockford[salt % 32];
  return id.replace(13, 13, organization_ids_.encode(organization));
}

std::optional<std::size_t> fleet_model::find_organization(std::string_view text) const {
  constexpr std::string_view by_name = "name=";
  const std::size_t all = own_organizations() + 1 + foreign_;
  if (text.starts_with(by_name)) {
    text.remove_prefix(by_name.size());
    const std::size_t dash = std::min(text.find('-'), text.size());
    const auto* const word =
        std::find(std::begin(name_words), std::end(name_words), text.substr(0, dash));
    std::size_t round = 1;
    if (dash < text.size())
      std::from_chars(text.data() + dash + 1, text.data() + text.size(), round);
    const auto found = static_cast<std::size_t>(word - std::begin(name_words)) +
                       (round - 1) * std::size(name_words);
    if (word == std::end(name_words) || found >= all || organization_name(found) != text)
      return std::nullopt;
    return found;
  }
  if (text.size() != 26) return std::nullopt;
  const auto found = organization_ids_.decode(text.substr(13));
  if (!found || *found >= all || organization_id(*found) != text) return std::nullopt;
  return *found;
}

std::string fleet_model::organization_name(std::size_t organization) const {
  return with_round(std::string(name_words[organization % std::size(name_words)]),
                    organization / std::size(name_words), '-');
}

std::string fleet_model::organization_label(std::size_t organization) const {
  return with_round(capitalized(name_words[organization % std::size(name_words)]) + ' ' +
                        std::string(firms[organization % std::size(firms)]),
                    organization / std::size(name_words), ' ');
}

std::string_view fleet_model::organization_status(std::size_t organization) const {
  if (organization == deleted_organization()) return "deleted";
  if (strikes(11, organization)) return "suspended";
  return strikes(7, organization) ? "restricted" : "active";
}

std::string fleet_model::owner_of(std::size_t organization) const {
  return is_foreign(organization) || organization % 3 == 2 ? uuid_of(organization + 1) : user_id();
}

timestamp fleet_model::organization_created(std::size_t organization) const noexcept {
  return oldest + std::chrono::seconds(chance(age_topic, ~organization) % two_years);
}

bool fleet_model::hides_projects(std::size_t organization) const noexcept {
  return strikes(options_.forbidden_organizations_every, organization);
}

std::size_t fleet_model::first_project(std::size_t organization) const noexcept {
  const std::size_t all = own_organizations();
  if (organization >= all) return options_.projects;
  return options_.projects * organization / all * organization / all;
}

std::size_t fleet_model::organization_of(std::size_t project) const noexcept {
  if (project >= options_.projects)
    return own_organizations() + 1 + (project - options_.projects) % foreign_;
  std::size_t first = 0;
  for (std::size_t count = own_organizations(); count > 1;) {  // the last that begins there
    const std::size_t half = count / 2;
    if (first_project(first + half) <= project) first += half;
    count -= half;
  }
  return first;
}

std::string fleet_model::project_id(std::size_t project) const {
  return names_.empty() ? project_ids_.encode(project) : names_[project];
}

std::optional<std::size_t> fleet_model::find_project(std::string_view id) const {
  if (!names_.empty()) {
    const auto found = std::find(names_.begin(), names_.end(), id);
    if (found == names_.end()) return std::nullopt;
    return static_cast<std::size_t>(found - names_.begin());
  }
  const auto found = project_ids_.decode(id);
  if (!found || *found >= projects()) return std::nullopt;
  return *found;
}

std::string fleet_model::title(std::size_t project) const {
  const std::size_t of = organization_of(project);
  const std::size_t nth =
      is_foreign(of) ? (project - options_.projects) / foreign_ : project - first_project(of);
  return with_round(capitalized(name_words[of % std::size(name_words)]) + ' ' +
                        std::string(sites[(nth + of) % std::size(sites)]),
                    nth / std::size(sites), ' ');
}

std::string fleet_model::slug(std::size_t project) const {
  return std::string(site_slugs[project % std::size(site_slugs)]) + '-' + std::to_string(project);
}

std::string_view fleet_model::region(std::size_t project) const noexcept {
  return regions[chance(region_topic, project) % std::size(regions)];
}

project_state fleet_model::state(std::size_t project) const noexcept {
  if (strikes(options_.missing_every, project)) return project_state::missing;
  if (strikes(options_.suspended_every, project)) return project_state::suspended;
  if (strikes(options_.forbidden_every, project)) return project_state::forbidden;
  return project_state::readable;
}

timestamp fleet_model::created(std::size_t project) const noexcept {
  return oldest + std::chrono::seconds(chance(age_topic, project) % two_years);
}

std::size_t fleet_model::integrations(std::size_t project) const noexcept {
  return chance(count_topic, project) % (2 * options_.integrations + 1);
}

bool fleet_model::is_broken(std::size_t project) const noexcept {
  return strikes(options_.broken_every, project);
}

std::string fleet_model::integration_id(std::size_t project, std::size_t number) const {
  return integration_ids_.encode(project * numbers_of_integrations + number);
}

std::optional<std::size_t> fleet_model::find_integration(std::size_t project,
                                                         std::string_view id) const {
  const auto found = integration_ids_.decode(id);
  if (!found || *found / numbers_of_integrations != project) return std::nullopt;
  const std::size_t number = *found % numbers_of_integrations;
  if (number >= integrations(project)) return std::nullopt;
  return number;
}

std::size_t fleet_model::kind(std::size_t project, std::size_t number) const noexcept {
  return (chance(kind_topic, project) % std::size(fleet_kinds) + number) % std::size(fleet_kinds);
}

bool fleet_model::is_invalid(std::size_t project, std::size_t number) const noexcept {
  return strikes(options_.invalid_every, project + number);
}

std::optional<timestamp> fleet_model::token_expiry(std::size_t project,
                                                   std::size_t number) const noexcept {
  if (fleet_kinds[kind(project, number)] != "gitlab") return std::nullopt;
  const std::uint64_t chosen = chance(expiry_topic, project * numbers_of_integrations + number);
  if (chosen % 5 == 0) return std::nullopt;
  return born_ + std::chrono::hours(chosen / 5 % (60 * 24)) - 72h;  // some have expired
}

sandbox_fleet_account fleet_model::account() const {
  sandbox_fleet_account made;
  kind_counts kinds{};
  made.organizations = own_organizations();
  for (std::size_t of = 0; of < own_organizations(); ++of) {
    if (hides_projects(of)) {
      made.forbidden_organizations.push_back(organization_id(of));
      continue;
    }
    made.projects += first_project(of + 1) - first_project(of);
    for (std::size_t p = first_project(of); p < first_project(of + 1); ++p)
      add_project(made, kinds, p);
  }
  made.shared_projects = options_.shared_projects;
  for (std::size_t p = options_.projects; p < projects(); ++p) add_project(made, kinds, p);
  for (std::size_t index = 0; index < kinds.size(); ++index) {
    if (kinds[index] != 0) made.by_kind[std::string(fleet_kinds[index])] += kinds[index];
  }
  std::sort(made.token_expiries.begin(), made.token_expiries.end());
  return made;
}

void fleet_model::add_project(sandbox_fleet_account& to, kind_counts& kinds,
                              std::size_t project) const {
  switch (state(project)) {
    case project_state::forbidden: to.forbidden.push_back(project_id(project)); return;
    case project_state::missing: to.missing.push_back(project_id(project)); return;
    case project_state::suspended: to.suspended.push_back(project_id(project)); return;
    case project_state::readable: break;
  }
  const std::size_t count = integrations(project);
  to.integrations += count;
  if (count != 0) to.by_organization[organization_id(organization_of(project))] += count;
  if (is_broken(project)) ++to.broken;
  for (std::size_t i = 0; i < count; ++i) {
    ++kinds[kind(project, i)];
    if (is_invalid(project, i)) ++to.invalid;
    if (const auto expiry = token_expiry(project, i)) to.token_expiries.push_back(*expiry);
  }
}

}  // namespace upsun::testing
