#pragma once

#include <map>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>

#include <upsun/model/integration.hpp>

#include "testing/reply.hpp"
#include "testing/sandbox_auth.hpp"

namespace upsun::testing {

/// The API behind the sandbox: what is stored, who may read it, and the answer to a request. No I/O.
/// Thread safety: every member, from any thread.
class sandbox_api {
 public:
  /// \param auth who may come in; must outlive this. \param path_prefix what stands before `/projects` in every path: empty, or a path without a slash at its
  /// end.
  sandbox_api(const sandbox_auth& auth, std::string path_prefix);

  void put(const std::string& project, const std::string& id, upsun::integration value);
  void put_raw(const std::string& project, const std::string& id, std::string_view json);
  [[nodiscard]] upsun::integration get(const std::string& project, const std::string& id) const;
  void add_project(const std::string& project);
  void forbid(const std::string& project);

  /// \param target origin form, as it stood in the request. \param authorization the header's value, empty when there was none.
  [[nodiscard]] reply_ptr answer(std::string_view method, std::string_view target, std::string_view authorization) const;

 private:
  struct integration_entry {
    std::optional<upsun::integration> value;  ///< Nothing for a raw text.
    reply_ptr answer;
  };
  struct project_entry {
    bool forbidden = false;
    std::map<std::string, integration_entry, std::less<>> integrations;
  };

  const sandbox_auth& auth_;
  const std::string path_prefix_;
  mutable std::shared_mutex mutex_;
  std::map<std::string, project_entry, std::less<>> projects_;
};

}  // namespace upsun::testing
