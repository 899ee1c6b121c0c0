#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <upsun/error.hpp>
#include <upsun/testing/sandbox.hpp>

#include "testing/reply.hpp"

namespace upsun::testing {

/// What the links `#validate` and `#hook` of integrations lead to. No I/O.
/// Thread safety: every member, from any thread.
class sandbox_links {
 public:
  /// The verdict on an integration from now on. Empty: valid.
  void set_validation(const std::string& project, const std::string& id,
                      const std::vector<field_error>& problems);
  /// The verdict: the one that was set, or else these complaints, a JSON object. Empty: it is
  /// valid.
  [[nodiscard]] reply_ptr validate(const std::string& project, const std::string& id,
                                   std::string complaints) const;

  /// Takes a hook, which is refused when it comes with a token.
  [[nodiscard]] reply_ptr take_hook(const std::string& project, const std::string& id,
                                    std::string_view authorization, std::string_view body);
  /// Those taken, the oldest first.
  [[nodiscard]] std::vector<received_hook> hooks() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, std::string>
      verdicts_;  ///< A JSON object of complaints; empty: valid.
  std::vector<received_hook> hooks_;
};

}  // namespace upsun::testing
