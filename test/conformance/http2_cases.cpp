#include "conformance/http2_cases.hpp"

#include <nghttp2/nghttp2.h>

#include <utility>

namespace upsun::http::http2_cases {
namespace {

using namespace std::string_literals;
using test::field_list;
using test::frame;
using test::number;
using peer = test::scripted_peer;

constexpr std::uint8_t none = 0;
constexpr std::uint8_t end_stream = NGHTTP2_FLAG_END_STREAM;
constexpr std::uint8_t end_headers = NGHTTP2_FLAG_END_HEADERS;
constexpr std::uint8_t padded = NGHTTP2_FLAG_PADDED;
constexpr std::uint8_t priority = NGHTTP2_FLAG_PRIORITY;
constexpr std::uint8_t both_ends = end_stream | end_headers;

const field_list good{{":status", "200"}, {"content-type", "application/json"}};

std::string ok(peer& p) { return p.response(1, "ok"); }
std::string head(peer& p, const field_list& fields) { return p.headers(1, fields, false); }
std::string body(std::string_view bytes = "ok") { return peer::data(1, bytes, true); }

/// A response whose head has these fields beside the good ones.
std::function<std::string(peer&)> with_field(std::string name, std::string value) {
  return [=](peer& p) {
    field_list fields = good;
    fields.emplace_back(name, value);
    return head(p, fields) + body();
  };
}
/// A response with just these fields.
std::function<std::string(peer&)> with_fields(field_list fields) {
  return [=](peer& p) { return head(p, fields) + body(); };
}
/// Bytes that do not depend on the connection's state.
std::function<std::string(peer&)> fixed(std::string bytes) {
  return [=](peer&) { return bytes; };
}
/// Bytes, then a good response.
std::function<std::string(peer&)> then_ok(std::string bytes) {
  return [=](peer& p) { return bytes + ok(p); };
}
/// A head as this block, then a body.
std::function<std::string(peer&)> with_block(std::string block) {
  return [=](peer&) { return frame(NGHTTP2_HEADERS, end_headers, 1, block) + body(); };
}

std::vector<http2_case> frames() {
  return {
      {"3.4", "no settings first", fixed(frame(NGHTTP2_PING, none, 0, "12345678")),
       outcome::connection_ended, false},
      {"3.4", "HTTP/1.1 in place of HTTP/2", fixed("HTTP/1.1 400 Bad Request\r\n\r\n"),
       outcome::connection_ended, false},
      {"3.4", "settings with values",
       [](peer& p) {
         return peer::settings({{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 100}}) + ok(p);
       },
       outcome::success, false},
      {"4.1", "an unknown type", then_ok(frame(0xfa, 0xff, 1, "anything")), outcome::success},
      {"4.1", "an unknown type on the connection", then_ok(frame(0xfa, 0, 0)), outcome::success},
      {"4.1", "undefined flags",
       [](peer& p) {
         return frame(NGHTTP2_HEADERS, end_headers | 0x80, 1, p.block(good)) +
                frame(NGHTTP2_DATA, end_stream | 0x40, 1, "ok");
       },
       outcome::success},
      {"4.1", "the reserved bit of a stream id",
       [](peer& p) {
         return frame(NGHTTP2_HEADERS, end_headers, 0x8000'0001, p.block(good)) + body();
       },
       outcome::success},
      {"4.2", "a frame of the largest size",
       [](peer& p) { return head(p, good) + peer::data(1, std::string(16'384, 'x'), true); },
       outcome::failed},  // over the body limit of the test
      {"4.2", "a frame that is too large",
       [](peer& p) { return head(p, good) + peer::data(1, std::string(16'385, 'x'), true); },
       outcome::connection_ended},
      {"4.2", "settings of an odd size", fixed(frame(NGHTTP2_SETTINGS, none, 0, "12345")),
       outcome::connection_ended},
      {"4.2", "a ping of seven bytes", fixed(frame(NGHTTP2_PING, none, 0, "1234567")),
       outcome::connection_ended},
      {"4.2", "a reset of three bytes", fixed(frame(NGHTTP2_RST_STREAM, none, 1, "123")),
       outcome::connection_ended},
      {"4.2", "a reset of five bytes", fixed(frame(NGHTTP2_RST_STREAM, none, 1, "12345")),
       outcome::connection_ended},
      {"4.2", "a window update of three bytes", fixed(frame(NGHTTP2_WINDOW_UPDATE, none, 1, "123")),
       outcome::connection_ended},
      {"4.2", "a goaway of seven bytes", fixed(frame(NGHTTP2_GOAWAY, none, 0, "1234567")),
       outcome::connection_ended},
      {"4.3", "a head in four frames",
       [](peer& p) {
         const std::string block = p.block(good);
         std::string all = frame(NGHTTP2_HEADERS, none, 1, block.substr(0, 1));
         all += frame(NGHTTP2_CONTINUATION, none, 1, block.substr(1, 1));
         all += frame(NGHTTP2_CONTINUATION, none, 1);
         return all + frame(NGHTTP2_CONTINUATION, end_headers, 1, block.substr(2)) + body();
       },
       outcome::success},
      {"4.3", "another frame within a head",
       [](peer& p) {
         return frame(NGHTTP2_HEADERS, none, 1, p.block(good)) +
                frame(NGHTTP2_PING, none, 0, "12345678");
       },
       outcome::connection_ended},
      {"4.3", "an unknown frame within a head",
       [](peer& p) {
         return frame(NGHTTP2_HEADERS, none, 1, p.block(good)) + frame(0xfa, none, 0, "x");
       },
       outcome::connection_ended},
      {"4.3", "a head that goes on on another stream",
       [](peer& p) {
         return frame(NGHTTP2_HEADERS, none, 1, p.block(good)) +
                frame(NGHTTP2_CONTINUATION, end_headers, 3);
       },
       outcome::connection_ended},
      {"4.3", "a head that begins twice",
       [](peer& p) {
         const std::string block = p.block(good);
         return frame(NGHTTP2_HEADERS, none, 1, block) +
                frame(NGHTTP2_HEADERS, end_headers, 1, block);
       },
       outcome::connection_ended},
      {"6.10", "a continuation of nothing",
       fixed(frame(NGHTTP2_CONTINUATION, end_headers, 1, "\x88")), outcome::connection_ended},
      {"6.10", "a continuation without a stream",
       [](peer& p) {
         return frame(NGHTTP2_HEADERS, none, 1, p.block(good)) +
                frame(NGHTTP2_CONTINUATION, end_headers, 0);
       },
       outcome::connection_ended},
      {"10.5.1", "a head without end",
       [](peer& p) {
         std::string all = frame(NGHTTP2_HEADERS, none, 1, p.block(good));
         for (int i = 0; i < 50; ++i) all += frame(NGHTTP2_CONTINUATION, none, 1);
         return all;
       },
       outcome::connection_ended},
  };
}

std::vector<http2_case> streams() {
  return {
      {"5.1", "data on a stream that was never opened", fixed(peer::data(5, "x", true)),
       outcome::connection_ended},
      {"5.1", "a head on a stream that was never opened",
       [](peer& p) { return p.headers(5, good, true); }, outcome::connection_ended},
      {"5.1", "a reset of a stream that was never opened", fixed(peer::reset(5, 0)),
       outcome::connection_ended},
      {"5.1", "a window for a stream that was never opened", fixed(peer::window_update(5, 1)),
       outcome::connection_ended},
      {"5.1", "a head on a stream of the server's",
       [](peer& p) { return p.headers(2, good, true); }, outcome::connection_ended},
      {"5.1", "data after the end of a response",
       [](peer& p) { return ok(p) + peer::data(1, "more", false); }, outcome::success},
      {"5.1", "a window after the end of a response",
       [](peer& p) { return ok(p) + peer::window_update(1, 10); }, outcome::success},
      {"5.1", "a reset after the end of a response",
       [](peer& p) { return ok(p) + peer::reset(1, NGHTTP2_CANCEL); }, outcome::success},
      {"5.1", "a priority of any stream", then_ok(frame(NGHTTP2_PRIORITY, none, 77, number(0, 5))),
       outcome::success},
      {"5.1.1", "a head without a stream",
       [](peer& p) { return frame(NGHTTP2_HEADERS, both_ends, 0, p.block(good)); },
       outcome::connection_ended},
      {"5.1.1", "data without a stream", fixed(peer::data(0, "x", true)),
       outcome::connection_ended},
      {"5.1.1", "a reset without a stream", fixed(peer::reset(0, 0)), outcome::connection_ended},
      {"6.3", "a priority without a stream", fixed(frame(NGHTTP2_PRIORITY, none, 0, number(0, 5))),
       outcome::connection_ended},
      {"5.4.2", "a reset for any reason", fixed(peer::reset(1, NGHTTP2_INTERNAL_ERROR)),
       outcome::failed},
      {"7", "a reset with an unknown code", fixed(peer::reset(1, 0xdead)), outcome::failed},
      {"8.7", "a refused stream", fixed(peer::reset(1, NGHTTP2_REFUSED_STREAM)), outcome::refused},
      {"7", "a stream that must be asked for over HTTP/1.1",
       fixed(peer::reset(1, NGHTTP2_HTTP_1_1_REQUIRED)), outcome::refused},
      {"8.1", "no error before a response", fixed(peer::reset(1, NGHTTP2_NO_ERROR)),
       outcome::failed},
      {"6.4", "a reset amid a body",
       [](peer& p) {
         return head(p, good) + peer::data(1, "o", false) + peer::reset(1, NGHTTP2_CANCEL);
       },
       outcome::failed},
      {"6.1", "padded data",
       [](peer& p) {
         return head(p, good) + frame(NGHTTP2_DATA, padded | end_stream, 1, "\x03ok\0\0\0"s);
       },
       outcome::success},
      {"6.1", "data of padding only",
       [](peer& p) {
         return head(p, good) + frame(NGHTTP2_DATA, padded, 1, "\x05\0\0\0\0\0"s) + body();
       },
       outcome::success},
      {"6.1", "padding longer than its frame",
       [](peer& p) {
         return head(p, good) + frame(NGHTTP2_DATA, padded | end_stream, 1, "\x03ok"s);
       },
       outcome::connection_ended},
      {"6.1", "padded data without its length",
       [](peer& p) { return head(p, good) + frame(NGHTTP2_DATA, padded | end_stream, 1); },
       outcome::connection_ended},
      {"6.1", "a body in pieces, one empty",
       [](peer& p) {
         return head(p, good) + peer::data(1, "o", false) + peer::data(1, "", false) +
                peer::data(1, "k", false) + peer::data(1, "", true);
       },
       outcome::success},
      {"6.2", "a padded head",
       [](peer& p) {
         return frame(NGHTTP2_HEADERS, end_headers | padded, 1, "\x02" + p.block(good) + "\0\0"s) +
                body();
       },
       outcome::success},
      {"6.2", "padding longer than its head",
       fixed(frame(NGHTTP2_HEADERS, end_headers | padded, 1, "\x09\x88")),
       outcome::connection_ended},
      {"6.2", "a head with a priority",
       [](peer& p) {
         return frame(NGHTTP2_HEADERS, end_headers | priority, 1,
                      number(0, 4) + "\x10" + p.block(good)) +
                body();
       },
       outcome::success},
  };
}

std::vector<http2_case> connections() {
  return {
      {"6.5", "an acknowledgement with a payload",
       fixed(frame(NGHTTP2_SETTINGS, 1, 0, number(0, 6))), outcome::connection_ended},
      {"6.5", "settings of a stream", fixed(frame(NGHTTP2_SETTINGS, none, 1)),
       outcome::connection_ended},
      {"6.5.2", "push enabled by a server",
       fixed(peer::settings({{NGHTTP2_SETTINGS_ENABLE_PUSH, 1}})), outcome::connection_ended},
      {"6.5.2", "push disabled by a server",
       then_ok(peer::settings({{NGHTTP2_SETTINGS_ENABLE_PUSH, 0}})), outcome::success},
      {"6.5.2", "a window that is too large",
       fixed(peer::settings({{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 0x8000'0000}})),
       outcome::connection_ended},
      {"6.5.2", "the largest window",
       then_ok(peer::settings({{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 0x7fff'ffff}})),
       outcome::success},
      {"6.5.2", "frames that are too small",
       fixed(peer::settings({{NGHTTP2_SETTINGS_MAX_FRAME_SIZE, 16'383}})),
       outcome::connection_ended},
      {"6.5.2", "frames that are too large",
       fixed(peer::settings({{NGHTTP2_SETTINGS_MAX_FRAME_SIZE, 16'777'216}})),
       outcome::connection_ended},
      {"6.5.2", "the largest frames",
       then_ok(peer::settings({{NGHTTP2_SETTINGS_MAX_FRAME_SIZE, 16'777'215}})), outcome::success},
      {"6.5.2", "an unknown setting", then_ok(peer::settings({{0xfafa, 1}})), outcome::success},
      {"6.5.2", "no table", then_ok(peer::settings({{NGHTTP2_SETTINGS_HEADER_TABLE_SIZE, 0}})),
       outcome::success},
      {"6.5.2", "no streams",
       then_ok(peer::settings({{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 0}})), outcome::success},
      {"6.5.2", "heads of no size",
       then_ok(peer::settings({{NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, 0}})), outcome::success},
      {"6.5.3", "empty settings", then_ok(peer::settings()), outcome::success},
      {"6.6", "a push",
       [](peer& p) {
         return frame(NGHTTP2_PUSH_PROMISE, end_headers, 1,
                      number(2, 4) + p.block({{":method", "GET"},
                                              {":scheme", "https"},
                                              {":authority", "a"},
                                              {":path", "/"}}));
       },
       outcome::connection_ended},
      {"6.7", "a ping", then_ok(peer::ping("12345678", false)), outcome::success},
      {"6.7", "the answer to no ping", then_ok(peer::ping("12345678", true)), outcome::success},
      {"6.7", "a ping of a stream", fixed(frame(NGHTTP2_PING, none, 1, "12345678")),
       outcome::connection_ended},
      {"6.8", "a goaway of a stream", fixed(frame(NGHTTP2_GOAWAY, none, 1, number(0, 8))),
       outcome::connection_ended},
      {"6.8", "a goaway that names all", [](peer& p) { return peer::goaway(0x7fff'ffff) + ok(p); },
       outcome::success},
      {"6.8", "a goaway that names this stream", [](peer& p) { return peer::goaway(3) + ok(p); },
       outcome::success},
      {"6.8", "a goaway with a reason",
       [](peer& p) {
         return frame(NGHTTP2_GOAWAY, none, 0, number(3, 4) + number(11, 4) + "too many pings") +
                ok(p);
       },
       outcome::success},
      {"6.8", "a goaway that names none", fixed(peer::goaway(0)), outcome::refused},
      {"6.8", "a second goaway that takes back less",
       [](peer& p) { return peer::goaway(0x7fff'ffff) + peer::goaway(3) + ok(p); },
       outcome::success},
      {"6.9", "no more window of the connection", fixed(peer::window_update(0, 0)),
       outcome::connection_ended},
      {"6.9", "no more window of a stream", fixed(peer::window_update(1, 0)),
       outcome::connection_ended},
      {"6.9", "the reserved bit of a window", then_ok(peer::window_update(0, 0x8000'0001)),
       outcome::success},
      {"6.9.1", "a window of the connection that overflows",
       fixed(peer::window_update(0, 0x7fff'ffff)), outcome::connection_ended},
      {"6.9.1", "a window of a stream that overflows", fixed(peer::window_update(1, 0x7fff'ffff)),
       outcome::failed},
  };
}

std::vector<http2_case> messages() {
  return {
      {"8.1", "a response", ok, outcome::success},
      {"8.1", "a response without a body",
       [](peer& p) {
         return p.headers(1, {{":status", "200"}}, true);
       },
       outcome::failed},  // not the body that the test asks for
      {"8.1", "trailers",
       [](peer& p) {
         const std::string first = head(p, good) + peer::data(1, "ok", false);
         return first + p.headers(1, {{"x", "y"}}, true);
       },
       outcome::success},
      {"8.1", "trailers that do not end it",
       [](peer& p) {
         const std::string first = head(p, good) + peer::data(1, "ok", false);
         return first + p.headers(1, {{"x", "y"}}, false);
       },
       outcome::failed},
      {"8.1", "trailers with a pseudo-header",
       [](peer& p) {
         const std::string first = head(p, good) + peer::data(1, "ok", false);
         return first + p.headers(1, {{":status", "200"}}, true);
       },
       outcome::failed},
      {"8.1", "trailers with another length",
       [](peer& p) {
         const std::string first = head(p, good) + peer::data(1, "ok", false);
         return first + p.headers(1, {{"content-length", "9"}}, true);
       },
       outcome::failed},
      {"8.1", "a body before its head", fixed(body()), outcome::connection_ended},
      {"8.1", "informational responses",
       [](peer& p) {
         const std::string first = head(p, {{":status", "100"}});
         const std::string second = head(p, {{":status", "103"}, {"link", "</x>"}});
         return first + second + ok(p);
       },
       outcome::success},
      {"8.1", "too many informational responses",
       [](peer& p) {
         std::string all;
         for (int i = 0; i < 50; ++i) all += head(p, {{":status", "103"}});
         return all;
       },
       outcome::failed},
      {"8.1", "an informational response that ends it",
       [](peer& p) {
         return p.headers(1, {{":status", "103"}}, true);
       },
       outcome::failed},
      {"8.1", "an informational response with a body",
       [](peer& p) {
         return head(p, {{":status", "103"}}) + body();
       },
       outcome::failed},
      {"8.6", "101",
       [](peer& p) {
         return head(p, {{":status", "101"}});
       },
       outcome::failed},
      {"8.2.1", "a name in upper case", with_field("X-Upper", "x"), outcome::failed},
      {"8.2.1", "a name with a line break", with_field("x\r\ny", "x"), outcome::success},
      {"8.2.1", "a value with a line break", with_field("x", "a\r\nb"), outcome::failed},
      {"8.2.1", "a value with NUL", with_field("x", "a\0b"s), outcome::failed},
      {"8.2.1", "a value of every other byte", with_field("x", "a\x80\xff\tb"), outcome::success},
      {"8.2.2", "connection", with_field("connection", "close"), outcome::failed},
      {"8.2.2", "keep-alive", with_field("keep-alive", "timeout=5"), outcome::failed},
      {"8.2.2", "proxy-connection", with_field("proxy-connection", "close"), outcome::failed},
      {"8.2.2", "transfer-encoding", with_field("transfer-encoding", "chunked"), outcome::failed},
      {"8.2.2", "upgrade", with_field("upgrade", "h2c"), outcome::failed},
      {"8.3", "no status", with_fields({{"content-type", "application/json"}}), outcome::failed},
      {"8.3", "two statuses", with_fields({{":status", "200"}, {":status", "200"}}),
       outcome::failed},
      {"8.3", "a status behind a field", with_fields({{"x", "y"}, {":status", "200"}}),
       outcome::failed},
      {"8.3", "an unknown pseudo-header", with_fields({{":status", "200"}, {":x", "y"}}),
       outcome::failed},
      {"8.3", "a pseudo-header of requests", with_fields({{":status", "200"}, {":path", "/"}}),
       outcome::failed},
      {"8.3.2", "a status of two digits", with_fields({{":status", "20"}}), outcome::failed},
      {"8.3.2", "a status of four digits", with_fields({{":status", "2000"}}), outcome::failed},
      {"8.3.2", "a status that is no number", with_fields({{":status", "2x0"}}), outcome::failed},
      {"8.3.2", "an empty status", with_fields({{":status", ""}}), outcome::failed},
      {"8.1.1", "the length of the body", with_field("content-length", "2"), outcome::success},
      {"8.1.1", "a length that is too small", with_field("content-length", "1"), outcome::failed},
      {"8.1.1", "a length that is too large", with_field("content-length", "3"), outcome::failed},
      {"8.1.1", "a length that is no number", with_field("content-length", "2x"), outcome::failed},
      {"8.1.1", "a negative length", with_field("content-length", "-2"), outcome::failed},
      {"8.1.1", "a length beyond all numbers",
       with_field("content-length", "99999999999999999999999"), outcome::failed},
      {"8.1.1", "two lengths",
       with_fields({{":status", "200"}, {"content-length", "2"}, {"content-length", "2"}}),
       outcome::failed},
      {"8.1.1", "204 with a body", with_fields({{":status", "204"}, {"content-length", "2"}}),
       outcome::failed},
  };
}

std::vector<http2_case> compression() {
  const std::string ok_200 = "\x88"s;
  return {
      {"RFC 7541, 2.3.3", "index 0", with_block("\x80"s), outcome::connection_ended},
      {"RFC 7541, 2.3.3", "an index beyond the table", with_block("\xbe"s),
       outcome::connection_ended},
      {"RFC 7541, 2.3.3", "a name beyond the table", with_block("\x7f\x20\x01x"s),
       outcome::connection_ended},
      {"RFC 7541, 4.2", "a table size within the limit", with_block("\x20"s + ok_200),
       outcome::success},
      {"RFC 7541, 4.2", "two table sizes", with_block("\x20\x3f\xe1\x1f"s + ok_200),
       outcome::success},
      {"RFC 7541, 6.3", "a table size beyond the limit", with_block("\x3f\xe2\x1f"s + ok_200),
       outcome::connection_ended},
      {"RFC 7541, 4.2", "a table size behind a field", with_block(ok_200 + "\x20"s),
       outcome::connection_ended},
      {"RFC 7541, 5.1", "a number without end",
       with_block("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"s), outcome::connection_ended},
      {"RFC 7541, 5.2", "a text longer than its block", with_block(ok_200 + "\x00\x7fx"s),
       outcome::connection_ended},
      {"RFC 7541, 5.2", "padding of the wrong bits", with_block(ok_200 + "\x00\x81\x18\x00"s),
       outcome::connection_ended},
      {"RFC 7541, 5.2", "padding of a whole byte", with_block(ok_200 + "\x00\x82\x1f\xff\x00"s),
       outcome::connection_ended},
      {"RFC 7541, 5.2", "the end symbol in a text",
       with_block(ok_200 + "\x00\x84\xff\xff\xff\xff\x00"s), outcome::connection_ended},
      {"RFC 7541, 6.1", "a field of the static table", with_block(ok_200), outcome::success},
      {"RFC 7541, 6.2.1", "a literal that is indexed", with_block(ok_200 + "\x40\x01x\x01y\xbe"s),
       outcome::success},
      {"RFC 7541, 6.2.2", "a literal that is not", with_block(ok_200 + "\x00\x01x\x01y"s),
       outcome::success},
      {"RFC 7541, 6.2.3", "a literal that never is", with_block(ok_200 + "\x10\x01x\x01y"s),
       outcome::success},
      {"RFC 7541, 4.4", "an entry larger than the table",
       [](peer& p) {
         field_list fields = good;
         fields.emplace_back("x", std::string(3500, 'y'));
         return head(p, fields) + body();
       },
       outcome::success},
      {"RFC 7541, 2.2", "the table goes on for a stream that is reset",
       [](peer& p) {
         const std::string first =
             p.headers(3, {{":status", "200"}, {"a", "b"}}, false) + peer::reset(3, 8);
         return first + head(p, {{":status", "200"}, {"a", "b"}}) + body();
       },
       outcome::success},
  };
}

}  // namespace

std::vector<http2_case> all() {
  std::vector<http2_case> cases;
  for (auto part : {frames(), streams(), connections(), messages(), compression()})
    cases.insert(cases.end(), part.begin(), part.end());
  return cases;
}

}  // namespace upsun::http::http2_cases
