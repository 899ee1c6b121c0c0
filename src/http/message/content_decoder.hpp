#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <upsun/transport.hpp>

#include "http/message/io_failure.hpp"

namespace upsun::http {

/// The content codings (RFC 9110 section 8.4.1) that this build decodes, as the value of
/// `Accept-Encoding`: "identity" when there are none.
[[nodiscard]] std::string_view accepted_codings() noexcept;

/// Decodes the body of one response as it arrives. What it decodes to is bounded, so that a small
/// body which stands for an enormous one costs little.
class content_decoder {
 public:
  /// \param coding the value of `Content-Encoding`, in any case
  /// \param most the most bytes that the body may have, coded and decoded
  /// \param required whether data that are damaged or incomplete are a failure; otherwise the body
  /// is what is left, or empty
  /// \return null for what this build does not decode, such as several codings
  [[nodiscard]] static std::unique_ptr<content_decoder> make(std::string_view coding,
                                                             std::size_t most,
                                                             bool required = true);

  content_decoder(const content_decoder&) = delete;
  content_decoder& operator=(const content_decoder&) = delete;
  virtual ~content_decoder() = default;

  /// Appends to `body` what `bytes` stand for. Not to be called again after a failure.
  [[nodiscard]] std::optional<io_failure> decode(std::string_view bytes, std::string& body);
  /// The body is complete: fails when its coded data are not. A body without a byte is empty, as
  /// servers send it.
  [[nodiscard]] std::optional<io_failure> end() const;

 protected:
  /// What a library made of some bytes.
  struct step {
    std::size_t read = 0;
    std::size_t written = 0;
    bool ended = false;  ///< The data are complete. Others of the same coding may follow.
    bool damaged = false;
  };

  content_decoder(std::string_view coding, std::size_t most) : coding_(coding), most_(most) {}

 private:
  virtual step advance(std::string_view from, std::span<char> into) = 0;
  [[nodiscard]] std::optional<io_failure> give_up(std::string& body);

  const std::string_view coding_;
  const std::size_t most_;
  bool required_ = true;
  bool given_up_ = false;
  std::size_t coded_ = 0;
  std::size_t decoded_ = 0;
  bool ended_ = true;
};

/// For a response whose head is complete: what decodes its body, and no `content_encoding` any
/// more. Null, and the response as it was, when it is not coded or this build does not decode it.
/// Only a success requires its body: gateways leave `Content-Encoding` on error pages of their own.
[[nodiscard]] std::unique_ptr<content_decoder> take_coding(http_response& response,
                                                           std::size_t most);

}  // namespace upsun::http
