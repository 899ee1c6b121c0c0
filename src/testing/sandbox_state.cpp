#include "testing/sandbox_state.hpp"

#include <utility>

#include "testing/compressed_reply.hpp"

namespace upsun::testing {

reply_ptr sandbox_state::respond(const api_request& request) {
  const bool is_head = request.method == "HEAD";
  reply_ptr response;
  if (auth.is_token_endpoint(request.target)) {
    auto exchanged =
        auth.exchange(request.method, request.authorization, request.content_type, request.body);
    counters.count(exchanged.outcome);
    response = std::move(exchanged.response);
  } else {
    api_request asked = request;
    if (is_head) asked.method = "GET";
    response = api.respond(asked);
    if (compress) response = compressed(std::move(response), request.accept_encoding);
  }
  return is_head ? std::make_shared<const reply>(without_body(*response)) : response;
}

reply scripted_reply(const fault& what, bool is_head) {
  const std::string_view type = what.content_type.empty() && !what.body.empty()
                                    ? "application/json"
                                    : std::string_view(what.content_type);
  reply made = make_reply(what.status, type, what.body, what.headers);
  return is_head ? without_body(made) : made;
}

}  // namespace upsun::testing
