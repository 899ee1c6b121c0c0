#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <upsun/model/ids.hpp>
#include <upsun/model/integration.hpp>

#include "testing/fleet_integrations.hpp"
#include "testing/fleet_model.hpp"
#include "testing/reply.hpp"
#include "testing/sandbox_activities.hpp"

namespace upsun::testing {

/// The projects of a sandbox with their integrations: those that are stored, and behind them those
/// of the fleet, which are stored when they are changed. No clock, no lock of its own.
class sandbox_projects {
 public:
  /// \param fleet may be without organizations. \param activities what changes set off goes there.
  /// Both must outlive this. \param path_prefix what stands before `/projects` in links. \param
  /// etags whether integrations are served with an `ETag`
  sandbox_projects(const fleet_model& fleet, sandbox_activities& activities,
                   std::string path_prefix, bool etags);

  /// Where the regional links of integrations lead: a scheme and an authority. Those put before
  /// have none.
  void set_region(std::string region);

  void put(const std::string& project, const std::string& id, upsun::integration value);
  void put_raw(const std::string& project, const std::string& id, std::string_view json);
  [[nodiscard]] upsun::integration get(const std::string& project, const std::string& id) const;
  void add(const std::string& project) { stored(project); }
  void forbid(const std::string& project) { stored(project).forbidden = true; }
  /// What describes a project: the fleet, or what is made up of the ids of those that are stored.
  /// Without a project: what describes the account.
  [[nodiscard]] std::shared_ptr<const fleet_model> directory(const std::string* project) const;

  // The refusal of what does not exist, or must not be seen; null for what may be.

  [[nodiscard]] reply_ptr refuse(const std::string& project) const;
  [[nodiscard]] reply_ptr refuse_integrations(const std::string& project) const;
  [[nodiscard]] reply_ptr refuse(const integration_ref& of) const;

  // Responses. All but the first two may refuse.

  /// \pre `refuse_integrations` is null
  [[nodiscard]] reply_ptr list(const std::string& project) const;
  /// \pre `refuse` is null. \return a JSON object by member; empty: it is valid
  [[nodiscard]] std::string complaints(const integration_ref& of) const;
  [[nodiscard]] reply_ptr read(const integration_ref& of, std::string_view if_none_match) const;
  [[nodiscard]] reply_ptr create(const std::string& project, std::string_view body, timestamp now);
  [[nodiscard]] reply_ptr update(const integration_ref& of, std::string_view body, timestamp now);
  [[nodiscard]] reply_ptr remove(const integration_ref& of, timestamp now);

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

  /// Makes one, or takes one over from the fleet, when there is none.
  project_entry& stored(const std::string& project);
  [[nodiscard]] const project_entry* find(const std::string& project) const;
  [[nodiscard]] const integration_entry* find(const integration_ref& of) const;
  /// Of a project that is not stored.
  [[nodiscard]] std::optional<std::size_t> find_in_fleet(const integration_ref& of) const;
  [[nodiscard]] integration_entry entry_of(std::optional<upsun::integration> value,
                                           std::string_view content_type,
                                           std::string_view body) const;
  [[nodiscard]] integration_entry make_entry(const std::string& project, const std::string& id,
                                             upsun::integration value) const;
  [[nodiscard]] reply_ptr store(const integration_ref& of, upsun::integration value,
                                std::string_view verb, timestamp now);

  const fleet_model& fleet_;
  sandbox_activities& activities_;
  const std::string path_prefix_;
  const bool etags_;
  std::string region_;
  std::optional<fleet_integrations> fleet_json_;
  std::map<std::string, project_entry, std::less<>> projects_;
  std::uint64_t created_ = 0;
};

}  // namespace upsun::testing
