#include "testing/fault_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <stdexcept>

namespace upsun::testing {
namespace {

enum class unit { none, bytes, count, milliseconds, code };
constexpr std::array<std::string_view, 5> unit_names{"", "=BYTES", "=COUNT", "=MILLISECONDS",
                                                     "=CODE"};

struct named_kind {
  std::string_view name;
  fault_kind kind;
  unit needs;
  std::uint32_t code = 0;  ///< Of HTTP/2 (RFC 9113 section 7).
};
constexpr std::array named_kinds{
    named_kind{"delay", fault_kind::delay, unit::milliseconds},
    named_kind{"silent", fault_kind::silent, unit::none},
    named_kind{"silent_accept", fault_kind::silent_accept, unit::none},
    named_kind{"close_before_reply", fault_kind::close_before_reply, unit::none},
    named_kind{"reset_at", fault_kind::reset_at, unit::bytes},
    named_kind{"truncate_at", fault_kind::truncate_at, unit::bytes},
    named_kind{"stall_at", fault_kind::stall_at, unit::bytes},
    named_kind{"dribble", fault_kind::dribble, unit::none},
    named_kind{"wrong_length", fault_kind::wrong_length, unit::bytes},
    named_kind{"garbage_after", fault_kind::garbage_after, unit::none},
    named_kind{"close_after", fault_kind::close_after, unit::none},
    named_kind{"status", fault_kind::status, unit::code},
    named_kind{"long_head", fault_kind::long_head, unit::bytes},
    named_kind{"goaway", fault_kind::goaway, unit::none},
    named_kind{"goaway_now", fault_kind::goaway_now, unit::none},
    named_kind{"goaway_calm", fault_kind::goaway_now, unit::none, 0xb},      // ENHANCE_YOUR_CALM
    named_kind{"reset_stream", fault_kind::reset_stream, unit::bytes, 0x2},  // INTERNAL_ERROR
    named_kind{"refuse_stream", fault_kind::reset_stream, unit::none, 0x7},  // REFUSED_STREAM
    named_kind{"calm_stream", fault_kind::reset_stream, unit::none, 0xb},
    named_kind{"http1_required", fault_kind::reset_stream, unit::none, 0xd},  // HTTP_1_1_REQUIRED
    named_kind{"max_streams", fault_kind::max_streams, unit::count},
    named_kind{"small_window", fault_kind::small_window, unit::bytes},
    named_kind{"no_window_updates", fault_kind::no_window_updates, unit::none},
    named_kind{"ping_flood", fault_kind::ping_flood, unit::count},
};

constexpr std::size_t longest_delay = 24 * 60 * 60 * 1000;  // of milliseconds

[[noreturn]] void refuse(std::string_view text, const std::string& problem) {
  throw std::invalid_argument('\'' + std::string(text) + "': " + problem);
}

std::size_t read_number(std::string_view digits, std::string_view text) {
  std::size_t number = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (failure != std::errc() || end != digits.data() + digits.size())
    refuse(text, "'" + std::string(digits) + "' is not a number");
  return number;
}

}  // namespace

fault_order parse_fault(std::string_view text) {
  fault_order order;
  const std::size_t star = text.find('*');
  if (star != text.npos) {
    order.count = read_number(text.substr(star + 1), text);
    if (order.count == 0) refuse(text, "the count must be at least 1");
  }
  const std::string_view head = text.substr(0, star);
  const std::size_t equals = head.find('=');
  const auto known = std::find_if(named_kinds.begin(), named_kinds.end(), [&](const named_kind& k) {
    return k.name == head.substr(0, equals);
  });
  if (known == named_kinds.end()) refuse(text, "not a known fault");
  if ((equals != head.npos) != (known->needs != unit::none))
    refuse(text, known->needs == unit::none ? "takes no value" : "needs a value");

  order.what.kind = known->kind;
  order.what.code = known->code;
  const std::size_t value = equals == head.npos ? 0 : read_number(head.substr(equals + 1), text);
  switch (known->needs) {
    case unit::none: break;
    case unit::bytes:
    case unit::count: order.what.at = value; break;
    case unit::milliseconds:
      if (value > longest_delay) refuse(text, "a delay is at most a day");
      order.what.delay = std::chrono::milliseconds(value);
      break;
    case unit::code:
      if (value < 200 || value > 599) refuse(text, "a status has three digits, from 200 to 599");
      order.what.status = static_cast<int>(value);
      break;
  }
  return order;
}

std::string fault_kinds() {
  std::string list;
  for (const named_kind& k : named_kinds)
    list.append(list.empty() ? "" : ", ")
        .append(k.name)
        .append(unit_names[static_cast<std::size_t>(k.needs)]);
  return list;
}

}  // namespace upsun::testing
