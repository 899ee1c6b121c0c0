#include "testing/sandbox_links.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace upsun::testing {

void sandbox_links::set_validation(const std::string& project, const std::string& id,
                                   const std::vector<field_error>& problems) {
  boost::json::object complaints;
  for (const field_error& each : problems) complaints[each.field] = each.message;
  const std::lock_guard lock(mutex_);
  verdicts_[{project, id}] = problems.empty() ? std::string() : boost::json::serialize(complaints);
}

reply_ptr sandbox_links::validate(const std::string& project, const std::string& id,
                                  std::string complaints) const {
  {
    const std::lock_guard lock(mutex_);
    const auto set = verdicts_.find({project, id});
    if (set != verdicts_.end()) complaints = set->second;
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
