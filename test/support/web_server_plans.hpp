#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>

#include "support/web_server.hpp"

namespace upsun::test {

// How to run the servers that several tests run, beside nginx: over TLS, with the content as JSON.

/// \param modules beside those that every plan needs. \param settings of the server.
/// \param of_location of what it serves.
[[nodiscard]] web_server_plan apache_plan(std::initializer_list<const char*> modules,
                                          const std::string& settings,
                                          const std::string& of_location = {});

/// \param settings of all hosts, a line each. \param paths more of them, indented by six spaces.
[[nodiscard]] web_server_plan h2o_plan(const std::string& settings, const std::string& paths = {});

/// In front of a server that speaks HTTP/1.1 at the port `behind`. \param alpn what it speaks.
/// \param settings of the front, indented by two spaces.
[[nodiscard]] web_server_plan haproxy_plan(std::uint16_t behind, const std::string& alpn,
                                           const std::string& settings);

}  // namespace upsun::test
