#include "auth/token_core.hpp"

#include <algorithm>
#include <utility>

#include "model/make_error.hpp"

namespace upsun::auth {

using std::chrono::nanoseconds;
using std::chrono::seconds;

token_lookup token_core::get(time_point now) {
  if (valid(now)) {
    token_lookup found{.state = token_lookup::kind::ready};
    if (now >= renews_ && !in_flight_ && now >= not_before_) found.request = begin(now);
    return found;
  }
  if (in_flight_) return {};
  if (final_ && now < not_before_) return {.state = token_lookup::kind::failed};
  return {.state = token_lookup::kind::pending, .request = begin(now)};
}

void token_core::invalidate(std::uint64_t generation) noexcept {
  if (generation == token_.generation) token_.authorization.reset();
}

std::optional<token_grant> token_core::on_response(result<issued_token> response, bool final,
                                                   time_point now, double dice) {
  if (response) response->lifetime = std::clamp(response->lifetime, seconds(0), longest_lifetime);
  if (response && requested_ + response->lifetime <= now) {
    response = model::make_error(errc::attempt_timeout, phase::token,
                                 "the access token had expired when it arrived");
    final = false;
  }
  if (response) {
    succeed(std::move(*response), dice);
    return std::nullopt;
  }
  // A refresh token is not used twice, whatever became of the first use: where they rotate, the
  // second may count as a theft.
  refresh_token_.clear();
  if (std::exchange(by_refresh_token_, false) && final) {
    requested_ = now;
    return token_grant{};
  }
  fail(response.error(), final, now, dice);
  return std::nullopt;
}

token_grant token_core::begin(time_point now) {
  token_grant grant{.refresh_token = refresh_token_};
  in_flight_ = true;
  by_refresh_token_ = !refresh_token_.empty();
  requested_ = now;
  return grant;
}

void token_core::succeed(issued_token&& issued, double dice) {
  token_ = {.authorization = std::make_shared<const std::string>("Bearer " + issued.access_token),
            .generation = token_.generation + 1};
  // Without a new one, the old one stays good (RFC 6749 section 6).
  if (!issued.refresh_token.empty()) refresh_token_ = std::move(issued.refresh_token);
  renews_ = requested_ + renewal_age(issued.lifetime, dice);
  expires_ = requested_ + issued.lifetime;
  in_flight_ = by_refresh_token_ = final_ = false;
  failure_ = {};
  failures_ = 0;
  not_before_ = time_point::min();
}

void token_core::fail(error why, bool final, time_point now, double dice) {
  in_flight_ = false;
  failure_ = std::move(why);
  final_ = final;
  not_before_ = now + failure_backoff(failures_++, dice);
}

nanoseconds renewal_age(seconds lifetime, double dice) noexcept {
  return std::chrono::duration_cast<nanoseconds>(lifetime * (0.75 + 0.1 * dice));
}

nanoseconds failure_backoff(unsigned failure, double dice) noexcept {
  const seconds grown = std::min(seconds(1U << std::min(failure, 5U)), seconds(30));
  return std::chrono::duration_cast<nanoseconds>(grown * (0.5 + 0.5 * dice));
}

}  // namespace upsun::auth
