#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <upsun/result.hpp>

#include "codec/links.hpp"
#include "util/origin.hpp"

namespace upsun::api {

/// The target of a link: an absolute `http` or `https` URL that is safe to send a request to.
struct link_target {
  util::origin where;  ///< Without a prefix.
  std::string target;  ///< Origin form (RFC 9112 section 3.2.1): path and query, no dot segments.
};

/// Resolves a link of a document that came from `base` (RFC 3986 section 5). Refused, with the
/// link's place in the document: a URL with user info, a fragment, a scheme other than http and
/// https, or a network-path reference ("//host"); one that holds a control character, a space, or
/// whatever RFC 3986 does not allow; a dot segment that is percent-encoded; more than 4,096
/// characters.
[[nodiscard]] result<link_target> resolve(const codec::link& reference, const link_target& base);

/// The absolute URL of a target.
[[nodiscard]] std::string url_of(const link_target& to);

/// Whether requests there reach the API of this base URL, and so may carry its token: scheme, host
/// and port are the same, and the path is below the base's.
[[nodiscard]] bool is_own(const link_target& to, const util::origin& api);

/// The roots of the resources that regional hosts and mirrors serve, too.
inline constexpr std::array<std::string_view, 1> project_resources{"/projects"};
inline constexpr std::array<std::string_view, 4> every_resource{"/projects", "/organizations",
                                                                "/users", "/ref"};

/// What to ask the API of this base URL for when a link leads there: its target, as it is if it is
/// the API's own, or below the base URL's path if it is that of a regional host or a mirror, which
/// serve the same resources ("https://eu-5.platform.sh/api/projects/..."). Absent when the link
/// leads to anything else.
[[nodiscard]] std::optional<std::string> own_target(
    const link_target& to, const util::origin& api,
    std::span<const std::string_view> roots = project_resources);

/// The same for the link of a page, which is followed as it is. \param base the page's own target
[[nodiscard]] result<std::string> own_target_of(const std::string& href, const std::string& base,
                                                const util::origin& api);

}  // namespace upsun::api
