#pragma once

#include <upsun/log_line.hpp>
#include <upsun/log_options.hpp>
#include <upsun/result.hpp>
#include <upsun/retry_options.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

namespace upsun::api {

/// Splits a stream into lines. Beside the bytes of the last `feed` it holds at most `longest` bytes
/// of an incomplete line.
class line_splitter {
 public:
  struct line {
    std::string_view text;  ///< Without its end. Refers to this object, until it is changed.
    bool too_long =
        false;  ///< It has more than `longest` bytes: `text` is empty, and all of it is skipped.
  };

  explicit line_splitter(std::size_t longest) noexcept : longest_(longest) {}

  void feed(std::string_view bytes);
  /// The stream ended. A last line without an end counts if the stream is complete, else it is
  /// dropped.
  void end(bool complete);
  /// The next line; nothing when there is none that is complete. Empty ones are left out.
  [[nodiscard]] std::optional<line> next();

 private:
  const std::size_t longest_;
  std::string bytes_;
  std::size_t begin_ = 0;     // of the next line
  std::size_t searched_ = 0;  // up to here there is no end of it
  bool skipping_ = false;     // the rest of a line that is too long
};

/// The target of a request for a log from `start_at` on, which may be empty. \param target of the
/// log as its link gave it, perhaps with a query
[[nodiscard]] std::string log_target(std::string target, std::string_view start_at,
                                     const log_options& options);

/// How a log is followed.
struct log_rules {
  std::size_t longest_line = 0;
  unsigned max_failures = 0;  ///< In a row.
  unsigned max_quiet = 0;     ///< Streams in a row without a new line.
  retry_options backoff{};
};

/// Following a log over streams that may end at any byte: what of them is new, where the next one
/// has to begin, whether there is to be one, and when. A state machine without sockets, clock and
/// dice.
///
/// A line counts once. Ids that are whole numbers grow, so on a stream that goes on from an earlier
/// one they are new above the highest so far; whatever its id looks like, a line with one of the
/// last `remembered` ids is not new. A line without an id always is.
class log_core {
 public:
  /// What follows the end of a stream, or the failure to open one.
  struct sequel {
    std::optional<error> over{};       ///< Why there is to be no other stream.
    std::chrono::nanoseconds delay{};  ///< Until the next one, if there is to be one.
  };

  /// \param start_after the id of the last line that is known already; empty: none is.
  log_core(const log_rules& rules, std::string start_after);

  /// The next line that has come and is new, or why an item cannot be read, in `phase::decode`;
  /// nothing when more has to come. What cannot be read is passed over, and given once if its id
  /// can be read.
  [[nodiscard]] std::optional<result<log_line>> next();
  /// The log is complete: nothing comes after what `next` gives.
  [[nodiscard]] bool sealed() const noexcept { return sealed_; }
  /// Of the last item that was given; empty: the next stream begins with the log.
  [[nodiscard]] const std::string& last_id() const noexcept { return last_id_; }

  /// A stream begins, with the line of `last_id` or the one after it.
  void opened() noexcept;
  void feed(std::string_view bytes) { lines_.feed(bytes); }
  /// The stream is complete, but for the log's seal. `dice` is from [0, 1).
  [[nodiscard]] sequel ended(double dice);
  /// The stream broke off, or none could be opened.
  [[nodiscard]] sequel failed(const error& why, double dice);

  static constexpr std::size_t remembered = 1024;

 private:
  [[nodiscard]] bool is_new(const std::string& id);
  void remember(const std::string& id);
  [[nodiscard]] sequel quiet(double dice);

  const log_rules rules_;
  line_splitter lines_;
  bool sealed_ = false;
  bool open_ = false;
  bool progress_ = false;  // since a stream last ended
  unsigned failures_ = 0;  // in a row
  unsigned quiet_ = 0;     // in a row

  std::string last_id_;
  std::optional<std::uint64_t> highest_;      // of the ids that are numbers
  std::optional<std::uint64_t> known_up_to_;  // before the present stream
  std::deque<std::string> order_;
  std::unordered_set<std::string> seen_;
};

}  // namespace upsun::api
