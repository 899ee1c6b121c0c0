#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace upsun::tool {

/// What the command line says about the members of an integration.
struct member_arguments {
  std::string from{};                ///< A JSON file, "-" for standard input; empty: none.
  std::vector<std::string> set{};    ///< NAME=VALUE
  std::vector<std::string> files{};  ///< NAME=FILE, "-" for standard input
  std::vector<std::string> env{};    ///< NAME=VARIABLE
  std::vector<std::string> unset{};  ///< NAME
};

/// One member to set.
struct member_change {
  std::string name;                  ///< `headers.X-Key` is one entry of an object.
  std::optional<std::string> value;  ///< Nothing: null.
  bool on_command_line = false;      ///< Others can see the value, so it must not be a secret.

  bool operator==(const member_change&) const = default;
};

/// The members as given on the command line, before their kind is known.
struct given_members {
  std::string document{};                ///< JSON text, not parsed yet; empty: none.
  std::vector<member_change> changes{};  ///< Replace the document's, in the order of the options.
};

/// \param standard_input what "-" reads, only once
/// \throws usage_error for an argument without `=`, a file that cannot be read, and a variable that
/// is not set
[[nodiscard]] given_members gather_members(const member_arguments& arguments,
                                           std::istream& standard_input);

}  // namespace upsun::tool
