#pragma once

#include <gtest/gtest.h>

#include <string>

namespace upsun::test {

/// A small integration, whose channel is "#ops".
inline const std::string slack_document =
    R"({"id":"integration-0","type":"health.slack","role":"","channel":"#ops"})";

/// A good response with a JSON document. \param fields more header fields, each with its line end.
inline std::string json_response(const std::string& fields = {},
                                 const std::string& document = slack_document) {
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(document.size()) + "\r\n" + fields + "\r\n" + document;
}

/// Names the cases of a suite that runs over plain TCP and over TLS.
inline std::string plain_or_tls(const ::testing::TestParamInfo<bool>& tls) {
  return tls.param ? "Tls" : "PlainTcp";
}

}  // namespace upsun::test
