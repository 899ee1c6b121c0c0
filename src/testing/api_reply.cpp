#include "testing/api_reply.hpp"

#include <memory>
#include <string>

namespace upsun::testing {

reply_ptr fixed_reply(int status, std::string_view content_type, std::string_view body,
                      const header_list& headers) {
  return std::make_shared<const reply>(make_reply(status, content_type, body, headers));
}

reply_ptr refuse(int status, std::string_view message, std::string_view complaints) {
  std::string body = R"({"status":"error","code":)" + std::to_string(status);
  body.append(R"(,"message":")")
      .append(message)
      .append(R"(","detail":)")
      .append(complaints)
      .append("}");
  return fixed_reply(status, "application/json", body);
}

reply_ptr accept(int status, std::string_view verb, std::string_view entity,
                 std::string_view activity) {
  std::string body(R"({"status":")");
  body.append(verb)
      .append(R"(","code":)")
      .append(std::to_string(status))
      .append(R"(,"_embedded":{)");
  if (!entity.empty()) body.append(R"("entity":)").append(entity).append(",");
  body.append(R"("activities":[)").append(activity).append("]}}");
  return fixed_reply(status, "application/hal+json; charset=utf-8", body);
}

}  // namespace upsun::testing
