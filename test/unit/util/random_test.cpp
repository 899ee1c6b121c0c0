#include "util/random.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <set>
#include <stdexcept>

#include "util/process_mark.hpp"

namespace upsun::util {
namespace random_test {

/// What `draw` returns in a forked child.
template <class Draw>
auto in_child(Draw draw) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) throw std::runtime_error("no pipe");
  decltype(draw()) drawn{};
  const pid_t child = ::fork();
  if (child == 0) {
    drawn = draw();
    ::_exit(::write(ends[1], &drawn, sizeof drawn) == sizeof drawn ? 0 : 1);
  }
  int status = -1;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(::read(ends[0], &drawn, sizeof drawn), static_cast<ssize_t>(sizeof drawn));
  for (const int end : ends) ::close(end);
  return drawn;
}

TEST(ForkedChild, DrawsOtherNumbersThanItsParentAndItsSiblings) {
  random_bits();  // the generator that the children inherit has been seeded
  std::set<std::uint64_t> bits;
  std::set<double> rolls;
  for (int i = 0; i < 3; ++i) {
    bits.insert(in_child(random_bits));
    rolls.insert(in_child(roll));
  }
  bits.insert(random_bits());
  rolls.insert(roll());
  EXPECT_EQ(bits.size(), 4U);
  EXPECT_EQ(rolls.size(), 4U);
}

TEST(ForkedChild, DrawsOtherNumbersThanItsOwnChildren) {
  random_bits();
  EXPECT_TRUE(in_child([] { return in_child(random_bits) != random_bits(); }));
}

TEST(ForkedChild, IsNotTheProcessOfAnEarlierMark) {
  const process_mark mine;
  EXPECT_TRUE(mine.made_here());
  EXPECT_TRUE(in_child([&] { return !mine.made_here() && process_mark().made_here(); }));
  EXPECT_TRUE(mine.made_here());
}

TEST(Roll, LiesBetweenZeroAndOne) {
  for (int i = 0; i < 1000; ++i) {
    const double rolled = roll();
    EXPECT_GE(rolled, 0);
    EXPECT_LT(rolled, 1);
  }
}

}  // namespace random_test
}  // namespace upsun::util
