#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace upsun::testing {

class log_reader;

/// A whole HTTP/1.1 response, ready to be sent.
struct reply {
  std::string text;         ///< Head and body.
  std::size_t body_at = 0;  ///< Where the body begins.
  std::shared_ptr<log_reader>
      stream{};  ///< If set, what follows as chunks, as it comes: then `text` is the head.
};
using reply_ptr = std::shared_ptr<const reply>;
using header_list = std::vector<std::pair<std::string, std::string>>;

/// \param content_type left out when empty, as Content-Length is for a status that has no body.
[[nodiscard]] reply make_reply(int status, std::string_view content_type, std::string_view body,
                               const header_list& headers = {});
/// The head of a stream of lines of JSON, chunked, which ends with its connection.
[[nodiscard]] reply make_stream(std::shared_ptr<log_reader> stream);
/// The same with one more header.
[[nodiscard]] reply with_header(const reply& original, std::string_view name,
                                std::string_view value);
/// The same as the response to a HEAD.
[[nodiscard]] reply without_body(const reply& original);
/// The same, claiming a body longer by `excess`.
[[nodiscard]] reply with_excess_length(const reply& original, std::size_t excess);
/// The same with so many bytes more in its head, at most 16 MiB, in fields of up to 1,000.
[[nodiscard]] reply with_longer_head(const reply& original, std::size_t bytes);
/// The head as HTTP/2 has it: `:status` first, without the fields that concern a connection (RFC
/// 9113 section 8.2.2). nghttp2 puts the names into lower case.
[[nodiscard]] header_list http2_head(const reply& original);

[[nodiscard]] reply_ptr json_reply(int status, std::string_view body,
                                   const header_list& headers = {});

// Responses in the API's own shapes.

[[nodiscard]] reply_ptr fixed_reply(int status, std::string_view content_type,
                                    std::string_view body, const header_list& headers = {});
/// `complaints`: a JSON object, by member.
/// The response to a request that cannot be read to its end.
[[nodiscard]] reply refuse_unread(int status, std::string_view message);
[[nodiscard]] reply_ptr refuse(int status, std::string_view message, std::string_view complaints);
/// A change was accepted. `entity`: JSON, or empty when there is none any more. `activity`: JSON.
[[nodiscard]] reply_ptr accept(int status, std::string_view verb, std::string_view entity,
                               std::string_view activity);

}  // namespace upsun::testing
