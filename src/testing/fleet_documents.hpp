#pragma once

#include <boost/json/object.hpp>

#include <cstddef>
#include <string>
#include <string_view>

#include "testing/fleet_model.hpp"

namespace upsun::testing {

/// The JSON of what stands around integrations: the user, organizations, projects, environments.
/// Each has members and links that the API's document does not name, as the API does.
class fleet_documents {
 public:
  /// \param fleet must outlive this. \param path_prefix what stands before paths in links.
  fleet_documents(const fleet_model& fleet, std::string_view path_prefix)
      : fleet_(fleet), prefix_(path_prefix) {}

  [[nodiscard]] boost::json::object user() const;
  [[nodiscard]] boost::json::object organization(std::size_t number) const;
  /// As a `ref` link gives it.
  [[nodiscard]] boost::json::object organization_reference(std::size_t number) const;
  /// As an organization lists it.
  [[nodiscard]] boost::json::object listed_project(std::size_t number) const;
  /// As a `ref` link gives it.
  [[nodiscard]] boost::json::object project_reference(std::size_t number) const;
  /// An item of `extended-access`.
  [[nodiscard]] boost::json::object project_access(std::size_t number) const;
  [[nodiscard]] boost::json::object organization_access(std::size_t number) const;
  [[nodiscard]] boost::json::object project(std::size_t number) const;
  [[nodiscard]] boost::json::object capabilities() const;
  /// \pre `environment` is less than `sandbox_fleet::environments`
  [[nodiscard]] boost::json::object environment(std::size_t project, std::size_t environment) const;

  /// The id of a project's environment, such as "feature/x".
  [[nodiscard]] static std::string environment_id(std::size_t environment);

 private:
  [[nodiscard]] boost::json::object link(const std::string& path) const;
  [[nodiscard]] boost::json::object access(std::string_view type, const std::string& id,
                                           std::size_t organization) const;
  [[nodiscard]] std::string organization_path(std::size_t number) const;

  const fleet_model& fleet_;
  const std::string_view prefix_;
};

}  // namespace upsun::testing
