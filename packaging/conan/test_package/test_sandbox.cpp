// The sandbox starts, and says where it serves. It links what upsun::testing needs of TLS and
// HTTP/2.
#include <iostream>
#include <upsun/testing/sandbox.hpp>

int main() {
  const upsun::testing::sandbox api;
  const bool serves = api.url().starts_with("https://");
  std::cout << "the sandbox" << (serves ? " works\n" : " does not work\n");
  return serves ? 0 : 1;
}
