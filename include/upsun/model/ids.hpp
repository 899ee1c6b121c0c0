#pragma once

#include <string>
#include <utility>

namespace upsun {

/// The id of a project. A type of its own, so that the ids of a call cannot be swapped by mistake.
/// It is checked by the call: empty, `.`, `..` and control characters are refused
/// (`errc::invalid_argument`).
class project_id {
 public:
  explicit project_id(std::string id) noexcept : id_(std::move(id)) {}
  [[nodiscard]] const std::string& str() const& noexcept { return id_; }
  [[nodiscard]] std::string str() && noexcept { return std::move(id_); }
  friend bool operator==(const project_id&, const project_id&) = default;

 private:
  std::string id_;
};

/// The id of an integration within its project. Checked as `project_id`.
class integration_id {
 public:
  explicit integration_id(std::string id) noexcept : id_(std::move(id)) {}
  [[nodiscard]] const std::string& str() const& noexcept { return id_; }
  [[nodiscard]] std::string str() && noexcept { return std::move(id_); }
  friend bool operator==(const integration_id&, const integration_id&) = default;

 private:
  std::string id_;
};

/// The id of an activity of an integration. Checked as `project_id`.
class activity_id {
 public:
  explicit activity_id(std::string id) noexcept : id_(std::move(id)) {}
  [[nodiscard]] const std::string& str() const& noexcept { return id_; }
  [[nodiscard]] std::string str() && noexcept { return std::move(id_); }
  friend bool operator==(const activity_id&, const activity_id&) = default;

 private:
  std::string id_;
};

/// Addresses an integration by its project and its id: `{project, id}`.
class integration_ref {
 public:
  integration_ref(project_id project, integration_id id) noexcept
      : project_(std::move(project)), id_(std::move(id)) {}
  [[nodiscard]] const project_id& project() const& noexcept { return project_; }
  [[nodiscard]] project_id project() && noexcept { return std::move(project_); }
  [[nodiscard]] const integration_id& id() const& noexcept { return id_; }
  [[nodiscard]] integration_id id() && noexcept { return std::move(id_); }
  friend bool operator==(const integration_ref&, const integration_ref&) = default;

 private:
  project_id project_;
  integration_id id_;
};

}  // namespace upsun
