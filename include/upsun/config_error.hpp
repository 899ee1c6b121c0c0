#pragma once

#include <stdexcept>
#include <string>

#include <upsun/export.hpp>

namespace upsun {

/// Thrown for a setting that cannot be used. `field()` names it, as in "pool.max_connections".
class UPSUN_EXPORT config_error : public std::invalid_argument {
 public:
  config_error(std::string field, const std::string& problem);
  [[nodiscard]] const std::string& field() const noexcept { return field_; }

 private:
  std::string field_;
};

}  // namespace upsun
