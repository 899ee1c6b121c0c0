#include <gtest/gtest.h>

/// Called once, before the first input. A failed expectation then throws, which nothing catches: it
/// ends the process, as a crash does.
extern "C" int LLVMFuzzerInitialize(int* /*argc*/, char*** /*argv*/) {
  GTEST_FLAG_SET(throw_on_failure, true);
  return 0;
}
