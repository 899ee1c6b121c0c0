#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include <upsun/fleet.hpp>
#include <upsun/model/integration.hpp>
#include <upsun/result.hpp>
#include <upsun/statistics.hpp>

/// What a walk has found.
class report {
 public:
  void add(const upsun::fleet_project& of, const upsun::result<upsun::integration>& got);

  /// Prints the tables: by kind, by organization, and what could not be read.
  void print(const upsun::fleet_report& walked) const;

 private:
  std::map<std::string, std::size_t> by_kind_;
  std::map<std::string, std::size_t> by_organization_;
};

/// Prints how much it was, how long it took, and over which connections.
void print_summary(const upsun::fleet_report& walked, std::chrono::steady_clock::duration elapsed,
                   std::size_t window, const upsun::client_statistics& client,
                   std::string_view http_version);
