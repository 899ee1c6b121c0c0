#include "http/message/content_decoder.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "support/coded.hpp"

namespace upsun::http {
namespace content_decoder_test {

constexpr std::size_t most = 64 * 1024;
constexpr std::size_t bomb_size = 64 * 1024 * 1024;

/// A coding, and bodies in it.
struct coding {
  std::string name;
  std::string body;
  std::string coded;
  std::function<std::string()> bomb;  ///< `bomb_size` bytes. Takes a moment to make.
  bool takes_several = true;          ///< One piece of data after another.
  bool finds_changes = true;          ///< By a checksum.
};
std::ostream& operator<<(std::ostream& out, const coding& c) { return out << c.name; }

std::string text() {
  std::string body = "[";
  for (int i = 0; i < 40; ++i)
    body += R"({"id":"integration-)" + std::to_string(i * 7919) + R"(","type":"webhook"},)";
  return body + "{}]";
}

#if UPSUN_BROTLI
std::string from_hex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2)
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  return bytes;
}
#endif

std::vector<coding> codings() {
  std::vector<coding> all;
#if UPSUN_GZIP
  all.push_back({"gzip", text(), upsun::test::gzip(text()),
                 [] { return upsun::test::gzip(std::string(bomb_size, '\0')); }});
#endif
#if UPSUN_ZSTD
  all.push_back({"zstd", text(), upsun::test::zstd(text()),
                 [] { return upsun::test::zstd(std::string(bomb_size, '\0')); }});
#endif
#if UPSUN_BROTLI
  // Made by the encoder of Node.js.
  all.push_back({"br", R"(["brotli", "brotli", "brotli", "brotli"])",
                 from_hex("1b2700f81d07762c3cc2ea2069be16d992a3d3202c5d62328dedad14212a1498e53e"
                          "8800"),
                 [] {
                   return from_hex(
                       "cbffff3ff82700e2b14020f7fe8fffff7ff04f00c4611180eefd1fffffffe09f0088c3"
                       "0200ddfb3ffeffffc13f0110870500baf77ffcffff837f02200e0b0074effff8ffff07"
                       "ff04401c1600e8defff1ffff0ffe0980382c00d0bdffcbffff3ffc1300715800a07bff"
                       "07");
                 },
                 false, false});
#endif
  return all;
}

/// What became of a coded body.
struct outcome {
  std::string body;
  std::optional<errc> failure;
  friend bool operator==(const outcome&, const outcome&) = default;
};
std::ostream& operator<<(std::ostream& out, const outcome& o) {
  return out << o.body.size() << " bytes, "
             << (o.failure ? make_error_code(*o.failure).message() : "decoded");
}

outcome decode(std::string_view name, const std::vector<std::string_view>& pieces,
               std::size_t limit = most) {
  outcome got;
  const auto decoder = content_decoder::make(name, limit);
  std::optional<io_failure> failure;
  for (const std::string_view piece : pieces) {
    if (!failure) failure = decoder->decode(piece, got.body);
  }
  if (!failure) failure = decoder->end();
  if (failure) got.failure = failure->code;
  return got;
}

class Coding : public ::testing::TestWithParam<coding> {
 protected:
  const coding& c = GetParam();
  const std::string_view whole = c.coded;
  const outcome good{c.body, std::nullopt};
};
INSTANTIATE_TEST_SUITE_P(By, Coding, ::testing::ValuesIn(codings()),
                         [](const auto& of) { return of.param.name; });
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Coding);

TEST_P(Coding, IsDecodedHoweverItIsCut) {
  EXPECT_EQ(decode(c.name, {whole}), good);
  for (std::size_t cut = 0; cut <= whole.size(); ++cut)
    ASSERT_EQ(decode(c.name, {whole.substr(0, cut), whole.substr(cut)}), good) << cut;
  std::vector<std::string_view> bytes;
  for (std::size_t i = 0; i < whole.size(); ++i) bytes.push_back(whole.substr(i, 1));
  EXPECT_EQ(decode(c.name, bytes), good);
}

TEST_P(Coding, FailsWhenItIsCutOff) {
  for (std::size_t size = 1; size < whole.size(); ++size)
    ASSERT_EQ(decode(c.name, {whole.substr(0, size)}).failure, errc::bad_response) << size;
}

TEST_P(Coding, FailsWhenOtherBytesFollow) {
  for (const std::string_view rest :
       {std::string_view("x"), std::string_view("\0", 1), std::string_view("{\"a\": 1}\r\n")}) {
    EXPECT_EQ(decode(c.name, {c.coded + std::string(rest)}).failure, errc::bad_response) << rest;
    EXPECT_EQ(decode(c.name, {whole, rest}).failure, errc::bad_response) << rest;
  }
}

TEST_P(Coding, OfSeveralPiecesOfDataGivesAllWhereItsFormatHasThem) {
  const outcome got = decode(c.name, {c.coded + c.coded});
  if (!c.takes_several) {
    EXPECT_EQ(got.failure, errc::bad_response);
    return;
  }
  EXPECT_EQ(got, (outcome{c.body + c.body, std::nullopt}));
  EXPECT_EQ(decode(c.name, {whole, whole}), got);
  EXPECT_EQ(decode(c.name, {c.coded + c.coded.substr(0, 3)}).failure, errc::bad_response);
}

TEST_P(Coding, NeverGivesAnotherBody) {
  for (std::size_t at = 0; c.finds_changes && at < whole.size(); ++at) {
    std::string changed(whole);
    changed[at] = static_cast<char>(changed[at] ^ 0x10);
    const outcome got = decode(c.name, {changed});
    if (!got.failure) {
      EXPECT_EQ(got.body, c.body) << at;
    }
  }
  EXPECT_EQ(decode(c.name, {"certainly nothing of the kind"}).failure, errc::bad_response);
}

TEST_P(Coding, OfAnEnormousBodyIsGivenUpAtTheLimit) {
  const std::string bomb = c.bomb();
  ASSERT_LT(bomb.size(), most * 2);
  std::string body;
  const auto decoder = content_decoder::make(c.name, most * 2);
  const auto failure = decoder->decode(bomb, body);
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->code, errc::body_limit);
  EXPECT_EQ(failure->cause, "limits.body_bytes");
  EXPECT_LE(body.size(), most * 2);
}

TEST_P(Coding, MayFillTheLimit) {
  EXPECT_EQ(decode(c.name, {whole}, c.body.size()), good);
  EXPECT_EQ(decode(c.name, {whole}, c.body.size() - 1).failure, errc::body_limit);
}

TEST_P(Coding, MayBeLongerThanTheBodyWithinTheLimit) {
  const std::string empty = [this] {
#if UPSUN_GZIP
    if (c.name == "gzip") return upsun::test::gzip("");
#endif
#if UPSUN_ZSTD
    if (c.name == "zstd") return upsun::test::zstd("");
#endif
    return std::string();
  }();
  std::string many;
  while (!empty.empty() && many.size() <= most) many += empty;
  if (empty.empty()) return;  // brotli has no empty data that others may follow
  EXPECT_EQ(decode(c.name, {many}).failure, errc::body_limit);
}

TEST_P(Coding, OfNoBytesIsAnEmptyBody) {
  EXPECT_EQ(decode(c.name, {}), (outcome{"", std::nullopt}));
  EXPECT_EQ(decode(c.name, {""}), (outcome{"", std::nullopt}));
}

TEST(ContentDecoder, KnowsTheCodingsOfItsBuildInAnyCase) {
  EXPECT_EQ(content_decoder::make("GZip", most) != nullptr, UPSUN_GZIP == 1);
  EXPECT_EQ(content_decoder::make("x-gzip", most) != nullptr, UPSUN_GZIP == 1);
  EXPECT_EQ(content_decoder::make("ZSTD", most) != nullptr, UPSUN_ZSTD == 1);
  EXPECT_EQ(content_decoder::make("Br", most) != nullptr, UPSUN_BROTLI == 1);
  for (const char* other : {"", "identity", "deflate", "compress", "gzip, br", "gzip,gzip", "g"})
    EXPECT_EQ(content_decoder::make(other, most), nullptr) << other;
}

TEST(ContentDecoder, AsksForWhatItDecodes) {
  std::string expected;
  for (const auto& [name, built] : {std::pair("zstd", UPSUN_ZSTD), std::pair("gzip", UPSUN_GZIP),
                                    std::pair("br", UPSUN_BROTLI)}) {
    if (built == 1) expected.append(expected.empty() ? "" : ", ").append(name);
  }
  EXPECT_EQ(accepted_codings(), expected.empty() ? "identity" : expected);
}

TEST(ContentDecoder, TakesTheCodingOffTheResponseThatItDecodes) {
  http_response response;
  response.content_encoding = "gzip";
  EXPECT_EQ(take_coding(response, most) != nullptr, UPSUN_GZIP == 1);
  EXPECT_EQ(response.content_encoding.empty(), UPSUN_GZIP == 1);
  response.content_encoding = "gzip, br";
  EXPECT_EQ(take_coding(response, most), nullptr);
  EXPECT_EQ(response.content_encoding, "gzip, br");
}

#if UPSUN_ZSTD
TEST(ContentDecoder, RefusesAWindowLargerThanACodingMayHave) {
  constexpr int eight_mebibytes = 23;  // RFC 9659
  const std::string body(1024 * 1024, 'x');
  EXPECT_FALSE(decode("zstd", {upsun::test::zstd(body, eight_mebibytes)}, body.size()).failure);
  EXPECT_EQ(decode("zstd", {upsun::test::zstd(body, eight_mebibytes + 1)}, body.size()).failure,
            errc::bad_response);
}
#endif

}  // namespace content_decoder_test
}  // namespace upsun::http
