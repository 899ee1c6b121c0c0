#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <upsun/model/described.hpp>

namespace upsun {

/// The transport of syslog messages.
enum class syslog_protocol { tcp, tls, udp };
template <>
inline constexpr std::array<std::string_view, 3> wire_names<syslog_protocol>{"tcp", "tls", "udp"};

/// The format of syslog messages (RFC 3164, RFC 5424).
enum class syslog_format { rfc3164, rfc5424 };
template <>
inline constexpr std::array<std::string_view, 2> wire_names<syslog_format>{"rfc3164", "rfc5424"};

/// What the integrations that forward logs share. A visitor that takes it serves all six.
struct log_settings {
  /// Members that are added to every message.
  std::map<std::string, std::string> extra;
  /// Whether the receiver's certificate is verified.
  bool tls_verify = false;
  /// The services whose logs are not forwarded.
  std::vector<std::string> excluded_services;
  /// Whether sensitive parts are blanked. Empty: the server does not offer it.
  std::optional<bool> redaction;
};
BOOST_DESCRIBE_STRUCT(log_settings, (), (extra, tls_verify, excluded_services, redaction))

/// Logs to an HTTP endpoint.
struct httplog_settings : log_settings {
  static constexpr std::string_view kind = "httplog";
  /// The URL that logs go to.
  std::string url;
  /// Header fields that are sent with the logs. Their values may be credentials.
  std::map<std::string, secret> headers;
};
BOOST_DESCRIBE_STRUCT(httplog_settings, (log_settings), (url, headers))

/// Logs to New Relic.
struct newrelic_settings : log_settings {
  static constexpr std::string_view kind = "newrelic";
  /// The URL that logs go to.
  std::string url;
};
BOOST_DESCRIBE_STRUCT(newrelic_settings, (log_settings), (url))

/// Logs to an OpenTelemetry collector.
struct otlplog_settings : log_settings {
  static constexpr std::string_view kind = "otlplog";
  /// The URL that logs go to.
  std::string url;
  /// Header fields that are sent with the logs. Their values may be credentials.
  std::map<std::string, secret> headers;
};
BOOST_DESCRIBE_STRUCT(otlplog_settings, (log_settings), (url, headers))

/// Logs to Splunk.
struct splunk_settings : log_settings {
  static constexpr std::string_view kind = "splunk";
  /// The URL that logs go to.
  std::string url;
  /// The index that logs are stored in.
  std::string index;
  /// The source type that logs are stored with.
  std::string sourcetype;
};
BOOST_DESCRIBE_STRUCT(splunk_settings, (log_settings), (url, index, sourcetype))

/// Logs to Sumo Logic.
struct sumologic_settings : log_settings {
  static constexpr std::string_view kind = "sumologic";
  /// The URL that logs go to.
  std::string url;
  /// The category that logs are stored with.
  std::string category;
};
BOOST_DESCRIBE_STRUCT(sumologic_settings, (log_settings), (url, category))

/// Logs to a syslog receiver.
struct syslog_settings : log_settings {
  static constexpr std::string_view kind = "syslog";
  /// The host name or address of the receiver.
  std::string host;
  /// The port of the receiver.
  std::int64_t port = 0;
  open_enum<syslog_protocol> protocol;
  /// The syslog facility (RFC 5424 section 6.2.1), 0 to 23.
  std::int64_t facility = 0;
  open_enum<syslog_format> message_format;
};
BOOST_DESCRIBE_STRUCT(syslog_settings, (log_settings),
                      (host, port, protocol, facility, message_format))

}  // namespace upsun
