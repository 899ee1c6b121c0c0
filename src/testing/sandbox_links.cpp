#include "testing/sandbox_links.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <memory>
#include <variant>

#include "testing/requested_change.hpp"

namespace upsun::testing {
void sandbox_links::set_validation(const std::string& project, const std::string& id,
                                   const std::vector<field_error>& problems) {
  boost::json::object complaints;
  for (const field_error& each : problems) complaints[each.field] = each.message;
  const std::lock_guard lock(mutex_);
  verdicts_[{project, id}] = problems.empty() ? std::string() : boost::json::serialize(complaints);
}

reply_ptr sandbox_links::validate(const std::string& project, const std::string& id,
                                  const std::optional<upsun::integration>& value) const {
  std::string complaints;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = verdicts_.find({project, id}); found != verdicts_.end()) {
      complaints = found->second;
    } else if (value && !std::holds_alternative<unknown_settings>(value->settings)) {
      complaints = complaints_about(*value);
    }
  }
  if (complaints.empty()) return json_reply(200, R"({"status":"ok","code":200})");
  return json_reply(
      400, R"({"status":"error","code":400,"message":"The integration is not valid.","detail":)" +
               complaints + "}");
}

reply_ptr sandbox_links::take_hook(const std::string& project, const std::string& id,
                                   std::string_view authorization, std::string_view body) {
  const bool authorized = !authorization.empty();
  {
    const std::lock_guard lock(mutex_);
    hooks_.push_back({project, id, std::string(body), authorized});
  }
  if (authorized)
    return json_reply(
        400,
        R"({"status":"error","code":400,"message":"A hook must not come with a token.","detail":{}})");
  return json_reply(200, R"({"status":"ok","code":200})");
}

std::vector<received_hook> sandbox_links::hooks() const {
  const std::lock_guard lock(mutex_);
  return hooks_;
}

}  // namespace upsun::testing
