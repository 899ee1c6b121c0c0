#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include <upsun/model/integration.hpp>

#include "testing/reply.hpp"
#include "testing/sandbox_activities.hpp"
#include "testing/sandbox_auth.hpp"
#include "testing/sandbox_clock.hpp"
#include "testing/sandbox_links.hpp"
#include "testing/sandbox_logs.hpp"

namespace upsun::testing {

/// A request as the API sees it.
struct api_request {
  std::string_view method;
  std::string_view target;           ///< Origin form, as it stood in the request.
  std::string_view authorization{};  ///< The header's value, empty when there was none.
  std::string_view content_type{};   ///< The header's value, empty when there was none.
  std::string_view if_none_match{};  ///< The header's value, empty when there was none.
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
              bool manual_clock, bool etags);

  void put(const std::string& project, const std::string& id, upsun::integration value);
  void put_raw(const std::string& project, const std::string& id, std::string_view json);
  [[nodiscard]] upsun::integration get(const std::string& project, const std::string& id) const;
  void add_project(const std::string& project);
  void forbid(const std::string& project);
  void put_activity(const std::string& project, const std::string& integration,
                    upsun::activity value);
  void put_raw_activity(const std::string& project, const std::string& integration,
                        const std::string& id, timestamp created, std::string json);
  [[nodiscard]] upsun::activity get_activity(const std::string& project,
                                             const std::string& integration,
                                             const std::string& id) const;
  void fail_activities(std::size_t count);
  [[nodiscard]] sandbox_logs& logs() noexcept { return logs_; }
  [[nodiscard]] timestamp now() const { return clock_.now(); }
  void advance(std::chrono::microseconds time) noexcept { clock_.advance(time); }

  /// Where the regional links of integrations lead: a scheme and an authority. Those put before
  /// have none.
  void set_region(std::string region);
  [[nodiscard]] sandbox_links& links() noexcept { return links_; }

  [[nodiscard]] reply_ptr respond(const api_request& request);

 private:
  struct integration_entry {
    std::optional<upsun::integration> value;  ///< Nothing for a raw text.
    std::string etag;                         ///< Empty: none.
    reply_ptr response;
  };
  struct project_entry {
    bool forbidden = false;
    std::map<std::string, integration_entry, std::less<>> integrations;
  };

  struct resource {
    std::string project;
    std::optional<std::string> integration;  ///< Nothing: the collection.
    std::vector<std::string> below;          ///< What stands behind an integration.
  };

  [[nodiscard]] static bool is_hook(const resource& wanted);
  [[nodiscard]] static bool is_link(const resource& wanted);
  [[nodiscard]] std::optional<resource> find_resource(std::string_view target) const;
  [[nodiscard]] integration_entry entry_of(std::optional<upsun::integration> value,
                                           std::string_view content_type,
                                           std::string_view body) const;
  [[nodiscard]] integration_entry make_entry(const std::string& project, const std::string& id,
                                             upsun::integration value) const;
  [[nodiscard]] reply_ptr follow_link(const resource& wanted, const api_request& request);
  [[nodiscard]] reply_ptr respond_about_activities(const resource& wanted,
                                                   const api_request& request);

  // Under the lock.
  [[nodiscard]] reply_ptr read_log(const sandbox_logs::name& of, std::string_view query);
  [[nodiscard]] reply_ptr read(const resource& wanted, std::string_view if_none_match) const;
  [[nodiscard]] reply_ptr change(const resource& wanted, const api_request& request);
  [[nodiscard]] reply_ptr create(const resource& wanted, project_entry& project,
                                 std::string_view body);
  [[nodiscard]] reply_ptr update(const resource& wanted, project_entry& project,
                                 std::string_view body);
  [[nodiscard]] reply_ptr remove(const resource& wanted, project_entry& project);
  [[nodiscard]] reply_ptr store(const resource& wanted, project_entry& project,
                                upsun::integration value, std::string_view verb);

  const sandbox_auth& auth_;
  const std::string path_prefix_;
  std::string region_;
  sandbox_links links_;
  const bool etags_;
  sandbox_clock clock_;
  mutable std::shared_mutex mutex_;
  std::map<std::string, project_entry, std::less<>> projects_;
  std::uint64_t created_ = 0;
  sandbox_activities activities_;
  sandbox_logs logs_;
};

}  // namespace upsun::testing
