#pragma once

#include <string_view>

#include "testing/reply.hpp"

namespace upsun::testing {

// Answers in the API's own shapes.

[[nodiscard]] reply_ptr fixed_reply(int status, std::string_view content_type,
                                    std::string_view body, const header_list& headers = {});
/// `complaints`: a JSON object, by member.
[[nodiscard]] reply_ptr refuse(int status, std::string_view message, std::string_view complaints);
/// A change was accepted. `entity`: JSON, or empty when there is none any more. `activity`: JSON.
[[nodiscard]] reply_ptr accept(int status, std::string_view verb, std::string_view entity,
                               std::string_view activity);

}  // namespace upsun::testing
