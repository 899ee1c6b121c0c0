#include "conformance/chaos_manners.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace upsun::http::test {
namespace {

using reply = upsun::test::planned_reply;

std::string length_of(const std::string& body) {
  return "Content-Length: " + std::to_string(body.size()) + "\r\n";
}

std::string response(const std::string& status_line, const std::string& id,
                     const std::string& fields, const std::string& body) {
  return status_line + "\r\nContent-Type: application/json\r\nx-request-id: " + id + "\r\n" +
         fields + "\r\n" + body;
}

std::string whole(const std::string& id, const std::string& body, const std::string& fields = {}) {
  return response("HTTP/1.1 200 OK", id, length_of(body) + fields, body);
}

/// A chunk's extension counts as a header does, so there are not too many chunks.
std::string chunked(const std::string& body, std::size_t smallest) {
  const std::size_t size = std::max(smallest, body.size() / 50);
  std::string chunks;
  for (std::size_t at = 0; at < body.size(); at += size) {
    const std::string part = body.substr(at, size);
    std::array<char, 20> digits{};
    const int count = std::snprintf(digits.data(), digits.size(), "%zx", part.size());
    chunks += std::string(digits.data(), static_cast<std::size_t>(count)) + ";of=chaos\r\n" + part +
              "\r\n";
  }
  return chunks + "0\r\nx-trailer: ignored\r\nConnection: close\r\n\r\n";
}

/// The first half, at least a byte less than all.
std::string half(const std::string& bytes) { return bytes.substr(0, bytes.size() * 3 / 4); }

const std::string chunked_field = "Transfer-Encoding: chunked\r\n";

reply by_length(const std::string& id, const std::string& body) { return {whole(id, body)}; }
reply in_chunks(const std::string& id, const std::string& body) {
  return {response("HTTP/1.1 200 OK", id, chunked_field, chunked(body, 5))};
}
reply in_pieces(const std::string& id, const std::string& body) {
  return {.bytes = whole(id, body), .piece = 11};
}
reply chunks_in_pieces(const std::string& id, const std::string& body) {
  return {.bytes = response("HTTP/1.1 200 OK", id, chunked_field, chunked(body, 9)), .piece = 7};
}
reply after_informational(const std::string& id, const std::string& body) {
  return {"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" +
          whole(id, body)};
}
reply no_content(const std::string& id, const std::string&) {
  return {"HTTP/1.1 204 No Content\r\nx-request-id: " + id + "\r\n\r\n"};
}
reply not_modified(const std::string& id, const std::string&) {
  return {"HTTP/1.1 304 Not Modified\r\nContent-Length: 1234\r\nx-request-id: " + id + "\r\n\r\n"};
}
reply unavailable(const std::string& id, const std::string& body) {
  return {response("HTTP/1.1 503 Service Unavailable", id, length_of(body), body)};
}
reply by_http10(const std::string& id, const std::string& body) {
  return {response("HTTP/1.0 200 OK", id, length_of(body), body), reply::ending::close};
}
reply by_http10_kept(const std::string& id, const std::string& body) {
  return {response("HTTP/1.0 200 OK", id, "Connection: keep-alive\r\n" + length_of(body), body)};
}
reply to_the_end(const std::string& id, const std::string& body) {
  return {response("HTTP/1.1 200 OK", id, "", body), reply::ending::close};
}
reply announced_close(const std::string& id, const std::string& body) {
  return {whole(id, body, "Connection: close\r\n"), reply::ending::close};
}
reply unannounced_close(const std::string& id, const std::string& body) {
  return {whole(id, body), reply::ending::close};
}
reply unannounced_drop(const std::string& id, const std::string& body) {
  return {whole(id, body), reply::ending::drop};
}
/// Only what comes in one segment cannot be taken for the response to a later request.
std::string with_more(const std::string& bytes, const std::string& more) {
  return bytes.size() < 1'000 ? bytes + more : bytes;
}
reply extra_response(const std::string& id, const std::string& body) {
  return {with_more(whole(id, body), whole("stray", "{\"stray\":true}"))};
}
reply extra_bytes(const std::string& id, const std::string& body) {
  return {with_more(whole(id, body), "\r\n")};
}
reply refused_early(const std::string& id, const std::string& body) {
  return {.bytes = response("HTTP/1.1 413 Content Too Large", id, length_of(body), body),
          .then = reply::ending::close,
          .before_body = true};
}
reply reset_at_once(const std::string&, const std::string&) { return {"", reply::ending::reset}; }
reply closed_at_once(const std::string&, const std::string&) { return {"", reply::ending::close}; }
reply reset_in_body(const std::string& id, const std::string& body) {
  return {half(whole(id, body)), reply::ending::reset};
}
reply cut_in_body(const std::string& id, const std::string& body) {
  return {half(whole(id, body)), reply::ending::close};
}
reply cut_in_chunks(const std::string& id, const std::string& body) {
  return {half(response("HTTP/1.1 200 OK", id, chunked_field, chunked(body, 5))),
          reply::ending::close};
}
reply silence(const std::string&, const std::string&) { return {"", reply::ending::stall}; }
reply stalled_head(const std::string& id, const std::string&) {
  return {"HTTP/1.1 200 OK\r\nx-request-id: " + id, reply::ending::stall};
}
reply stalled_body(const std::string& id, const std::string& body) {
  return {half(whole(id, body)), reply::ending::stall};
}
reply no_http(const std::string&, const std::string&) { return {"SSH-2.0-OpenSSH_9.2\r\n"}; }
reply two_lengths(const std::string& id, const std::string& body) {
  return {whole(id, body, "Content-Length: 3\r\n")};
}

const std::vector<errc> never{};
const std::vector<errc> lost{errc::connection_closed, errc::connection_reset, errc::tls_failed};
const std::vector<errc> late{errc::attempt_timeout};
const std::vector<errc> broken{errc::bad_response};

}  // namespace

bool manner::may_fail_with(const error& failure) const {
  return std::any_of(fails_with.begin(), fails_with.end(),
                     [&](errc code) { return failure == code; });
}

std::span<const manner> manners() {
  static const std::array all{
      manner{"by length", 200, true, never, by_length},
      manner{"in chunks", 200, true, never, in_chunks},
      manner{"in pieces", 200, true, never, in_pieces},
      manner{"chunks in pieces", 200, true, never, chunks_in_pieces},
      manner{"after 103 and 100", 200, true, never, after_informational},
      manner{"204", 204, false, never, no_content},
      manner{"304 with a length", 304, false, never, not_modified},
      manner{"503", 503, true, never, unavailable},
      manner{"HTTP/1.0", 200, true, never, by_http10},
      manner{"HTTP/1.0 kept open", 200, true, never, by_http10_kept},
      manner{"to the end", 200, true, never, to_the_end},
      manner{"with a close that is announced", 200, true, never, announced_close},
      manner{"with a close that is not", 200, true, never, unannounced_close},
      manner{"with a bare end that is not", 200, true, never, unannounced_drop},
      manner{"with another response", 200, true, never, extra_response},
      manner{"with more bytes", 200, true, never, extra_bytes},
      manner{"413 before the body", 413, true, never, refused_early},
      manner{"a reset", 0, false, lost, reset_at_once},
      manner{"an end", 0, false, lost, closed_at_once},
      manner{"a reset in the body", 0, false, lost, reset_in_body},
      manner{"an end in the body", 0, false, lost, cut_in_body},
      manner{"an end in the chunks", 0, false, lost, cut_in_chunks},
      manner{"silence", 0, false, late, silence},
      manner{"a part of the head", 0, false, late, stalled_head},
      manner{"a part of the body", 0, false, late, stalled_body},
      manner{"no HTTP", 0, false, broken, no_http},
      manner{"two lengths", 0, false, broken, two_lengths},
  };
  return all;
}

}  // namespace upsun::http::test
