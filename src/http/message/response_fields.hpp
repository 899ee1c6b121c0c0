#pragma once

#include <boost/beast/http/field.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>

#include <upsun/transport.hpp>

namespace upsun::http {

/// Keeps of the fields of a response's head what the client reads, whatever version of HTTP they
/// came by. Of a field that may come only once the first counts.
class response_fields {
 public:
  /// \param into  filled in; outlives this
  /// \param validators  whether `etag` and `no_store` are read
  response_fields(http_response& into, bool validators) : into_(into), validators_(validators) {}

  /// One field, without white space around its value. After the status.
  void take(boost::beast::http::field known, std::string_view name, std::string_view value);
  /// The head is complete.
  void end();

 private:
  http_response& into_;
  const bool validators_;
  bool has_content_type_ = false;
  bool has_etag_ = false;
  std::optional<std::chrono::sys_seconds>
      retry_at_;  // a Retry-After that was a date, counted from Date once the head is complete
  std::array<char, 40> date_{};
  std::size_t date_size_ = 0;
};

}  // namespace upsun::http
