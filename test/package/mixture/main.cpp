#include <upsun/detail/same_asio.hpp>

int main() {}
