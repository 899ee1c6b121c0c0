#pragma once

#include <ostream>
#include <type_traits>
#include <utility>

#include <upsun/model/described.hpp>
#include <upsun/model/field.hpp>

namespace upsun {

/// The base of every input and patch: members that are absent until their setter is called.
/// `Fields` describes them for encoding, comparing and printing.
///
/// Setters return the object, so that they can be chained:
/// `github_patch().repository("acme/shop").base_url(nullptr)`. Those of members that can be null
/// take null. Inputs and patches are classes, not aggregates: temporaries are safe beside
/// `co_await`.
///
/// Thread safety: as a `std::string`.
template <class Self, detail::described Fields>
class request_members {
 public:
  /// The members, each a `field`.
  using fields_type = Fields;

  /// The members, as they were set.
  [[nodiscard]] const Fields& fields() const noexcept { return fields_; }

  /// Sets a member by a pointer to it, for programs that iterate over the members, such as a form
  /// or a command line. Unlike the named setters it takes null for every member; the server refuses
  /// null for those that cannot be null.
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

/// A change of an integration of one kind. What was set is sent; everything else stays as it is.
/// The kind is not part of it, since it cannot change.
template <template <class> class Members>
class patch final : public Members<patch<Members>> {
 public:
  /// A patch that changes nothing.
  patch() = default;
};

}  // namespace upsun
