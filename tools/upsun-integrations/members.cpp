#include "members.hpp"

#include <cstdlib>
#include <fstream>
#include <istream>
#include <iterator>
#include <utility>

#include "exit_status.hpp"

namespace upsun::tool {
namespace {

class sources {
 public:
  explicit sources(std::istream& standard_input) noexcept : standard_input_(standard_input) {}

  std::string read_file(const std::string& option, const std::string& path) {
    if (path == "-") {
      if (std::exchange(standard_input_read_, true))
        throw usage_error(option + ": standard input can be read only once");
      return read(standard_input_);
    }
    std::ifstream file(path, std::ios::binary);
    std::string text = read(file);
    if (!file.eof() || file.bad())
      throw usage_error(option + ": cannot read the file '" + path + "'");
    return text;
  }

 private:
  static std::string read(std::istream& in) {
    std::string text;
    for (char c = 0; in.get(c);) text += c;
    return text;
  }

  std::istream& standard_input_;
  bool standard_input_read_ = false;
};

std::pair<std::string, std::string> split(const std::string& option, const std::string& argument) {
  const std::size_t equals = argument.find('=');
  // The argument may be a secret: it is not repeated.
  if (equals == std::string::npos || equals == 0)
    throw usage_error(option + " takes NAME=" +
                      (option == "--set"        ? "VALUE"
                       : option == "--set-file" ? "FILE"
                                                : "VARIABLE"));
  return {argument.substr(0, equals), argument.substr(equals + 1)};
}

/// Drops the line break that ends a file of one line, as a shell's `$(...)` does.
std::string without_last_break(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

}  // namespace

given_members gather_members(const member_arguments& arguments, std::istream& standard_input) {
  sources read_from(standard_input);
  given_members given;
  if (!arguments.from.empty()) given.document = read_from.read_file("--from", arguments.from);
  for (const std::string& each : arguments.set) {
    auto [name, value] = split("--set", each);
    given.changes.push_back({std::move(name), std::move(value), true});
  }
  for (const std::string& each : arguments.files) {
    const auto [name, path] = split("--set-file", each);
    given.changes.push_back({name, without_last_break(read_from.read_file("--set-file", path))});
  }
  for (const std::string& each : arguments.env) {
    const auto [name, variable] = split("--set-env", each);
    const char* value =
        std::getenv(variable.c_str());  // NOLINT(concurrency-mt-unsafe): no other thread yet
    if (value == nullptr) throw usage_error("--set-env: the variable " + variable + " is not set");
    given.changes.push_back({name, value});
  }
  for (const std::string& name : arguments.unset) given.changes.push_back({name, std::nullopt});
  return given;
}

}  // namespace upsun::tool
