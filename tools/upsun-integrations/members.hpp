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

/// The members as given on the command line, before their kind is known.
struct given_members {
  std::string document{};  ///< JSON text, not parsed yet; empty: none.
  /// Names and values that replace the document's, in the order of the options above; no value
  /// means null. A name such as `headers.X-Key` sets one entry of an object.
  std::vector<std::pair<std::string, std::optional<std::string>>> changes{};
};

/// \param standard_input what "-" reads, only once
/// \throws usage_error for an argument without `=`, a file that cannot be read, and a variable that
/// is not set
[[nodiscard]] given_members gather_members(const member_arguments& arguments,
                                           std::istream& standard_input);

}  // namespace upsun::tool
