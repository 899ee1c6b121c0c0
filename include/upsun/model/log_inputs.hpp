#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <upsun/model/log_settings.hpp>
#include <upsun/model/request_members.hpp>

namespace upsun {

/// Where a syslog message has its token.
enum class syslog_auth_mode { prefix, structured_data };
template <>
inline constexpr std::array<std::string_view, 2> wire_names<syslog_auth_mode>{"prefix",
                                                                              "structured_data"};

/// Members of requests for the integrations that forward logs.
struct log_fields {
  field<std::map<std::string, std::string>> extra;
  field<bool> tls_verify;
  field<std::vector<std::string>> excluded_services;
  field<bool> redaction;
};
BOOST_DESCRIBE_STRUCT(log_fields, (), (extra, tls_verify, excluded_services, redaction))

/// Setters shared by the six kinds that forward logs.
template <class Self, class Fields>
class log_members : public request_members<Self, Fields> {
 public:
  /// Members that are added to every message.
  Self& extra(std::map<std::string, std::string> value) {
    return this->set(&log_fields::extra, std::move(value));
  }
  /// Whether the receiver's certificate is verified.
  Self& tls_verify(bool value) { return this->set(&log_fields::tls_verify, value); }
  /// The services whose logs are not forwarded.
  Self& excluded_services(std::vector<std::string> value) {
    return this->set(&log_fields::excluded_services, std::move(value));
  }
  /// Whether sensitive parts are blanked. Older servers do not know it.
  Self& redaction(bool value) { return this->set(&log_fields::redaction, value); }
};

/// Members of requests for logs to an HTTP endpoint.
struct httplog_fields : log_fields {
  static constexpr std::string_view kind = httplog_settings::kind;
  field<std::string> url;
  field<std::map<std::string, secret>> headers;
};
BOOST_DESCRIBE_STRUCT(httplog_fields, (log_fields), (url, headers))

/// Setters of logs to an HTTP endpoint.
template <class Self>
class httplog_members : public log_members<Self, httplog_fields> {
 public:
  /// The URL that logs go to.
  Self& url(std::string value) { return this->set(&httplog_fields::url, std::move(value)); }
  /// Header fields that are sent with the logs. Their values may be credentials.
  Self& headers(std::map<std::string, secret> value) {
    return this->set(&httplog_fields::headers, std::move(value));
  }
};

/// Creates an integration that forwards logs to an HTTP endpoint.
class httplog_input final : public httplog_members<httplog_input> {
 public:
  explicit httplog_input(std::string url) { this->url(std::move(url)); }
};
using httplog_patch = patch<httplog_members>;

/// Members of requests for logs to New Relic.
struct newrelic_fields : log_fields {
  static constexpr std::string_view kind = newrelic_settings::kind;
  field<std::string> url;
  field<secret> license_key;
};
BOOST_DESCRIBE_STRUCT(newrelic_fields, (log_fields), (url, license_key))

/// Setters of logs to New Relic.
template <class Self>
class newrelic_members : public log_members<Self, newrelic_fields> {
 public:
  /// The URL that logs go to.
  Self& url(std::string value) { return this->set(&newrelic_fields::url, std::move(value)); }
  /// The key that it authenticates with. The API never returns it.
  Self& license_key(secret value) {
    return this->set(&newrelic_fields::license_key, std::move(value));
  }
};

/// Creates an integration that forwards logs to New Relic.
class newrelic_input final : public newrelic_members<newrelic_input> {
 public:
  newrelic_input(std::string url, secret license_key) {
    this->url(std::move(url)).license_key(std::move(license_key));
  }
};
using newrelic_patch = patch<newrelic_members>;

/// Members of requests for logs to an OpenTelemetry collector.
struct otlplog_fields : log_fields {
  static constexpr std::string_view kind = otlplog_settings::kind;
  field<std::string> url;
  field<std::map<std::string, secret>> headers;
};
BOOST_DESCRIBE_STRUCT(otlplog_fields, (log_fields), (url, headers))

/// Setters of logs to an OpenTelemetry collector.
template <class Self>
class otlplog_members : public log_members<Self, otlplog_fields> {
 public:
  /// The URL that logs go to.
  Self& url(std::string value) { return this->set(&otlplog_fields::url, std::move(value)); }
  /// Header fields that are sent with the logs. Their values may be credentials.
  Self& headers(std::map<std::string, secret> value) {
    return this->set(&otlplog_fields::headers, std::move(value));
  }
};

/// Creates an integration that forwards logs to an OpenTelemetry collector.
class otlplog_input final : public otlplog_members<otlplog_input> {
 public:
  explicit otlplog_input(std::string url) { this->url(std::move(url)); }
};
using otlplog_patch = patch<otlplog_members>;

/// Members of requests for logs to Splunk.
struct splunk_fields : log_fields {
  static constexpr std::string_view kind = splunk_settings::kind;
  field<std::string> url;
  field<std::string> index;
  field<secret> token;
  field<std::string> sourcetype;
};
BOOST_DESCRIBE_STRUCT(splunk_fields, (log_fields), (url, index, token, sourcetype))

/// Setters of logs to Splunk.
template <class Self>
class splunk_members : public log_members<Self, splunk_fields> {
 public:
  /// The URL that logs go to.
  Self& url(std::string value) { return this->set(&splunk_fields::url, std::move(value)); }
  /// The index that logs are stored in.
  Self& index(std::string value) { return this->set(&splunk_fields::index, std::move(value)); }
  /// The token that it authenticates with. The API never returns it.
  Self& token(secret value) { return this->set(&splunk_fields::token, std::move(value)); }
  /// The source type that logs are stored with.
  Self& sourcetype(std::string value) {
    return this->set(&splunk_fields::sourcetype, std::move(value));
  }
};

/// Creates an integration that forwards logs to Splunk.
class splunk_input final : public splunk_members<splunk_input> {
 public:
  splunk_input(std::string url, std::string index, secret token) {
    this->url(std::move(url)).index(std::move(index)).token(std::move(token));
  }
};
using splunk_patch = patch<splunk_members>;

/// Members of requests for logs to Sumo Logic.
struct sumologic_fields : log_fields {
  static constexpr std::string_view kind = sumologic_settings::kind;
  field<std::string> url;
  field<std::string> category;
};
BOOST_DESCRIBE_STRUCT(sumologic_fields, (log_fields), (url, category))

/// Setters of logs to Sumo Logic.
template <class Self>
class sumologic_members : public log_members<Self, sumologic_fields> {
 public:
  /// The URL that logs go to.
  Self& url(std::string value) { return this->set(&sumologic_fields::url, std::move(value)); }
  /// The category that logs are stored with.
  Self& category(std::string value) {
    return this->set(&sumologic_fields::category, std::move(value));
  }
};

/// Creates an integration that forwards logs to Sumo Logic.
class sumologic_input final : public sumologic_members<sumologic_input> {
 public:
  explicit sumologic_input(std::string url) { this->url(std::move(url)); }
};
using sumologic_patch = patch<sumologic_members>;

/// Members of requests for logs to a syslog receiver.
struct syslog_fields : log_fields {
  static constexpr std::string_view kind = syslog_settings::kind;
  field<std::string> host;
  field<std::int64_t> port;
  field<open_enum<syslog_protocol>> protocol;
  field<std::int64_t> facility;
  field<open_enum<syslog_format>> message_format;
  field<secret> auth_token;
  field<open_enum<syslog_auth_mode>> auth_mode;
};
BOOST_DESCRIBE_STRUCT(syslog_fields, (log_fields),
                      (host, port, protocol, facility, message_format, auth_token, auth_mode))

/// Setters of logs to a syslog receiver.
template <class Self>
class syslog_members : public log_members<Self, syslog_fields> {
 public:
  /// The host name or address of the receiver.
  Self& host(std::string value) { return this->set(&syslog_fields::host, std::move(value)); }
  /// The port of the receiver. Range: 0 to 65535.
  Self& port(std::int64_t value) { return this->set(&syslog_fields::port, value); }
  /// The transport of messages. A value that this version does not know is refused.
  Self& protocol(open_enum<syslog_protocol> value) {
    return this->set(&syslog_fields::protocol, std::move(value));
  }
  /// The syslog facility (RFC 5424 section 6.2.1). Range: 0 to 23.
  Self& facility(std::int64_t value) { return this->set(&syslog_fields::facility, value); }
  /// The format of messages. A value that this version does not know is refused.
  Self& message_format(open_enum<syslog_format> value) {
    return this->set(&syslog_fields::message_format, std::move(value));
  }
  /// The token of messages. The API never returns it.
  Self& auth_token(secret value) { return this->set(&syslog_fields::auth_token, std::move(value)); }
  /// Where a message has its token. A value that this version does not know is refused. The API
  /// never returns it.
  Self& auth_mode(open_enum<syslog_auth_mode> value) {
    return this->set(&syslog_fields::auth_mode, std::move(value));
  }
};

/// Creates an integration that forwards logs to a syslog receiver. The API requires no member.
class syslog_input final : public syslog_members<syslog_input> {
 public:
  syslog_input() = default;
};
using syslog_patch = patch<syslog_members>;

}  // namespace upsun
