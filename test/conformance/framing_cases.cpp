#include "conformance/framing_cases.hpp"

namespace upsun::http::test {
namespace {

using namespace std::string_literals;
using cases = std::vector<framing_case>;

framing_verdict kept(int status, std::string body) {
  return {.status = status, .body = std::move(body), .reusable = true};
}
framing_verdict closed(int status, std::string body) {
  return {.status = status, .body = std::move(body), .reusable = false};
}
framing_verdict refused(errc code = errc::bad_response) { return {.refused = code}; }

const framing_verdict kept_ok = kept(200, "ok");
const framing_verdict closed_ok = closed(200, "ok");

const std::string ok = "HTTP/1.1 200 OK\r\n";

/// A response with this status line.
std::string line(const std::string& text) { return text + "\r\nContent-Length: 2\r\n\r\nok"; }
/// One with this field line before the length.
std::string field(const std::string& text) { return ok + text + "\r\nContent-Length: 2\r\n\r\nok"; }
/// One with these bytes as the value of its length.
std::string length(const std::string& value) {
  return ok + "Content-Length:" + value + "\r\n\r\nok";
}
/// One with these bytes as its transfer coding.
std::string coding(const std::string& value) {
  return ok + "Transfer-Encoding:" + value + "\r\n\r\n2\r\nok\r\n0\r\n\r\n";
}
/// One with these bytes as its chunked body.
std::string chunked(const std::string& body) {
  return ok + "Transfer-Encoding: chunked\r\n\r\n" + body;
}
/// One chunk whose header is this line, and the end.
std::string chunk(const std::string& header) { return chunked(header + "\r\nok\r\n0\r\n\r\n"); }
std::string repeated(const std::string& text, std::size_t times) {
  std::string all;
  for (; times > 0; --times) all += text;
  return all;
}

// RFC 9112 section 4. A field or a line that is not understood is refused rather than repaired: two
// parties must not read one message in two ways. What cannot lead to that is repaired.
const cases status_lines{
    {"a reason of one word", line("HTTP/1.1 200 OK"), kept_ok},
    {"an empty reason", line("HTTP/1.1 200 "), kept_ok},
    {"a reason of several words and blanks", line("HTTP/1.1 200 All is  well\t! "), kept_ok},
    {"a reason with bytes of other alphabets", line("HTTP/1.1 404 Gar nicht \xc3\xa4\xff"),
     kept(404, "ok")},
    {"a reason that looks like a field", line("HTTP/1.1 200 Content-Length: 5"), kept_ok},
    {"a status of 599", line("HTTP/1.1 599 Odd"), kept(599, "ok")},
    {"a status beyond the five classes", line("HTTP/1.1 999 Odd"), kept(999, "ok")},
    {"HTTP/1.0", line("HTTP/1.0 200 OK"), closed_ok},
    {"a status of two digits", line("HTTP/1.1 20 OK"), refused()},
    {"a status of four digits", line("HTTP/1.1 2000 OK"), refused()},
    {"no status", line("HTTP/1.1 "), refused()},
    {"no status nor blank", line("HTTP/1.1"), refused()},
    {"a status that is no number", line("HTTP/1.1 2x0 OK"), refused()},
    {"a hexadecimal status", line("HTTP/1.1 0xC OK"), refused()},
    {"a negative status", line("HTTP/1.1 -20 OK"), refused()},
    {"a status below 100", line("HTTP/1.1 099 Odd"), refused()},
    {"a status of zero", line("HTTP/1.1 000 Odd"), refused()},
    {"no blank after the status", line("HTTP/1.1 200"), kept_ok},
    {"no blank between status and reason", line("HTTP/1.1 200OK"), refused()},
    {"a tab after the status", line("HTTP/1.1 200\tOK"), refused()},
    {"two blanks before the status", line("HTTP/1.1  200 OK"), refused()},
    {"a tab before the status", line("HTTP/1.1\t200 OK"), refused()},
    {"a blank before the version", line(" HTTP/1.1 200 OK"), refused()},
    {"a control character in the reason", line("HTTP/1.1 200 O\x02K"), refused()},
    {"NUL in the reason", line("HTTP/1.1 200 O\0K"s), refused()},
    {"DEL in the reason", line("HTTP/1.1 200 O\x7fK"), refused()},
    {"a bare CR in the reason", line("HTTP/1.1 200 O\rK"), refused()},
    {"a folded status line", line("HTTP/1.1 200 OK\r\n again"), refused()},
    {"a bare LF after the status line", "HTTP/1.1 200 OK\nContent-Length: 2\r\n\r\nok", refused()},
    {"HTTP/1.2", line("HTTP/1.2 200 OK"), refused()},
    {"HTTP/1.9", line("HTTP/1.9 200 OK"), refused()},
    {"HTTP/1.10", line("HTTP/1.10 200 OK"), refused()},
    {"HTTP/1", line("HTTP/1 200 OK"), refused()},
    {"HTTP/01.1", line("HTTP/01.1 200 OK"), refused()},
    {"HTTP/2.0", line("HTTP/2.0 200 OK"), refused()},
    {"HTTP/2", "HTTP/2 200\r\ncontent-length: 0\r\n\r\n", refused()},
    {"HTTP/2's first frame", "\0\0\x12\x04\0\0\0\0\0"s, refused()},
    {"HTTP/0.9", "{\"type\":\"bitbucket\"}", refused()},
    {"HTTP/0.9 by number", line("HTTP/0.9 200 OK"), refused()},
    {"lower case", line("http/1.1 200 OK"), refused()},
    {"an empty line before", "\r\n" + line("HTTP/1.1 200 OK"), refused()},
    {"a bare LF before", "\n" + line("HTTP/1.1 200 OK"), refused()},
    {"a byte order mark before", "\xef\xbb\xbf" + line("HTTP/1.1 200 OK"), refused()},
    {"NUL before", "\0"s + line("HTTP/1.1 200 OK"), refused()},
    {"a request in place of a response", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", refused()},
    {"mail", "220 mail.example ESMTP\r\n", refused()},
    {"SSH", "SSH-2.0-OpenSSH_9.2\r\n", refused()},
    {"a TLS alert", "\x15\x03\x01\x00\x02\x02\x28"s, refused()},
};

// RFC 9112 section 5.
const cases fields{
    {"no fields but the length", line("HTTP/1.1 200 OK"), kept_ok},
    {"names in any case, blanks around values", ok + "cOnTeNt-LeNgTh: \t 2 \t\r\n\r\nok", kept_ok},
    {"no blank after the colon", field("X-A:b"), kept_ok},
    {"an empty value", field("X-Empty:"), kept_ok},
    {"a value of blanks", field("X-Empty: \t "), kept_ok},
    {"a value with a colon", field("X-A: http://b:80/"), kept_ok},
    {"a value with bytes beyond ASCII", field("X-A: \xff\t\xfe"), kept_ok},
    {"every character a name may have", field("!#$%&'*+-.^_`|~09azAZ: b"), kept_ok},
    {"a name twice", field("X-A: b\r\nX-A: c"), kept_ok},
    {"a blank before the colon", field("X-A : b"), refused()},
    {"a blank before the colon of the length", ok + "Content-Length : 2\r\n\r\nok", refused()},
    {"a tab before the colon", field("X-A\t: b"), refused()},
    {"a blank in a name", field("X A: b"), refused()},
    {"a line without a colon", field("X-A"), refused()},
    {"an empty name", field(": b"), refused()},
    {"a name that is no token", field("X(A): b"), refused()},
    {"a quoted name", field("\"X\": b"), refused()},
    {"a name with a byte beyond ASCII", field("X\xe4: b"), refused()},
    {"NUL in a name", field("X\0A: b"s), refused()},
    {"a control character in a name", field("X\x01: b"), refused()},
    {"NUL in a value", field("X-A: b\0c"s), refused()},
    {"NUL at the end of a value", field("X-A: b\0"s), refused()},
    {"a control character in a value", field("X-A: \x01"), refused()},
    {"a vertical tab in a value",
     field("X-A: b\x0b"
           "c"),
     refused()},
    {"DEL in a value", field("X-A: \x7f"), refused()},
    {"a bare CR in a value", field("X-A: b\rc"), refused()},
    {"a bare CR at the end of a value", ok + "X-A: b\r\r\nContent-Length: 2\r\n\r\nok", refused()},
    {"a bare CR before the empty line", ok + "Content-Length: 2\r\n\rX\r\n\r\nok", refused()},
    {"a bare LF in a value", field("X-A: b\nContent-Length: 5"), refused()},
    {"bare LFs everywhere", "HTTP/1.1 200 OK\nContent-Length: 2\n\nok", refused()},
    {"a bare LF before the empty line", ok + "Content-Length: 2\n\r\n\r\nok", refused()},
    {"a bare LF in place of the empty line", ok + "Content-Length: 2\r\n\nok\r\n\r\n", refused()},
    {"a folded value", field("X-A: b\r\n c"), kept_ok},
    {"a value folded by a tab", field("X-A: b\r\n\tc"), kept_ok},
    {"a value that begins on the next line", field("X-A:\r\n b"), kept_ok},
    {"a value folded into nothing", field("X-A: b\r\n\t"), kept_ok},
    {"a folded length", length("\r\n 2"), refused()},
    {"a folded coding", coding("\r\n chunked"), refused()},
    {"a folded value of more than 4 KiB",
     field("X-A: " + std::string(3000, 'a') + "\r\n " + std::string(3000, 'b')), kept_ok},
    {"a type folded over three lines",
     ok + "Content-Type:\r\n application/json\r\n\t; charset=utf-8\r\nContent-Length: 2\r\n\r\nok",
     kept_ok},
    {"a field that begins like the length in a folded line", field("X-A: b\r\n Content-Length: 5"),
     kept_ok},
    {"a folded length beside a good one", length(" 2\r\nX: y\r\nContent-Length:\r\n 3"), refused()},
    {"a folded wish to close", field("Connection: keep-alive,\r\n close"), closed_ok},
    {"a first line that is folded onto nothing", ok + " X-A: b\r\nContent-Length: 2\r\n\r\nok",
     refused()},
};

// RFC 9112 section 6.3, RFC 9110 section 8.6.
const cases lengths{
    {"a length", length(" 2"), kept_ok},
    {"a length of zero", ok + "Content-Length: 0\r\n\r\n", kept(200, "")},
    {"a length with leading zeros", length(" 0000000000000000000002"), kept_ok},
    {"a length that is said twice alike", ok + "Content-Length: 2\r\nContent-Length: 2\r\n\r\nok",
     kept_ok},
    {"a length that is said twice alike in a list", length(" 2, 2"), kept_ok},
    {"a length that is said twice alike, with a zero",
     ok + "Content-Length: 2\r\nContent-Length: 02\r\n\r\nok", kept_ok},
    {"NUL and line ends in a body", ok + "Content-Length: 6\r\n\r\n\0\r\n\r\n\x01"s,
     kept(200, "\0\r\n\r\n\x01"s)},
    {"a name that is nearly the length's",
     ok + "Content_Length: 5\r\nContent-Lengths: 7\r\nContent-Length: 2\r\n\r\nok", kept_ok},
    {"differing lengths", ok + "Content-Length: 2\r\nContent-Length: 3\r\n\r\nok", refused()},
    {"differing lengths, the larger first", ok + "Content-Length: 3\r\nContent-Length: 2\r\n\r\nok",
     refused()},
    {"differing lengths in a list", length(" 2, 3"), refused()},
    {"differing lengths in a list and a field",
     ok + "Content-Length: 2\r\nContent-Length: 2, 3\r\n\r\nok", refused()},
    {"a list of lengths with an empty item", length(" 2,"), refused()},
    {"an empty length", length(""), refused()},
    {"a length of a comma", length(" ,"), refused()},
    {"a negative length", length(" -1"), refused()},
    {"a length with a plus", length(" +2"), refused()},
    {"a hexadecimal length", length(" 0x2"), refused()},
    {"a length with a fraction", length(" 2.0"), refused()},
    {"a length with a blank inside", length(" 1 0"), refused()},
    {"a length with a unit", length(" 2b"), refused()},
    {"a quoted length", length(" \"2\""), refused()},
    {"a length with a parameter", length(" 2;q=1"), refused()},
    {"a length of 2^64 + 2", length(" 18446744073709551618"), refused()},
    {"a length of a hundred digits", length(" " + std::string(100, '9')), refused()},
};

// RFC 9112 section 6.1: what is not exactly `chunked`, once, alone, in HTTP/1.1, is refused.
const cases codings{
    {"chunked", coding(" chunked"), kept_ok},
    {"chunked in any case", coding(" cHuNkEd"), kept_ok},
    {"chunked between blanks", coding("\t chunked \t"), kept_ok},
    {"a coding, then a length",
     ok + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", refused()},
    {"a length, then a coding",
     ok + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", refused()},
    {"another coding, then a length", ok + "Transfer-Encoding: gzip\r\nContent-Length: 2\r\n\r\nok",
     refused()},
    {"a length, then another coding", ok + "Content-Length: 2\r\nTransfer-Encoding: gzip\r\n\r\nok",
     refused()},
    {"another coding", coding(" gzip"), refused()},
    {"identity", coding(" identity"), refused()},
    {"identity, then a length", ok + "Transfer-Encoding: identity\r\nContent-Length: 2\r\n\r\nok",
     refused()},
    {"a list that ends in chunked", coding(" gzip, chunked"), refused()},
    {"a list that begins with chunked", coding(" chunked, gzip"), refused()},
    {"chunked twice in a list", coding(" chunked, chunked"), refused()},
    {"chunked twice", coding(" chunked\r\nTransfer-Encoding: chunked"), refused()},
    {"chunked, then identity", coding(" chunked\r\nTransfer-Encoding: identity"), refused()},
    {"identity, then chunked", coding(" identity\r\nTransfer-Encoding: chunked"), refused()},
    {"chunked and a comma", coding(" chunked,"), refused()},
    {"a comma and chunked", coding(" ,chunked"), refused()},
    {"chunked with a parameter", coding(" chunked;q=1"), refused()},
    {"quoted chunked", coding(" \"chunked\""), refused()},
    {"xchunked", coding(" xchunked"), refused()},
    {"chunkedx", coding(" chunkedx"), refused()},
    {"chunked after a control character",
     coding(" \x0b"
            "chunked"),
     refused()},
    {"chunked before NUL", coding(" chunked\0"s), refused()},
    {"no coding named", coding(""), refused()},
    {"chunked in HTTP/1.0",
     "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", refused()},
    {"a coding with a blank before the colon", ok + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
     refused()},
    {"a name that is nearly the coding's",
     ok + "Transfer_Encoding: chunked\r\nContent-Length: 2\r\n\r\nok", kept_ok},
    {"a content coding that nobody knows", field("Content-Encoding: x-rot13"), kept_ok},
};

// RFC 9112 section 7.1.
const cases chunks{
    {"several chunks", chunked("1\r\no\r\n1\r\nk\r\n0\r\n\r\n"), kept_ok},
    {"no chunk", chunked("0\r\n\r\n"), kept(200, "")},
    {"a last chunk of many zeros", chunked("2\r\nok\r\n0000\r\n\r\n"), kept_ok},
    {"sizes in both cases", chunked("A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n"),
     kept(200, "01234567890123456789")},
    {"a size with leading zeros", chunk("000000000000000000000002"), kept_ok},
    {"line ends in a chunk", chunked("4\r\n\r\n\r\n\r\n0\r\n\r\n"), kept(200, "\r\n\r\n")},
    {"what looks like a last chunk in a chunk", chunked("5\r\n0\r\n\r\n\r\n0\r\n\r\n"),
     kept(200, "0\r\n\r\n")},
    {"chunk extensions", chunk("2;a=b;c=\"d;\\\"e\""), kept_ok},
    {"an extension of the last chunk", chunked("2\r\nok\r\n0;last\r\n\r\n"), kept_ok},
    {"blanks around an extension's parts", chunk("2 ; a = b"), kept_ok},
    {"a size that is no number", chunk("x"), refused()},
    {"an empty size", chunk(""), refused()},
    {"a negative size", chunk("-2"), refused()},
    {"a size with a plus", chunk("+2"), refused()},
    {"a size with 0x", chunk("0x2"), refused()},
    {"a size after a blank", chunk(" 2"), refused()},
    {"a size with an underscore", chunk("0_2"), refused()},
    {"a size of 2^64 + 2", chunk("10000000000000002"), refused()},
    {"a size of 2^64 - 1", chunk("ffffffffffffffff"), refused(errc::body_limit)},
    {"sizes whose sum is 2^64", chunked("2\r\nok\r\nfffffffffffffffe\r\nok\r\n0\r\n\r\n"),
     refused(errc::body_limit)},
    {"a chunk longer than its size", chunked("2\r\nokay\r\n0\r\n\r\n"), refused()},
    {"no line end after a chunk", chunked("2\r\nok0\r\n\r\n"), refused()},
    {"a bare LF after a chunk", chunked("2\r\nok\n0\r\n\r\n"), refused()},
    {"two line ends after a chunk", chunked("2\r\nok\r\n\r\n0\r\n\r\n"), refused()},
    {"a bare LF after a size", chunked("2\nok\r\n0\r\n\r\n"), refused()},
    {"a bare CR after a size", chunked("2\rok\r\n0\r\n\r\n"), refused()},
    {"a bare LF after the last size", chunked("2\r\nok\r\n0\n\r\n"), refused()},
    {"NUL after a size", chunk("2\0"s), refused()},
    {"an extension without a semicolon", chunk("2 a=b"), refused()},
    {"an extension without a name", chunk("2;=b"), refused()},
    {"an empty extension", chunk("2;"), refused()},
    {"an extension without a value", chunk("2;a="), refused()},
    {"a bare LF in an extension", chunk("2;a\nb"), refused()},
    {"a bare CR in an extension", chunk("2;a\rb"), refused()},
    {"NUL in a quoted extension", chunk("2;a=\"\0\""s), refused()},
    {"a bare LF in a quoted extension of the last chunk", chunked("2\r\nok\r\n0;a=\"\n\"\r\n\r\n"),
     refused()},
    {"a bare LF in a quoted extension", chunk("2;a=\"\n\""), refused()},
    {"NUL in an extension", chunk("2;a\0"s), refused()},
    {"an extension with an open quote", chunk("2;a=\"b"), refused()},
    {"an extension that escapes its line end",
     chunked("1\r\no\r\n1;a=\"b\\\r\n\"\r\nk\r\n0\r\n\r\n"), refused()},
    {"a bad extension of the last chunk", chunked("2\r\nok\r\n0;=\r\n\r\n"), refused()},
};

// RFC 9112 section 7.1.2, RFC 9110 section 6.5: trailers are discarded, and change nothing.
const cases trailers{
    {"trailers", chunked("2\r\nok\r\n0\r\nX-Checksum: 1\r\nX-Other: 2\r\n\r\n"), kept_ok},
    {"trailers after no chunk", chunked("0\r\nX: y\r\n\r\n"), kept(200, "")},
    {"a trailer that would close", chunked("2\r\nok\r\n0\r\nConnection: close\r\n\r\n"), kept_ok},
    {"a trailer that would keep alive",
     ok + "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nConnection: "
          "keep-alive\r\n\r\n",
     closed_ok},
    {"a trailer that looks like a status line",
     chunked("2\r\nok\r\n0\r\nHTTP/1.1 200 OK: x\r\n\r\n"), refused()},
    {"a length in a trailer", chunked("2\r\nok\r\n0\r\nContent-Length: 2\r\n\r\n"), refused()},
    {"a coding in a trailer", chunked("2\r\nok\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n"),
     refused()},
    {"a trailer without a colon", chunked("2\r\nok\r\n0\r\nX\r\n\r\n"), refused()},
    {"a blank before a trailer's colon", chunked("2\r\nok\r\n0\r\nX : y\r\n\r\n"), refused()},
    {"a folded trailer", chunked("2\r\nok\r\n0\r\nX: y\r\n z\r\n\r\n"), refused()},
    {"a control character in a trailer", chunked("2\r\nok\r\n0\r\nX: \x01\r\n\r\n"), refused()},
    {"a bare LF in a trailer", chunked("2\r\nok\r\n0\r\nX: y\nZ: a\r\n\r\n"), refused()},
    {"a bare CR in a trailer", chunked("2\r\nok\r\n0\r\nX: y\rz\r\n\r\n"), refused()},
};

// RFC 9110 section 15.2, RFC 9112 section 6.3 rules 1 and 2.
const cases informational{
    {"100 before", "HTTP/1.1 100 Continue\r\n\r\n" + field("X: y"), kept_ok},
    {"103 before, with fields of its own",
     "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + field("X: y"), kept_ok},
    {"several before", repeated("HTTP/1.1 102 Processing\r\n\r\n", 16) + field("X: y"), kept_ok},
    {"one before that claims a length and to close",
     "HTTP/1.1 103 Early Hints\r\nContent-Length: 9\r\nConnection: close\r\n\r\nHTTP/1.1 102 "
     "Processing\r\n\r\n" +
         field("X: y"),
     kept_ok},
    {"one before that claims a coding",
     "HTTP/1.1 100 Continue\r\nTransfer-Encoding: chunked\r\n\r\n" + field("X: y"), kept_ok},
    {"one before by HTTP/1.0", "HTTP/1.0 100 Continue\r\n\r\n" + field("X: y"), kept_ok},
    {"one before of an unknown code", "HTTP/1.1 199 Odd\r\n\r\n" + field("X: y"), kept_ok},
    {"one before with a body",
     "HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\nhello" + field("X: y"), refused()},
    {"one before with another coding",
     "HTTP/1.1 100 Continue\r\nTransfer-Encoding: gzip\r\n\r\n" + field("X: y"), refused()},
    {"one before that is malformed", "HTTP/1.1 100 Continue\r\nX : y\r\n\r\n" + field("X: y"),
     refused()},
    {"one too many before", repeated("HTTP/1.1 102 Processing\r\n\r\n", 17) + field("X: y"),
     refused(errc::header_limit)},
    {"a flood of them", repeated("HTTP/1.1 100 Continue\r\n\r\n", 1000),
     refused(errc::header_limit)},
    {"101", "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
     refused(errc::unexpected_protocol)},
    {"101 after 100",
     "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n",
     refused(errc::unexpected_protocol)},
};

const cases bodiless{
    {"204", "HTTP/1.1 204 No Content\r\n\r\n", kept(204, "")},
    {"204 with a length of zero", "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n",
     kept(204, "")},
    {"204 with a length", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", kept(204, "")},
    {"204 with a coding", "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n",
     kept(204, "")},
    {"204 with a body", "HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nok", closed(204, "")},
    {"204 with a chunked body",
     "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
     closed(204, "")},
    {"304 with the length of what was not modified",
     "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", kept(304, "")},
    {"304 with a body", "HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\nok",
     closed(304, "")},
    {"205 with a length of zero", "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n",
     kept(205, "")},
    {"a length as of a response to HEAD, then the end", ok + "Content-Length: 5\r\n\r\n",
     refused(errc::connection_closed), stream_end::announced},
};

// RFC 9112 section 9.3: what ends a connection, and what does not.
const cases persistence{
    {"the wish to close", field("Connection: close"), closed_ok},
    {"the wish to close in any case", field("Connection: CLOSE"), closed_ok},
    {"the wish to close in a list", field("Connection: keep-alive, close"), closed_ok},
    {"the wish to close, then not", field("Connection: close\r\nConnection: keep-alive"),
     closed_ok},
    {"the wish to keep alive, then not", field("Connection: keep-alive\r\nConnection: close"),
     closed_ok},
    {"the wish to close after empty items", field("Connection: , , close"), closed_ok},
    {"the wish to close, said to a proxy", field("Proxy-Connection: close"), closed_ok},
    {"the wish to keep alive", field("Connection: keep-alive"), kept_ok},
    {"another token", field("Connection: closed"), kept_ok},
    {"a token that begins alike", field("Connection: close-not"), kept_ok},
    {"an empty wish", field("Connection:"), kept_ok},
    {"an upgrade that is offered", field("Connection: upgrade\r\nUpgrade: h2c"), kept_ok},
    {"a wish that is no token", field("Connection: close;q=1"), closed_ok},
    {"a wish with a semicolon", field("Connection: close;"), closed_ok},
    {"a wish with a parameter", field("Connection: keep-alive;timeout=5"), closed_ok},
    {"a wish with the fields of Keep-Alive", field("Connection: Keep-Alive; timeout=15, max=100"),
     closed_ok},
    {"a wish that is no token, to a proxy", field("Proxy-Connection: keep-alive;"), closed_ok},
    {"a wish that is no token before a good one",
     field("Connection: keep-alive;x\r\nConnection: keep-alive"), closed_ok},
    {"the wish to close with a quote", field("Connection: \"close\""), closed_ok},
    {"the wish to keep alive in HTTP/1.0",
     "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok", closed_ok},
    {"an error status", line("HTTP/1.1 500 Sorry"), kept(500, "ok")},
    {"408 that closes",
     "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
     closed(408, "")},
    {"a second response", field("X: y") + field("X: y"), closed_ok},
    {"a second response after chunks", chunked("2\r\nok\r\n0\r\n\r\n") + field("X: y"), closed_ok},
    {"the beginning of a second response", field("X: y") + "H", closed_ok},
    {"a line end after the response", field("X: y") + "\r\n", closed_ok},
    {"a line end after the last chunk", chunked("2\r\nok\r\n0\r\n\r\n\r\n"), closed_ok},
    {"garbage after the response", field("X: y") + "\0\xff"s, closed_ok},
    {"a body longer than its length", ok + "Content-Length: 2\r\n\r\nokay", closed_ok},
};

// RFC 9112 section 8: what the end of the stream means in each part.
const cases ends{
    {"a body up to the end", ok + "\r\nok", closed_ok, stream_end::announced},
    {"an empty body up to the end", ok + "\r\n", closed(200, ""), stream_end::announced},
    {"a body up to the end in HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\nok", closed_ok,
     stream_end::announced},
    {"a body up to the end that looks like a response", ok + "\r\n" + ok + "\r\n",
     closed(200, ok + "\r\n"), stream_end::announced},
    {"a body up to the end that would be kept alive", ok + "Connection: keep-alive\r\n\r\nok",
     closed_ok, stream_end::announced},
    {"a body up to the end, cut off", ok + "\r\nok", refused(errc::tls_failed),
     stream_end::cut_off},
    {"an empty body up to the end, cut off", ok + "\r\n", refused(errc::tls_failed),
     stream_end::cut_off},
    {"no response at all", "", refused(errc::connection_closed), stream_end::announced},
    {"the end in the version", "HTTP/1.", refused(errc::connection_closed), stream_end::announced},
    {"the end in the status", "HTTP/1.1 2", refused(errc::connection_closed),
     stream_end::announced},
    {"the end after the status line", ok, refused(errc::connection_closed), stream_end::announced},
    {"the end in a name", ok + "Content-Le", refused(errc::connection_closed),
     stream_end::announced},
    {"the end in a value", ok + "Content-Length: 2", refused(errc::connection_closed),
     stream_end::announced},
    {"the end before the empty line", ok + "Content-Length: 0\r\n",
     refused(errc::connection_closed), stream_end::announced},
    {"the end in the empty line", ok + "Content-Length: 0\r\n\r", refused(errc::connection_closed),
     stream_end::announced},
    {"the end in a head that is no HTTP", ok + "no colon\r\n", refused(), stream_end::announced},
    {"the end before a body", ok + "Content-Length: 2\r\n\r\n", refused(errc::connection_closed),
     stream_end::announced},
    {"the end in a body", ok + "Content-Length: 2\r\n\r\no", refused(errc::connection_closed),
     stream_end::announced},
    {"the end in a body, cut off", ok + "Content-Length: 2\r\n\r\no",
     refused(errc::connection_closed), stream_end::cut_off},
    {"the end right after a body, cut off", ok + "Content-Length: 2\r\n\r\nok", kept_ok,
     stream_end::cut_off},
    {"the end before the first chunk", chunked(""), refused(errc::connection_closed),
     stream_end::announced},
    {"the end in a size", chunked("2"), refused(errc::connection_closed), stream_end::announced},
    {"the end in a chunk", chunked("2\r\no"), refused(errc::connection_closed),
     stream_end::announced},
    {"the end before the last chunk", chunked("2\r\nok\r\n"), refused(errc::connection_closed),
     stream_end::announced},
    {"the end in the last chunk", chunked("2\r\nok\r\n0\r\n"), refused(errc::connection_closed),
     stream_end::announced},
    {"the end in the trailers", chunked("2\r\nok\r\n0\r\nX: y\r\n"),
     refused(errc::connection_closed), stream_end::announced},
    {"the end in place of a size", chunked("1\r\nX\r\n\r\n"), refused(), stream_end::announced},
    {"the end where a chunk goes on too long", chunked("1\r\nX0\r\nY"), refused(),
     stream_end::announced},
    {"the end after an informational response", "HTTP/1.1 100 Continue\r\n\r\n",
     refused(errc::connection_closed), stream_end::announced},
};

// The client's own limits.
constexpr limit_options small{
    .header_bytes = 1024, .header_fields = 5, .informational_responses = 2, .body_bytes = 100};
framing_case within(std::string name, std::string bytes, framing_verdict verdict,
                    stream_end end = stream_end::open) {
  return {std::move(name), std::move(bytes), std::move(verdict), end, small};
}
const std::string full_body(100, 'b');

const cases client_limits{
    within("a head as large as its limit",
           field("X: " + std::string(1024 - field("X: ").size() + 2, 'x')), kept_ok),
    within("a head larger by a byte",
           field("X: " + std::string(1024 - field("X: ").size() + 3, 'x')),
           refused(errc::header_limit)),
    within("a status line without an end", "HTTP/1.1 200 " + std::string(2000, 'x'),
           refused(errc::header_limit)),
    within("a name without an end", ok + std::string(2000, 'x'), refused(errc::header_limit)),
    within("a value without an end", ok + "X: " + std::string(2000, 'x'),
           refused(errc::header_limit)),
    within("as many fields as the limit", field("A: 1\r\nB: 2\r\nC: 3\r\nD: 4"), kept_ok),
    within("one field more", field("A: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\nE: 5"),
           refused(errc::header_limit)),
    within("as many trailers as the limit",
           chunked("2\r\nok\r\n0\r\nA: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\n\r\n"), kept_ok),
    within("one trailer more",
           chunked("2\r\nok\r\n0\r\nA: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\nE: 5\r\n\r\n"),
           refused(errc::header_limit)),
    within("a large trailer", chunked("2\r\nok\r\n0\r\nA: " + std::string(1000, 'x') + "\r\n\r\n"),
           refused(errc::header_limit)),
    within("a flood of trailers", chunked("0\r\n" + repeated("A: b\r\n", 400)),
           refused(errc::header_limit)),
    within("a size without an end", chunked(std::string(2000, '0')), refused(errc::header_limit)),
    within("an extension without an end", chunked("2;" + std::string(2000, 'e')),
           refused(errc::header_limit)),
    within("extensions too large together",
           chunked(repeated("1;" + std::string(200, 'e') + "\r\no\r\n", 6) + "0\r\n\r\n"),
           refused(errc::header_limit)),
    within("as many informational responses as the limit",
           repeated("HTTP/1.1 102 Processing\r\n\r\n", 2) + field("X: y"), kept_ok),
    within("one informational response more",
           repeated("HTTP/1.1 102 Processing\r\n\r\n", 3) + field("X: y"),
           refused(errc::header_limit)),
    within("a body as large as its limit", ok + "Content-Length: 100\r\n\r\n" + full_body,
           kept(200, full_body)),
    within("a length larger by one, and no body", ok + "Content-Length: 101\r\n\r\n",
           refused(errc::body_limit)),
    within("a length of 2^64 - 1", ok + "Content-Length: 18446744073709551615\r\n\r\n",
           refused(errc::body_limit)),
    within("chunks as large as the limit",
           chunked("32\r\n" + std::string(50, 'b') + "\r\n32\r\n" + std::string(50, 'b') +
                   "\r\n0\r\n\r\n"),
           kept(200, full_body)),
    within("a chunk more", chunked("64\r\n" + full_body + "\r\n1\r\n"), refused(errc::body_limit)),
    within("a chunk larger than the limit, and no data", chunked("65\r\n"),
           refused(errc::body_limit)),
    within("a body up to the end as large as the limit", ok + "\r\n" + full_body,
           closed(200, full_body), stream_end::announced),
    within("a body up to the end larger by a byte", ok + "\r\n" + full_body + "b",
           refused(errc::body_limit)),
};

}  // namespace

const std::vector<framing_case>& framing_cases() {
  static const cases all = [] {
    cases joined;
    for (const cases* some : {&status_lines, &fields, &lengths, &codings, &chunks, &trailers,
                              &informational, &bodiless, &persistence, &ends, &client_limits}) {
      joined.insert(joined.end(), some->begin(), some->end());
    }
    return joined;
  }();
  return all;
}

}  // namespace upsun::http::test
