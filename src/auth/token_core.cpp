#include "auth/token_core.hpp"

#include <algorithm>
#include <utility>

namespace upsun::auth {

using std::chrono::nanoseconds;

token_answer token_core::get(time_point now) {
  if (valid(now)) {
    token_answer ready{.what = token_answer::kind::ready};
    if (now >= renews_ && !in_flight_ && now >= not_before_) ready.send = begin(now);
    return ready;
  }
  if (in_flight_) return {};
  if (final_ && now < not_before_) return {.what = token_answer::kind::failed};
  return {.what = token_answer::kind::wait, .send = begin(now)};
}

void token_core::invalidate(std::uint64_t generation) noexcept {
  if (generation == token_.generation) token_.authorization.reset();
}

std::optional<token_request> token_core::answered(result<issued_token> answer, bool final,
                                                  time_point now, double dice) {
  if (answer)
    answer->lifetime = std::clamp(answer->lifetime, std::chrono::seconds(0), longest_lifetime);
  if (answer && asked_ + answer->lifetime <= now) {
    error_details details;
    details.phase = phase::token;
    details.cause = "the access token had expired when it arrived";
    answer = error(errc::attempt_timeout, std::move(details));
    final = false;
  }
  if (answer) {
    succeed(std::move(*answer), dice);
    return std::nullopt;
  }
  // Whatever became of it, a refresh token is not used twice: where they rotate, the second use may
  // count as a theft.
  refresh_token_.clear();
  if (std::exchange(refreshing_, false) && final) {
    asked_ = now;
    return token_request{};
  }
  fail(answer.error(), final, now, dice);
  return std::nullopt;
}

token_core::state_kind token_core::state(time_point now) const noexcept {
  if (valid(now)) return now < renews_ ? state_kind::fresh : state_kind::renewing;
  if (final_ && now < not_before_) return state_kind::failed;
  return token_.authorization ? state_kind::expired : state_kind::none;
}

token_request token_core::begin(time_point now) {
  token_request wanted{.refresh_token = refresh_token_};
  in_flight_ = true;
  refreshing_ = !refresh_token_.empty();
  asked_ = now;
  return wanted;
}

void token_core::succeed(issued_token&& issued, double dice) {
  token_ = {.authorization = std::make_shared<const std::string>("Bearer " + issued.access_token),
            .generation = token_.generation + 1};
  if (!issued.refresh_token.empty())
    refresh_token_ =
        std::move(issued.refresh_token);  // else the one there is stays good (RFC 6749 section 6)
  renews_ = asked_ + renewal_age(issued.lifetime, dice);
  expires_ = asked_ + issued.lifetime;
  in_flight_ = refreshing_ = final_ = false;
  failure_ = {};
  failures_ = 0;
  not_before_ = time_point::min();
}

void token_core::fail(error why, bool final, time_point now, double dice) noexcept {
  in_flight_ = false;
  failure_ = std::move(why);
  final_ = final;
  not_before_ = now + failure_pause(failures_++, dice);
}

nanoseconds renewal_age(std::chrono::seconds lifetime, double dice) noexcept {
  return nanoseconds(static_cast<nanoseconds::rep>(
      static_cast<double>(nanoseconds(lifetime).count()) * (0.75 + 0.1 * dice)));
}

nanoseconds failure_pause(unsigned failure, double dice) noexcept {
  constexpr nanoseconds longest = std::chrono::seconds(30);
  const nanoseconds grown =
      std::min<nanoseconds>(std::chrono::seconds(1U << std::min(failure, 5U)), longest);
  return nanoseconds(
      static_cast<nanoseconds::rep>(static_cast<double>(grown.count()) * (0.5 + 0.5 * dice)));
}

}  // namespace upsun::auth
