#include "http/net/pacing.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace upsun::http {
namespace pacing_test {

using namespace std::chrono_literals;

poll_outcome poll_of(std::size_t responses, duration took, std::size_t watched = 64,
                     bool full = false) {
  poll_outcome made{.watched = watched, .full = full};
  for (std::size_t i = 0; i < responses; ++i) made.note_response(took);
  return made;
}

poll_outcome with_a_quick_one(poll_outcome others) {
  others.note_response(400us);
  return others;
}

struct pacing_case {
  const char* what;
  poll_outcome last;
  duration pause;
};

TEST(Pacing, PausesForAFractionOfWhatResponsesTakeWhereThatMakesLargerBatches) {
  for (const auto& [what, last, pause] : {
           pacing_case{"an eighth of what responses take", poll_of(3, 400us), 50us},
           pacing_case{"however many there are", poll_of(15, 640us), 80us},
           pacing_case{"the quickest counts", with_a_quick_one(poll_of(10, 10ms)), 50us},
           pacing_case{"never longer than this", poll_of(15, 1s), 100us},
           pacing_case{"the shortest pause", poll_of(15, 200us), 25us},
           pacing_case{"too short a pause", poll_of(15, 199us), 0us},
           pacing_case{"no time at all", poll_of(15, 0us), 0us},
           pacing_case{"no responses", {}, 0us},
           pacing_case{"few responses", poll_of(2, 1s), 0us},
           pacing_case{"half of all connections", poll_of(4, 1s, 8), 100us},
           pacing_case{"servers with few requests left", poll_of(4, 1s, 7), 0us},
           pacing_case{"there may be more already", poll_of(16, 1s, 64, true), 0us},
       })
    EXPECT_EQ(pause_after(last), pause) << what;
}

}  // namespace pacing_test
}  // namespace upsun::http
