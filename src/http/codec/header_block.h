// Header fields in one piece of memory: the bytes of the lines as they go over the wire, and where
// in them each name and value lies. Moving one moves two pointers; forwarding one copies one
// string.
//
// Every block is well-formed: names are tokens, values hold no control characters but tabs, each
// line ends with CRLF. There is no way to put in anything else, so a block is always safe to write.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace atoll::http {

// One field within the raw bytes. The line runs from `name_begin` to the next field's.
struct FieldSpan {
  std::uint32_t name_begin;
  std::uint32_t name_size;
  std::uint32_t value_begin;
  std::uint32_t value_size;
};

class HeaderBlock {
 public:
  struct Field {
    std::string_view name;   // as it was written
    std::string_view value;  // without surrounding blanks
  };

  HeaderBlock() = default;

  // From lines of "name: value\r\n". Nothing when a line is not well-formed.
  static std::optional<HeaderBlock> parse(std::string lines);

  // Adds a line at the end. False, and nothing added, when the name is no token or the value holds
  // a control character. A name may occur several times; values are never joined. The arguments
  // must not be views into this block.
  [[nodiscard]] bool append(std::string_view name, std::string_view value);
  // Removes every field of that name first.
  [[nodiscard]] bool set(std::string_view name, std::string_view value);
  void remove(std::string_view name);

  // The first field of that name, in any case. Views last until the block changes, moves or dies.
  std::optional<std::string_view> find(std::string_view name) const;

  std::size_t size() const { return spans_.size(); }
  bool empty() const { return spans_.empty(); }
  Field operator[](std::size_t index) const;
  std::string_view line(std::size_t index) const;  // "Name: value\r\n", as it was written

  // All lines, ready to be written: each ends with CRLF, no blank line at the end.
  std::string_view raw() const { return raw_; }

  class Iterator {
   public:
    Iterator(const HeaderBlock& block, std::size_t index) : block_(&block), index_(index) {}
    Field operator*() const { return (*block_)[index_]; }
    Iterator& operator++() {
      ++index_;
      return *this;
    }
    bool operator==(const Iterator& other) const { return index_ == other.index_; }

   private:
    const HeaderBlock* block_;
    std::size_t index_;
  };
  Iterator begin() const { return {*this, 0}; }
  Iterator end() const { return {*this, size()}; }

 private:
  friend class RequestHeadParser;  // they have checked each line themselves
  friend class ResponseHeadParser;

  std::string raw_;
  std::vector<FieldSpan> spans_;
};

// One header line, as far as it has arrived.
struct HeaderLine {
  enum class State { Complete, NeedMore, Malformed };
  State state;
  FieldSpan span = {};            // when complete; offsets count from the start of `text`
  std::size_t end = 0;            // when complete: just behind the line's CRLF
  const char* problem = nullptr;  // when malformed
};

// Reads the line of `text` that starts at `begin`. Strict: CRLF only, no folding, no blank before
// the colon, no control characters. `text` is shorter than 4 GiB.
HeaderLine read_header_line(std::string_view text, std::size_t begin);

}  // namespace atoll::http
