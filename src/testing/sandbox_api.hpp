#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <upsun/model/ids.hpp>
#include <upsun/model/integration.hpp>

#include "testing/fleet_model.hpp"
#include "testing/reply.hpp"
#include "testing/sandbox_activities.hpp"
#include "testing/sandbox_auth.hpp"
#include "testing/sandbox_clock.hpp"
#include "testing/sandbox_links.hpp"
#include "testing/sandbox_logs.hpp"
#include "testing/sandbox_projects.hpp"

namespace upsun::testing {

/// A request as the API sees it.
struct api_request {
  std::string_view method;
  std::string_view target;             ///< Origin form, as it stood in the request.
  std::string_view authorization{};    ///< The header's value, empty when there was none.
  std::string_view content_type{};     ///< The header's value, empty when there was none.
  std::string_view if_none_match{};    ///< The header's value, empty when there was none.
  std::string_view accept_encoding{};  ///< The header's value, empty when there was none.
  std::string_view body{};
};

/// The API behind the sandbox: what is stored, who may read and change it, and the response to a
/// request. No I/O. Thread safety: every member, from any thread.
class sandbox_api {
 public:
  /// \param auth who may come in; must outlive this. \param path_prefix what stands before
  /// `/projects` in every path: empty, or a path without a slash at its end. \param etags whether
  /// integrations are served with an `ETag`.
  sandbox_api(const sandbox_auth& auth, std::string path_prefix, activity_pace pace,
              bool manual_clock, bool etags, const sandbox_fleet& fleet = {});

  void put(const std::string& project, const std::string& id, upsun::integration value);
  void put_raw(const std::string& project, const std::string& id, std::string_view json);
  [[nodiscard]] upsun::integration get(const std::string& project, const std::string& id) const;
  void add_project(const std::string& project);
  void forbid(const std::string& project);
  void put_activity(const activity_scope& of, upsun::activity value);
  void put_raw_activity(const activity_scope& of, const std::string& id, timestamp created,
                        std::string json);
  [[nodiscard]] upsun::activity get_activity(const activity_scope& of, const std::string& id) const;
  void fail_activities(std::size_t count);
  [[nodiscard]] sandbox_logs& logs() noexcept { return logs_; }
  [[nodiscard]] timestamp now() const { return clock_.now(); }
  void advance(std::chrono::microseconds time) noexcept { clock_.advance(time); }
  [[nodiscard]] const fleet_model& fleet() const noexcept { return fleet_; }

  /// What stands before the path in links, a scheme and an authority each: in regional links of
  /// integrations, of which those put before have none, and in absolute links of lists. Not to be
  /// called any more when requests come.
  void set_origins(std::string region, std::string own);
  [[nodiscard]] sandbox_links& links() noexcept { return links_; }

  [[nodiscard]] reply_ptr respond(const api_request& request);

 private:
  using path_segments = std::span<const std::string>;
  /// A target: its segments, decoded, and its query without the question mark.
  struct resource {
    std::vector<std::string> path;
    std::string_view query;
  };

  [[nodiscard]] std::optional<resource> find_resource(std::string_view target) const;
  [[nodiscard]] reply_ptr throttle(const api_request& request);
  // These return null when there is no such resource.
  [[nodiscard]] reply_ptr respond_about_account(const resource& wanted, const api_request& request);
  [[nodiscard]] reply_ptr respond_about_project(const resource& wanted, const api_request& request);
  [[nodiscard]] reply_ptr describe_project(const std::string& project, path_segments below,
                                           const api_request& request);
  [[nodiscard]] reply_ptr respond_about_activities(const activity_scope& of, path_segments below,
                                                   std::string_view query,
                                                   const api_request& request);
  [[nodiscard]] reply_ptr respond_about_integrations(const std::string& project,
                                                     path_segments below,
                                                     const api_request& request);
  [[nodiscard]] reply_ptr follow_link(const integration_ref& of, bool is_hook,
                                      const api_request& request);

  // Under the lock.
  [[nodiscard]] reply_ptr refuse(const activity_scope& of) const;
  [[nodiscard]] reply_ptr read_log(const activity_scope& of, const std::string& activity,
                                   std::string_view query);
  [[nodiscard]] reply_ptr change(const std::string& project, path_segments below,
                                 const api_request& request);

  const sandbox_auth& auth_;
  const std::string path_prefix_;
  std::string origin_;  // before links of lists
  sandbox_links links_;
  sandbox_clock clock_;
  const fleet_model fleet_;
  mutable std::shared_mutex mutex_;
  sandbox_activities activities_;
  sandbox_projects projects_;
  sandbox_logs logs_;

  std::mutex throttling_;
  std::uint64_t counted_ = 0;                             // requests
  std::set<std::string, std::less<>> throttled_targets_;  // whose next request passes
};

}  // namespace upsun::testing
