#include "api/links.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "model/make_error.hpp"
#include "util/ascii.hpp"

namespace upsun::api {
namespace {

constexpr std::size_t longest = 4096;
constexpr std::string_view unreserved =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
constexpr std::string_view reserved = ":/?#[]@!$&'()*+,;=";
constexpr std::string_view in_path_and_query = ":/?@!$&'()*+,;=";  // RFC 3986 sections 3.3 and 3.4
// What else servers write in queries: "page[after]", which no HTTP software minds.
constexpr std::string_view also_in_query = "[]";

bool holds(std::string_view set, char c) noexcept { return set.find(c) != std::string_view::npos; }

/// What is wrong with the characters of a reference.
std::optional<std::string_view> refuse_characters(std::string_view text) {
  if (text.size() > longest) return "more than 4096 characters";
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) return "a control character";
    if (c == '%' && (i + 2 >= text.size() || !util::is_hex_digit(text[i + 1]) ||
                     !util::is_hex_digit(text[i + 2])))
      return "a percent sign without two digits";
    if (c != '%' && !holds(unreserved, c) && !holds(reserved, c))
      return "a character that URLs may not hold";
  }
  if (holds(text, '#')) return "a fragment";
  return std::nullopt;
}

/// A name and a colon before the first slash or question mark (RFC 3986 section 3.1).
std::string_view scheme_of(std::string_view reference) {
  const std::size_t end = reference.find_first_of(":/?");
  return end != std::string_view::npos && reference[end] == ':' ? reference.substr(0, end)
                                                                : std::string_view();
}

/// RFC 3986 section 5.2.4. \pre begins with a slash \return what cannot be resolved, if anything
std::optional<std::string_view> remove_dot_segments(std::string_view path, std::string& out) {
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/', 1), path.size());
    const std::string_view segment = path.substr(1, end - 1);
    const bool last = end == path.size();
    if (util::hides_dot_segment(segment)) return "a percent-encoded dot segment";
    if (segment.empty() && !last) return "an empty path segment";
    if (segment == "..") out.resize(out.empty() ? 0 : out.rfind('/'));
    if (segment != "." && segment != "..") {
      out.append("/").append(segment);
    } else if (last) {
      out += '/';
    }
    path.remove_prefix(end);
  }
  return std::nullopt;
}

std::string_view path_of(std::string_view target) { return target.substr(0, target.find('?')); }

/// RFC 3986 section 5.2.2, for a reference without scheme and authority.
std::string merge(std::string_view reference, std::string_view base) {
  if (reference.empty()) return std::string(base);
  const std::string_view base_path = path_of(base);
  if (reference.front() == '/') return std::string(reference);
  if (reference.front() == '?') return std::string(base_path).append(reference);
  return std::string(base_path.substr(0, base_path.rfind('/') + 1)).append(reference);
}

}  // namespace

result<link_target> resolve(const codec::link& reference, const link_target& base) {
  constexpr std::string_view wanted = "the URL of a resource";
  const auto refuse = [&](std::string_view found) {
    return codec::refuse_link(reference, wanted, found);
  };
  const std::string_view href = reference.href;
  if (const auto problem = refuse_characters(href)) return refuse(*problem);
  if (href.starts_with("//")) return refuse("a host without a scheme");

  link_target to{base.where, {}};
  std::string whole;
  if (const std::string_view scheme = scheme_of(href); !scheme.empty() || href.starts_with(':')) {
    const std::size_t authority = scheme.size() + std::string_view("://").size();
    if (href.substr(scheme.size(), 3) != "://") return refuse("another scheme than http and https");
    const std::size_t path = std::min(href.find_first_of("/?", authority), href.size());
    if (const auto problem = util::parse_origin(href.substr(0, path), to.where))
      return refuse("a URL that " + *problem);
    whole = path < href.size() && href[path] == '/' ? href.substr(path)
                                                    : std::string("/").append(href.substr(path));
  } else {
    whole = merge(href, base.target);
  }

  const std::string_view path = path_of(whole);
  for (const char& c : whole) {
    const bool in_query = static_cast<std::size_t>(&c - whole.data()) > path.size();
    if (c != '%' && !holds(unreserved, c) && !holds(in_path_and_query, c) &&
        !(in_query && holds(also_in_query, c)))
      return refuse("a character that paths may not hold");
  }
  to.target.clear();
  if (const auto problem = remove_dot_segments(path, to.target)) return refuse(*problem);
  to.target.append(std::string_view(whole).substr(path.size()));
  return to;
}

std::string url_of(const link_target& to) {
  return (to.where.tls ? "https://" : "http://") + to.where.host_header + to.target;
}

bool is_own(const link_target& to, const util::origin& api) {
  if (to.where.tls != api.tls || to.where.host != api.host || to.where.port != api.port)
    return false;
  return api.prefix.empty() ||
         (to.target.starts_with(api.prefix) && to.target.substr(api.prefix.size(), 1) == "/");
}

std::optional<std::string> own_target(const link_target& to, const util::origin& api,
                                      std::span<const std::string_view> roots) {
  if (is_own(to, api)) return to.target;
  constexpr std::string_view regional_prefix = "/api";
  for (const std::string_view prefix :
       {std::string_view(), regional_prefix, std::string_view(api.prefix)}) {
    std::string_view below = to.target;
    if (!below.starts_with(prefix)) continue;
    below.remove_prefix(prefix.size());
    const auto is_below = [below](std::string_view root) {
      return below.starts_with(root) &&
             (below.size() == root.size() || holds("/?", below[root.size()]));
    };
    if (std::any_of(roots.begin(), roots.end(), is_below))
      return std::string(api.prefix).append(below);
  }
  return std::nullopt;
}

result<std::string> own_target_of(const std::string& href, const std::string& base,
                                  const util::origin& api) {
  link_target from{api, base};
  from.where.prefix.clear();
  const auto refuse = [](std::string cause) {
    return model::make_error(errc::decode_failed, phase::decode, std::move(cause));
  };
  const auto to = resolve({{}, href, 0}, from);
  if (!to) return refuse("is not the URL of a resource: " + to.error().decode()->found);
  if (auto own = own_target(*to, api, every_resource)) return std::move(*own);
  return refuse("leads to elsewhere than the API, which must not see the token");
}

}  // namespace upsun::api
