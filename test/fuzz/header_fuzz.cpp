#include <gtest/gtest.h>

#include "config/header_field.hpp"
#include "fuzz/input.hpp"
#include "http/http1/request_head.hpp"

/// A field's name up to a colon, then its value: what is accepted makes one line of the head, as it
/// stands.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  upsun::fuzz::input input(data, size);
  const std::string name(input.until(':'));
  const std::string value(input.rest());
  if (const auto problem = upsun::config::refuse_header(name, value)) {
    EXPECT_EQ(problem->find_first_of("\r\n"), std::string::npos);
    return 0;
  }
  upsun::http_request request;
  request.target = "/";
  request.headers = {{name, value}};
  const std::string head = upsun::http::request_text(std::move(request), "Host: h\r\n");
  EXPECT_EQ(head, "GET / HTTP/1.1\r\nHost: h\r\n" + name + ": " + value + "\r\n\r\n");
  std::size_t lines = 0;
  for (std::size_t i = 0; i < head.size(); ++i) {
    const bool after_return = i > 0 && head[i - 1] == '\r';
    EXPECT_EQ(after_return, head[i] == '\n');
    EXPECT_NE(head[i], '\0');
    lines += head[i] == '\n' ? 1 : 0;
  }
  EXPECT_EQ(lines, 4U);
  EXPECT_EQ(name.find_first_of(" \t\r\n:"), std::string::npos);
  return 0;
}
