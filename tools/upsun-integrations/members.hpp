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

struct member_change {
  std::string name;                  ///< `headers.X-Key` is one entry of an object.
  std::optional<std::string> value;  ///< Nothing: null.
  bool on_command_line = false;      ///< Where others can see it, so it must be no secret.

  bool operator==(const member_change&) const = default;
};

/// The members as they were given, before the kind that gives them a meaning is known.
struct given_members {
  std::string document{};                ///< JSON text, not looked at yet; empty: none.
  std::vector<member_change> changes{};  ///< What goes over it, from the options in that order.
};

/// \param standard_input what "-" reads; only once.
/// \throws usage_error for what has no `=`, a file that cannot be read, and a variable that is not
/// set.
[[nodiscard]] given_members gather_members(const member_arguments& arguments,
                                           std::istream& standard_input);

}  // namespace upsun::tool
