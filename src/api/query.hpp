#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/operation.hpp"

namespace upsun::api {

/// Writes a query, percent-encoded.
class query_writer {
 public:
  void add(std::string_view name, std::string_view value) {
    if (!query_.empty()) query_ += '&';
    append_segment(query_, name);
    query_ += '=';
    append_segment(query_, value);
  }
  [[nodiscard]] std::string finish() && { return std::move(query_); }

 private:
  std::string query_;
};

}  // namespace upsun::api
