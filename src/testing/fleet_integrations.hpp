#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "testing/fleet_model.hpp"

namespace upsun::testing {

/// The JSON of the integrations of a fleet's projects. Each kind is encoded once; what differs from
/// project to project is then put between the parts. Immutable. Thread safety: every member, from
/// any thread.
class fleet_integrations {
 public:
  /// \param fleet must outlive this. \param path_prefix what stands before `/projects` in links.
  /// \param region where `self` leads: a scheme and an authority
  fleet_integrations(const fleet_model& fleet, std::string path_prefix, std::string region);

  /// One integration with its links.
  [[nodiscard]] std::string integration(std::size_t project, std::size_t number) const;
  /// The array of a project's, with the element that is none where the project is broken.
  [[nodiscard]] std::string list(std::size_t project) const;
  /// The element of a broken project's list that is no integration.
  static constexpr std::string_view broken_element =
      R"({"id":null,"error":"The integration could not be loaded."})";

 private:
  enum class slot { none, path, id, region, organization, slug, created, updated, expiry };
  struct part {
    std::string text;
    slot then = slot::none;
  };
  using parts = std::vector<part>;
  /// What a project's integrations have in common.
  struct of_project {
    std::string path;
    std::string organization;
    std::string slug;
  };

  [[nodiscard]] static parts parted(std::string_view text);
  [[nodiscard]] of_project project_values(std::size_t project) const;
  void append(std::string& to, const of_project& of, std::size_t project, std::size_t number) const;

  const fleet_model& fleet_;
  const std::string path_prefix_;
  const std::string region_;
  std::vector<parts> kinds_;  // by the index in `fleet_kinds`
};

}  // namespace upsun::testing
