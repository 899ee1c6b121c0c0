#pragma once

#include <string>
#include <string_view>
#include <vector>

/// \file
/// The text of a JSON object, member by member. Of kinds that are not known the server's text is
/// shown as it came: a tree of values would change numbers, and has a limit of depth.

namespace upsun::tool {

/// A member of a JSON object, as it is written there.
struct raw_member {
  std::string_view key;  ///< With its quotes.
  std::string_view value;

  /// The key without quotes and escapes; empty when it holds an escape that is no character.
  [[nodiscard]] std::string name() const;
};

/// The members of an object, which is JSON; none of any other text.
[[nodiscard]] std::vector<raw_member> split_object(std::string_view json);

/// The string that a JSON text is, without quotes and escapes; any other text as it is.
[[nodiscard]] std::string shown_text(std::string_view json);

}  // namespace upsun::tool
