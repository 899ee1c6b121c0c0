#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include <upsun/error.hpp>
#include <upsun/model/accepted_change.hpp>
#include <upsun/model/integration.hpp>
#include <upsun/result.hpp>

#include "exit_status.hpp"

namespace upsun::tool {

/// Where results and errors go: tables for people, or one JSON document. Hides secrets unless told otherwise. Returns what the program is to end with.
class output {
 public:
  output(bool json, bool show_secrets, std::ostream& results, std::ostream& errors)
      : json_(json), show_secrets_(show_secrets), results_(results), errors_(errors) {}

  exit_status print(const integration& value);
  /// In their order. An element that is an error goes to the errors, too, after its name.
  /// \param names of the elements; none: their numbers
  exit_status print(const std::vector<result<integration>>& values, const std::vector<std::string>& names = {});
  /// \param verb what was done, such as "created"
  exit_status print(const accepted_change& change, const std::string& verb, const std::string& id);
  exit_status print_kinds();
  exit_status print_members(std::size_t kind);

  /// \param what failed, for people; empty: the command
  exit_status fail(const error& failure, const std::string& what = {});
  exit_status fail(const usage_error& failure);
  /// Any other, by its text.
  exit_status fail(exit_status status, const std::string& message);

  /// A line for people beside the results, on the errors' side. Nothing with JSON.
  void note(const std::string& text);

 private:
  [[nodiscard]] integration shown(const integration& value) const;

  bool json_;
  bool show_secrets_;
  std::ostream& results_;
  std::ostream& errors_;
};

}  // namespace upsun::tool
