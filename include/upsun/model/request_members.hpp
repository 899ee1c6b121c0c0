#pragma once

#include <ostream>
#include <type_traits>
#include <utility>

#include <upsun/model/described.hpp>
#include <upsun/model/field.hpp>

namespace upsun {

/// What every input and patch is: a set of members, each absent until its setter is called.
/// `Fields` describes them once; encoding, comparing and printing follow that description. Setters
/// return the object itself, so that they chain:
/// `github_patch().repository("acme/shop").base_url(nullptr)`. Only members that can be null take
/// null. Classes, not aggregates: temporaries are safe beside `co_await`. Thread safety: as a
/// `std::string`.
template <class Self, detail::described Fields>
class request_members {
 public:
  using fields_type = Fields;

  /// The members, as they are set.
  [[nodiscard]] const Fields& fields() const noexcept { return fields_; }

  /// Sets the member that a pointer into `fields_type` names, for programs that go over the
  /// description of the members, such as a form or a command line. Unlike the named setters it
  /// takes null for every member: the server then refuses what cannot be null.
  template <class Owner, class T>
  Self& set(field<T> Owner::*member, std::type_identity_t<field<T>> value) {
    fields_.*member = std::move(value);
    return static_cast<Self&>(*this);
  }

  friend bool operator==(const request_members& a, const request_members& b) {
    return a.fields_ == b.fields_;
  }
  /// Prints the members that are set on one line: secrets as `[redacted]`, text quoted.
  friend std::ostream& operator<<(std::ostream& out, const request_members& members) {
    return out << members.fields_;
  }

 protected:
  request_members() = default;

 private:
  Fields fields_;
};

/// A change of an integration whose members `Members` has: only what is set is sent, and everything
/// else stays as it is. Never holds the kind, which cannot change.
template <template <class> class Members>
class patch final : public Members<patch<Members>> {
 public:
  /// Changes nothing.
  patch() = default;
};

}  // namespace upsun
