#pragma once

#include <string>
#include <string_view>

namespace upsun::http {

/// A complete head as Beast takes it. Servers deviate from RFC 9112 in some ways that other clients
/// accept and that cannot change where a message ends; these are put right:
/// - a status line that ends after the status (section 4);
/// - a field value that goes on in the next line (section 5.2), but for `Content-Length` and
///   `Transfer-Encoding`;
/// - a `Connection` that is no list of tokens, which becomes `close`.
/// Everything else is left as it is, for Beast to judge.
[[nodiscard]] std::string lenient_head(std::string_view head);

}  // namespace upsun::http
