#pragma once

#include <upsun/model/integration.hpp>

namespace upsun::tool {

/// The same integration with `***` in place of every secret. Of an unknown kind nobody can say
/// which members are secret, so that all of its own are hidden.
[[nodiscard]] integration hide_secrets(integration value);

}  // namespace upsun::tool
