#include <upsun/config_error.hpp>

#include <utility>

namespace upsun {

config_error::config_error(std::string field, const std::string& problem)
    : std::invalid_argument(field + ": " + problem), field_(std::move(field)) {}

}  // namespace upsun
