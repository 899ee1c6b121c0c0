#include "unit/http/http1/parse_outcome.hpp"

#include <gtest/gtest.h>

#include <ostream>

namespace upsun::http::test {

std::ostream& operator<<(std::ostream& out, const parse_outcome& o) {
  out << (o.status == parse_status::complete ? "complete"
          : o.status == parse_status::failed ? "failed"
                                             : "need_more");
  if (o.failure) out << " " << make_error_code(*o.failure).message();
  out << " status " << o.http_status << " body '" << o.body.substr(0, 60) << "' type '"
      << o.content_type << "' id '" << o.request_id << "' authenticate '" << o.www_authenticate
      << "' etag '" << o.etag << "'" << (o.no_store ? " no-store" : "");
  if (o.retry_after) out << " retry after " << o.retry_after->count();
  if (o.keep_alive_timeout) out << " keep-alive " << o.keep_alive_timeout->count();
  return out << (o.reusable ? " reusable" : "");
}

parse_outcome parse(response_parser& parser, const std::vector<std::string_view>& pieces,
                    stream_end end) {
  parser.reset();
  EXPECT_FALSE(parser.started());
  EXPECT_FALSE(parser.in_body());
  parse_outcome o;
  std::size_t unfed = 0;
  for (const std::string_view piece : pieces) {
    if (o.status == parse_status::need_more) {
      o.status = parser.feed(piece);
    } else {
      unfed += piece.size();
    }
  }
  if (o.status == parse_status::need_more && end != stream_end::open)
    o.status = parser.end_of_stream(end == stream_end::announced);
  if (o.status == parse_status::failed) {
    o.failure = parser.failure().code;
    EXPECT_FALSE(parser.failure().cause.empty());
  }
  if (o.status == parse_status::complete) {
    EXPECT_TRUE(parser.started() && parser.in_body());
    o.reusable = parser.keep_alive() && parser.extra_bytes() + unfed == 0;
    o.keep_alive_timeout = parser.keep_alive_timeout();
    const http_response r = parser.response();
    o.http_status = r.status;
    o.body = r.body;
    o.content_type = r.content_type;
    o.request_id = r.request_id;
    o.www_authenticate = r.www_authenticate;
    o.retry_after = r.retry_after;
    o.etag = r.etag;
    o.no_store = r.no_store;
  }
  return o;
}

parse_outcome parse_however_cut(const std::string& bytes, stream_end end,
                                const limit_options& limits) {
  response_parser parser(limits, {.validators = true});
  const std::string_view all = bytes;
  const parse_outcome whole = parse(parser, {all}, end);
  for (std::size_t cut = 1; cut < all.size(); ++cut)
    EXPECT_EQ(parse(parser, {all.substr(0, cut), all.substr(cut)}, end), whole) << "cut at " << cut;
  std::vector<std::string_view> single;
  for (std::size_t i = 0; i < all.size(); ++i) single.push_back(all.substr(i, 1));
  EXPECT_EQ(parse(parser, single, end), whole) << "byte by byte";
  EXPECT_EQ(parse(parser, {all}, end), whole) << "used again";
  return whole;
}

}  // namespace upsun::http::test
