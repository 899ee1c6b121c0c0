#pragma once

#include <boost/json/value.hpp>

#include <cstddef>
#include <iosfwd>
#include <map>
#include <string>
#include <vector>

#include <upsun/fleet.hpp>
#include <upsun/model/integration.hpp>
#include <upsun/model/timestamp.hpp>
#include <upsun/model/validation.hpp>

#include "fleet_account.hpp"

namespace upsun::tool {

/// An integration that a report names.
struct named_integration {
  std::string organization{};
  std::string project{};
  std::string title{};
  std::string id{};
  std::string kind{};
  std::string target{};
};

/// What `report` finds out about a fleet. Its size depends on organizations and kinds, and on what
/// has to be named.
struct survey {
  struct organization {
    std::string name{};
    std::string label{};
    std::size_t integrations = 0;
    std::map<std::string, std::size_t> kinds{};
  };
  struct token {
    named_integration of{};
    timestamp expires{};
    /// Whether the platform renews it.
    bool renewed = false;
  };
  struct invalid {
    named_integration of{};
    std::string why{};
  };

  timestamp now{};
  int days = 30;           ///< Tokens that expire within so many days are named.
  bool validated = false;  ///< Whether integrations were validated.
  std::map<std::string, std::size_t> kinds{};
  std::map<std::string, organization> organizations{};  ///< By their ids.
  std::vector<token> tokens{};
  std::vector<invalid> invalids{};
  std::size_t not_validated = 0;  ///< Of which there is no verdict.

  void count(const fleet_project& of, const upsun::integration& value);
  void add_invalid(const fleet_project& of, const upsun::integration& value,
                   const validation& verdict);
  /// Sorts what is named. To be called at the end.
  void finish();
};

/// One line: what the API finds wrong.
[[nodiscard]] std::string complaint_of(const validation& verdict);

/// \param width of the terminal, zero: none, or not known
void print(const survey& seen, std::ostream& out, std::size_t width);
[[nodiscard]] boost::json::value to_json(const survey& seen, const fleet_account& account);
/// A page that needs nothing else, with plots.
[[nodiscard]] std::string html_of(const survey& seen, const fleet_account& account);

/// Entries from the largest to the smallest.
[[nodiscard]] std::vector<std::pair<std::string, std::size_t>> largest_first(
    const std::map<std::string, std::size_t>& counts);

}  // namespace upsun::tool
