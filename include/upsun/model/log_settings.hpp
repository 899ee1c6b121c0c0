#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <upsun/model/described.hpp>

namespace upsun {

/// How syslog messages travel.
enum class syslog_protocol { tcp, tls, udp };
template <>
inline constexpr std::array<std::string_view, 3> wire_names<syslog_protocol>{"tcp", "tls", "udp"};

/// How syslog messages are written.
enum class syslog_format { rfc3164, rfc5424 };
template <>
inline constexpr std::array<std::string_view, 2> wire_names<syslog_format>{"rfc3164", "rfc5424"};

/// What the integrations that forward logs share. A visitor that takes it serves all six.
struct log_settings {
  std::map<std::string, std::string> extra;    ///< Added to every message.
  bool tls_verify = false;                     ///< The receiver's certificate is verified.
  std::vector<std::string> excluded_services;  ///< Services whose logs are not forwarded.
  std::optional<bool>
      redaction;  ///< Sensitive parts are blanked; absent from servers that do not offer it.
};
BOOST_DESCRIBE_STRUCT(log_settings, (), (extra, tls_verify, excluded_services, redaction))

/// Logs to an HTTP endpoint.
struct httplog_settings : log_settings {
  static constexpr std::string_view kind = "httplog";
  std::string url;                        ///< Where logs go.
  std::map<std::string, secret> headers;  ///< Sent along; the values may authorise.
};
BOOST_DESCRIBE_STRUCT(httplog_settings, (log_settings), (url, headers))

/// Logs to New Relic.
struct newrelic_settings : log_settings {
  static constexpr std::string_view kind = "newrelic";
  std::string url;  ///< Where logs go.
};
BOOST_DESCRIBE_STRUCT(newrelic_settings, (log_settings), (url))

/// Logs to an OpenTelemetry collector.
struct otlplog_settings : log_settings {
  static constexpr std::string_view kind = "otlplog";
  std::string url;                        ///< Where logs go.
  std::map<std::string, secret> headers;  ///< Sent along; the values may authorise.
};
BOOST_DESCRIBE_STRUCT(otlplog_settings, (log_settings), (url, headers))

/// Logs to Splunk.
struct splunk_settings : log_settings {
  static constexpr std::string_view kind = "splunk";
  std::string url;         ///< Where logs go.
  std::string index;       ///< The index they are filed in.
  std::string sourcetype;  ///< What they are filed as.
};
BOOST_DESCRIBE_STRUCT(splunk_settings, (log_settings), (url, index, sourcetype))

/// Logs to Sumo Logic.
struct sumologic_settings : log_settings {
  static constexpr std::string_view kind = "sumologic";
  std::string url;       ///< Where logs go.
  std::string category;  ///< The category they are filed under.
};
BOOST_DESCRIBE_STRUCT(sumologic_settings, (log_settings), (url, category))

/// Logs to a syslog receiver.
struct syslog_settings : log_settings {
  static constexpr std::string_view kind = "syslog";
  std::string host;                         ///< The receiver.
  std::int64_t port = 0;                    ///< Its port.
  open_enum<syslog_protocol> protocol;      ///< How messages travel.
  std::int64_t facility = 0;                ///< The syslog facility, 0 to 23.
  open_enum<syslog_format> message_format;  ///< How messages are written.
};
BOOST_DESCRIBE_STRUCT(syslog_settings, (log_settings),
                      (host, port, protocol, facility, message_format))

}  // namespace upsun
