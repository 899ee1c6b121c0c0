#pragma once

#include <stdexcept>
#include <string>

#include <upsun/export.hpp>

namespace upsun {

/// Thrown for a setting that cannot be used, by the constructor of `client` and by `client_config`.
/// Neither its text nor its field holds a secret.
class UPSUN_EXPORT config_error : public std::invalid_argument {
 public:
  /// \param field the name of the setting
  /// \param problem what is wrong with it, as the rest of a sentence
  config_error(std::string field, const std::string& problem);
  /// The name of the setting, such as "pool.max_connections".
  [[nodiscard]] const std::string& field() const noexcept { return field_; }

 private:
  std::string field_;
};

}  // namespace upsun
