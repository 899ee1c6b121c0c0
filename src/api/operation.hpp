#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <upsun/result.hpp>
#include <upsun/transport.hpp>

namespace upsun::api {

/// What the body of a success has to be.
enum class response_body {
  required,  ///< JSON.
  optional,  ///< JSON, or nothing.
  ignored,   ///< Anything.
};

/// One operation of the API as a value: what is sent, before any base URL, credentials or deadline.
struct operation {
  std::string_view method;           ///< Static storage.
  std::string_view path_template{};  ///< As the API's document writes it; static storage. Names the
                                     ///< operation in errors and to observers.
  std::array<std::string, 3>
      ids{};  ///< Of the template's parameters, in their order, as they stand in the path.
  std::string query{};     ///< Percent-encoded, without its question mark; empty: none.
  std::string body{};      ///< JSON, when there is one.
  bool idempotent = true;  ///< RFC 9110 section 9.2.2
  response_body expects = response_body::required;
  bool accepts_bad_request = false;  ///< A 400 is a result too, whatever its body.
  bool follows_link = false;  ///< The first id is the whole target, as a link gave it; the template
                              ///< only names the operation.
  bool shareable = true;      ///< Of a GET: its response may be shared, or come from the cache.
};

/// What is wrong with an id as one segment of a path, as the rest of a sentence that begins with
/// its name: it is empty, a dot segment, or holds a control character. Empty: nothing.
[[nodiscard]] std::string_view refuse_segment(std::string_view segment);

/// Appends `segment` percent-encoded: all but the unreserved characters of RFC 3986 section 2.3,
/// and the character `also`.
void append_segment(std::string& path, std::string_view segment, char also = '-');

/// Percent-encodes an id in place, as one segment of a path. An equals sign stays: "name=acme"
/// stands for an organization's id. \return as `refuse_segment`
[[nodiscard]] std::string_view encode_id(std::string& id);

/// The request target (RFC 9112 section 3.2.1): `prefix`, then the template with the ids in it,
/// then the query; with `room` for so many bytes more.
[[nodiscard]] std::string target_of(const operation& of, std::string_view prefix,
                                    std::size_t room = 0);

/// Whether its response may be large: a GET of anything but one resource by its id.
[[nodiscard]] constexpr bool may_be_large(const operation& of) noexcept {
  return of.method == "GET" && !of.path_template.ends_with('}');
}

/// Refuses a body in a coding that was not decoded. For `credentials` see `check_response`.
[[nodiscard]] result<void> check_coding(const http_response& response,
                                        std::string_view credentials);

/// Whether the response is a success: a 2xx with the body that is expected. Otherwise the error
/// that its status means, with the server's own message. `credentials` are those of the request, as
/// in its `Authorization` or without the scheme: an error shows nothing of the server's that
/// repeats them.
[[nodiscard]] result<void> check_response(const http_response& response, response_body expected,
                                          std::string_view credentials);
/// The same for this operation.
[[nodiscard]] result<void> check_response(const http_response& response, const operation& of,
                                          std::string_view credentials);

}  // namespace upsun::api
