#include "api/challenge.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include "util/ascii.hpp"

namespace upsun::api {
namespace {

/// Reads a list of challenges from left to right.
class challenge_reader {
 public:
  explicit challenge_reader(std::string_view text) noexcept : rest_(text) {}

  [[nodiscard]] bool done() const noexcept { return rest_.empty(); }
  void skip(std::string_view characters) {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(characters), rest_.size()));
  }
  [[nodiscard]] bool at(char c) const noexcept { return rest_.starts_with(c); }

  /// A token (RFC 9110 section 5.6.2); empty when none begins here.
  std::string_view token() {
    constexpr std::string_view characters =
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    const std::string_view taken = rest_.substr(0, rest_.find_first_not_of(characters));
    rest_.remove_prefix(taken.size());
    return taken;
  }

  /// A token or a quoted string (section 5.6.4); nothing when a quotation does not end.
  std::optional<std::string> value() {
    if (!at('"')) return std::string(token());
    std::string text;
    for (std::size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == '"') {
        rest_.remove_prefix(i + 1);
        return text;
      }
      if (rest_[i] == '\\' && i + 1 < rest_.size()) ++i;
      text += rest_[i];
    }
    return std::nullopt;
  }

  void skip_to_comma() { rest_.remove_prefix(std::min(rest_.find(','), rest_.size())); }

 private:
  std::string_view rest_;
};

}  // namespace

bool is_step_up(std::string_view www_authenticate) {
  constexpr std::string_view blank = " \t";
  challenge_reader in(www_authenticate);
  bool bearer = false;
  for (in.skip(" \t,"); !in.done(); in.skip(" \t,")) {
    const std::string_view word = in.token();
    in.skip(blank);
    if (!in.at('=')) {  // a scheme, since every parameter has a value; or garbage
      bearer = util::equal_ignoring_case(word, "Bearer");
      if (word.empty()) in.skip_to_comma();
      continue;
    }
    in.skip("=");  // more than one end a token68, which has no value then
    in.skip(blank);
    const auto value = in.value();
    if (!value) return false;
    if (bearer && util::equal_ignoring_case(word, "error") &&
        *value == "insufficient_user_authentication")
      return true;
  }
  return false;
}

}  // namespace upsun::api
