#pragma once

#include <string>
#include <string_view>

#include <upsun/result.hpp>
#include <upsun/transport.hpp>

namespace upsun::api {

/// One operation of the API as a value: what is sent, before any base URL, credentials or deadline.
struct operation {
  std::string_view method;           ///< Static storage.
  std::string_view path_template{};  ///< As the API's document writes it; static storage. Names the operation in errors and to observers.
  std::string path{};                ///< Its segments percent-encoded.
  std::string body{};                ///< JSON, when there is one.
  bool idempotent = true;            ///< RFC 9110 section 9.2.2
  bool may_answer_nothing = false;   ///< A success without a body answers it too.
};

/// Whether the response answers an operation: a 2xx with a JSON body, or with none where `may_answer_nothing`. Otherwise the error its status stands for, with
/// the server's own words.
[[nodiscard]] result<void> check_answer(const http_response& response, bool may_answer_nothing = false);

}  // namespace upsun::api
