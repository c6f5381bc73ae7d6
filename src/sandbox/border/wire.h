// Compact binary encoding of plain structs. One description per struct drives both directions:
//
//   struct KvGet {
//     Handle handle = 0;
//     std::vector<std::string> keys;
//     auto fields(this auto&& self) { return std::tie(self.handle, self.keys); }
//   };
//
// Unsigned integers are LEB128, signed ones zigzag before that, bool one byte, double eight,
// strings and vectors a count followed by their content, optionals a flag, enums their number. An
// enum names its greatest value: `constexpr Role greatest(Role) { return Role::Compiler; }`.
//
// Decoding is total: any bytes give a value or InvalidInput, and never more memory than a small
// multiple of the input. Bytes left over are an error.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/result.h"

namespace atoll::border {

inline constexpr std::size_t kMaxListLength = 65'536;  // elements of one vector

template <typename T>
concept WireStruct = requires(T& value) { value.fields(); };
template <typename T>
concept WireEnum = std::is_enum_v<T> && requires(T value) { greatest(value); };

class WireWriter {
 public:
  void write(bool value) { bytes_.push_back(value ? 1 : 0); }
  void write(const std::string& value);
  void write(double value);

  template <std::integral T>
  void write(T value) {
    if constexpr (std::is_signed_v<T>) {
      auto wide = static_cast<std::int64_t>(value);
      write_varint(static_cast<std::uint64_t>(wide) << 1 ^ static_cast<std::uint64_t>(wide >> 63));
    } else {
      write_varint(value);
    }
  }
  template <WireEnum T>
  void write(T value) {
    write_varint(static_cast<std::uint64_t>(value));
  }
  template <WireStruct T>
  void write(const T& value) {
    std::apply([this](const auto&... field) { (this->write(field), ...); }, value.fields());
  }
  template <typename T>
  void write(const std::vector<T>& values) {
    write_varint(values.size());
    for (const T& value : values) write(value);
  }
  template <typename T>
  void write(const std::optional<T>& value) {
    write(value.has_value());
    if (value) write(*value);
  }

  std::string take() { return std::move(bytes_); }

 private:
  void write_varint(std::uint64_t value);

  std::string bytes_;
};

class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : rest_(bytes) {}

  bool read(bool& value);
  bool read(std::string& value);
  bool read(double& value);

  template <std::integral T>
  bool read(T& value) {
    std::uint64_t raw = 0;
    if (!read_varint(raw)) return false;
    if constexpr (std::is_signed_v<T>) {
      auto wide = static_cast<std::int64_t>(raw >> 1 ^ (~(raw & 1) + 1));
      if (!std::in_range<T>(wide)) return false;
      value = static_cast<T>(wide);
    } else {
      if (!std::in_range<T>(raw)) return false;
      value = static_cast<T>(raw);
    }
    return true;
  }
  template <WireEnum T>
  bool read(T& value) {
    std::uint64_t raw = 0;
    if (!read_varint(raw) || raw > static_cast<std::uint64_t>(greatest(T{}))) return false;
    value = static_cast<T>(raw);
    return true;
  }
  template <WireStruct T>
  bool read(T& value) {
    return std::apply([this](auto&... field) { return (this->read(field) && ...); },
                      value.fields());
  }
  template <typename T>
  bool read(std::vector<T>& values) {
    std::uint64_t count = 0;
    if (!read_varint(count) || count > rest_.size() || count > kMaxListLength) return false;
    for (; count > 0; --count) {
      if (!read(values.emplace_back())) return false;
    }
    return true;
  }
  template <typename T>
  bool read(std::optional<T>& value) {
    bool present = false;
    if (!read(present)) return false;
    return !present || read(value.emplace());
  }

  bool at_end() const { return rest_.empty(); }

 private:
  bool read_varint(std::uint64_t& value);

  std::string_view rest_;
};

template <WireStruct T>
std::string encode(const T& value) {
  WireWriter writer;
  writer.write(value);
  return writer.take();
}

template <WireStruct T>
Result<T> decode(std::string_view bytes) {
  T value;
  WireReader reader(bytes);
  if (!reader.read(value))
    return fail(invalid_input("a message of the process border is malformed"));
  if (!reader.at_end()) {
    return fail(invalid_input("a message of the process border is longer than its content"));
  }
  return value;
}

}  // namespace atoll::border
