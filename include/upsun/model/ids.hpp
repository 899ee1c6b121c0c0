#pragma once

#include <string>
#include <utility>

namespace upsun {

namespace detail {

/// An id of a type of its own, so that the ids of a call cannot be swapped by mistake.
template <class Derived>
class text_id {
 public:
  explicit text_id(std::string id) noexcept : id_(std::move(id)) {}
  [[nodiscard]] const std::string& str() const& noexcept { return id_; }
  [[nodiscard]] std::string str() && noexcept { return std::move(id_); }
  friend bool operator==(const text_id&, const text_id&) = default;

 private:
  std::string id_;
};

}  // namespace detail

/// The id of a project. It is checked by the call: empty, `.`, `..` and control characters are
/// refused (`errc::invalid_argument`). `str()` gives its text.
class project_id : public detail::text_id<project_id> {
  using text_id::text_id;
};

/// The id of an integration within its project. Checked as `project_id`.
class integration_id : public detail::text_id<integration_id> {
  using text_id::text_id;
};

/// The id of an activity. Checked as `project_id`.
class activity_id : public detail::text_id<activity_id> {
  using text_id::text_id;
};

/// The id of an environment within its project, such as "main" or "feature/x". Checked as
/// `project_id`.
class environment_id : public detail::text_id<environment_id> {
  using text_id::text_id;
};

/// The id of a user. Checked as `project_id`.
class user_id : public detail::text_id<user_id> {
  using text_id::text_id;
};

/// The id of an organization, or its name written as `name=acme`. Checked as `project_id`.
class organization_id : public detail::text_id<organization_id> {
 public:
  using text_id::text_id;
  /// The organization of that name, such as "acme".
  [[nodiscard]] static organization_id named(const std::string& name) {
    return organization_id("name=" + name);
  }
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

/// Addresses an environment by its project and its id: `{project, id}`.
class environment_ref {
 public:
  environment_ref(project_id project, environment_id id) noexcept
      : project_(std::move(project)), id_(std::move(id)) {}
  [[nodiscard]] const project_id& project() const noexcept { return project_; }
  [[nodiscard]] const environment_id& id() const noexcept { return id_; }
  friend bool operator==(const environment_ref&, const environment_ref&) = default;

 private:
  project_id project_;
  environment_id id_;
};

/// Whose activities are meant: a project's, an environment's or an integration's. What addresses
/// one of these converts to it.
class activity_scope {
 public:
  /// What the activities belong to.
  enum class owner { project, environment, integration };

  // NOLINTBEGIN(google-explicit-constructor): each of these says whose activities are meant
  activity_scope(project_id project) noexcept : project_(std::move(project)) {}
  activity_scope(environment_ref of) : activity_scope(of.project(), of.id()) {}
  activity_scope(integration_ref of) : activity_scope(of.project(), of.id()) {}
  // NOLINTEND(google-explicit-constructor)
  activity_scope(project_id project, environment_id of) noexcept
      : project_(std::move(project)), kind_(owner::environment), id_(std::move(of).str()) {}
  activity_scope(project_id project, integration_id of) noexcept
      : project_(std::move(project)), kind_(owner::integration), id_(std::move(of).str()) {}

  [[nodiscard]] const project_id& project() const noexcept { return project_; }
  [[nodiscard]] owner kind() const noexcept { return kind_; }
  /// The id of the environment or integration; empty for a project's.
  [[nodiscard]] const std::string& id() const noexcept { return id_; }
  friend bool operator==(const activity_scope&, const activity_scope&) = default;

 private:
  project_id project_;
  owner kind_ = owner::project;
  std::string id_;
};

}  // namespace upsun
