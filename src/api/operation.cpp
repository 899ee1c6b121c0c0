#include "api/operation.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "api/challenge.hpp"
#include "codec/error_body.hpp"
#include "codec/json_text.hpp"
#include "config/header_field.hpp"
#include "util/ascii.hpp"
#include "util/origin.hpp"

namespace upsun::api {
namespace {

// How a character is written in a path. Those of a text are combined by OR, which is faster than
// looking for the first of a kind.
constexpr unsigned char as_it_is = 0;
constexpr unsigned char encoded = 1;
constexpr unsigned char refused = 3;

constexpr std::array<unsigned char, 256> ways = [] {
  std::array<unsigned char, 256> table{};
  for (std::size_t c = 0; c < table.size(); ++c)
    table[c] = c < 0x20 || c == 0x7f ? refused : encoded;
  for (const char c :
       std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"))
    table[static_cast<unsigned char>(c)] = as_it_is;
  return table;
}();

unsigned char way_of(char c) noexcept { return ways[static_cast<unsigned char>(c)]; }

unsigned char ways_of(std::string_view text) noexcept {
  unsigned char all = as_it_is;
  for (const char c : text) all |= way_of(c);
  return all;
}

errc code_of(int status) noexcept {
  switch (status) {
    case 400: return errc::bad_request;
    case 401: return errc::unauthorized;
    case 402: return errc::payment_required;
    case 403: return errc::forbidden;
    case 404: return errc::not_found;
    case 409: return errc::conflict;
    case 429: return errc::rate_limited;
    default: break;
  }
  if (status >= 400 && status < 500) return errc::request_rejected;
  if (status >= 500 && status < 600) return errc::server_error;
  return errc::unexpected_status;
}

// application/json, application/hal+json, application/problem+json ... with or without parameters;
// servers may leave it out.
bool is_json(std::string_view content_type) {
  if (content_type.empty() || content_type == "application/json") return true;
  const std::string_view media = util::trim(content_type.substr(0, content_type.find(';')));
  constexpr std::string_view suffix = "+json";
  return util::equal_ignoring_case(media, "application/json") ||
         (media.size() > suffix.size() &&
          util::equal_ignoring_case(media.substr(media.size() - suffix.size()), suffix));
}

/// Whether a server's text holds the token of these credentials, and so must not be shown.
bool repeats(std::string_view text, std::string_view credentials) {
  const std::string token =
      util::to_lower(credentials.substr(std::min(credentials.find(' ') + 1, credentials.size())));
  return !token.empty() && util::to_lower(text).find(token) != std::string::npos;
}

/// Which media type came in place of JSON, as the beginning of a sentence. Only a well-formed one
/// is shown.
std::string shown_type(std::string_view content_type, std::string_view credentials) {
  constexpr std::size_t longest_shown = 64;
  const std::string_view media = util::trim(content_type.substr(0, content_type.find(';')));
  const std::size_t slash = media.find('/');
  const bool good = !repeats(media, credentials) && media.size() <= longest_shown &&
                    slash != std::string_view::npos && config::is_token(media.substr(0, slash)) &&
                    config::is_token(media.substr(slash + 1));
  return good ? "its type is " + std::string(media) : "its type is no media type";
}

/// The coding of a body that could not be decoded; empty: none.
std::string_view coding_of(const http_response& response, std::string_view credentials) {
  constexpr std::string_view gzip_signature = "\x1f\x8b";
  const std::string_view coding = response.content_encoding;
  if (coding.empty()) return response.body.starts_with(gzip_signature) ? "gzip" : "";
  if (repeats(coding, credentials)) return "an unknown coding";
  return config::is_token(coding) ? coding : "several codings";
}

/// Where a redirect leads: to the scheme and host only, since the rest may be confidential. No host
/// that echoes the request's credentials is shown.
std::string shown_redirect(const http_response& response, std::string_view credentials) {
  const std::string_view to = response.location;
  std::string text = "redirects are not followed";
  const std::size_t authority = to.find("://");
  if (authority == std::string_view::npos) return text;
  util::origin where;
  const std::size_t path = std::min(to.find_first_of("/?#", authority + 3), to.size());
  if (util::parse_origin(to.substr(0, path), where)) return text;
  if (repeats(where.host, credentials)) return text;
  return text + "; this one leads to " + (where.tls ? "https://" : "http://") + where.host_header;
}

error_details details_of(const http_response& response) {
  error_details details;
  details.phase = phase::decode;
  details.status = response.status;
  details.request_id = response.request_id;
  details.retry_after = response.retry_after;
  return details;
}

error failure(errc code, std::string cause, const http_response& response) {
  error_details details = details_of(response);
  details.cause = std::move(cause);
  return {code, std::move(details)};
}

}  // namespace

std::string_view refuse_segment(std::string_view segment) {
  if (segment.empty()) return "is empty";
  if (segment == "." || segment == "..")
    return "is a dot segment, which would name another resource";
  if (ways_of(segment) == refused) return "holds a control character";
  return {};
}

void append_segment(std::string& path, std::string_view segment, char also) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  if (ways_of(segment) == as_it_is) {
    path.append(segment);
    return;
  }
  for (const char c : segment) {
    const auto byte = static_cast<unsigned char>(c);
    const bool as_written = way_of(c) == as_it_is || c == also;
    as_written ? path.append(1, c) : path.append({'%', digits[byte >> 4U], digits[byte & 15U]});
  }
}

std::string_view encode_id(std::string& id) {
  if (id.size() > 2 && ways_of(id) == as_it_is) return {};
  const std::string_view problem = refuse_segment(id);
  if (problem.empty()) {
    std::string written;
    append_segment(written, id, '=');
    id = std::move(written);
  }
  return problem;
}

std::string target_of(const operation& of, std::string_view prefix, std::size_t room) {
  if (of.follows_link) return of.ids[0];
  std::size_t size = room + prefix.size() + of.path_template.size() + of.query.size();
  for (const std::string& id : of.ids) size += id.size();
  std::string target;
  target.reserve(size);
  target.append(prefix);
  auto id = of.ids.begin();
  for (std::string_view rest = of.path_template; !rest.empty();) {
    const std::size_t parameter = std::min(rest.find('{'), rest.size());
    target.append(rest.substr(0, parameter));
    rest.remove_prefix(parameter);
    if (rest.empty()) break;
    target.append(*id++);
    rest.remove_prefix(rest.find('}') + 1);
  }
  if (!of.query.empty()) target.append("?").append(of.query);
  return target;
}

result<void> check_coding(const http_response& response, std::string_view credentials) {
  const std::string_view coding = coding_of(response, credentials);
  if (coding.empty()) return {};
  return failure(errc::unexpected_content_type,
                 "its body is compressed (" + std::string(coding) + "), which is not decoded here",
                 response);
}

result<void> check_response(const http_response& response, response_body expected,
                            std::string_view credentials) {
  if (response.status < 200 || response.status > 299) {
    error_details details = details_of(response);
    details.phase = phase::read_body;
    if (response.status >= 300 && response.status < 400)
      details.cause = shown_redirect(response, credentials);
    details.server = codec::parse_error_body(response.body);
    const bool step_up = response.status == 401 && is_step_up(response.www_authenticate);
    return error(step_up ? errc::step_up_required : code_of(response.status), std::move(details));
  }
  if (expected == response_body::ignored) return {};
  if (response.body.empty()) {
    if (expected == response_body::optional) return {};
    return failure(errc::unexpected_status, "the response has no body", response);
  }
  if (auto readable = check_coding(response, credentials); !readable) return readable;
  if (!is_json(response.content_type) && !codec::is_json(response.body)) {
    return failure(errc::unexpected_content_type,
                   shown_type(response.content_type, credentials) +
                       "; a proxy or another server may have responded in the API's place",
                   response);
  }
  return {};
}

result<void> check_response(const http_response& response, const operation& of,
                            std::string_view credentials) {
  if (of.accepts_bad_request && response.status == 400) return {};
  return check_response(response, of.expects, credentials);
}

}  // namespace upsun::api
