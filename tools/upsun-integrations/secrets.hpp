#pragma once

#include <upsun/model/integration.hpp>

namespace upsun::tool {

/// The integration with `***` in place of every secret. Which members of an unknown kind are secret
/// is not known, so all that the kind adds are hidden.
[[nodiscard]] integration hide_secrets(integration value);

}  // namespace upsun::tool
