#pragma once

#include <string_view>

#include <upsun/model/blackfire_settings.hpp>
#include <upsun/model/request_members.hpp>

namespace upsun {

/// Members of requests for Blackfire integrations: none but the kind.
struct blackfire_fields {
  static constexpr std::string_view kind = blackfire_settings::kind;
};
BOOST_DESCRIBE_STRUCT(blackfire_fields, (), ())

/// Setters of a Blackfire integration: none.
template <class Self>
class blackfire_members : public request_members<Self, blackfire_fields> {};

/// Creates an integration with Blackfire.
class blackfire_input final : public blackfire_members<blackfire_input> {
 public:
  blackfire_input() = default;
};
using blackfire_patch = patch<blackfire_members>;

}  // namespace upsun
