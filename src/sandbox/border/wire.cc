#include "sandbox/border/wire.h"

namespace atoll::border {

void WireWriter::write(const std::string& value) {
  write_varint(value.size());
  bytes_ += value;
}

void WireWriter::write(double value) {
  auto raw = std::bit_cast<std::uint64_t>(value);
  for (int shift = 0; shift < 64; shift += 8) bytes_.push_back(static_cast<char>(raw >> shift));
}

void WireWriter::write_varint(std::uint64_t value) {
  while (value >= 0x80) {
    bytes_.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  bytes_.push_back(static_cast<char>(value));
}

bool WireReader::read(bool& value) {
  if (rest_.empty() || static_cast<unsigned char>(rest_.front()) > 1) return false;
  value = rest_.front() == 1;
  rest_.remove_prefix(1);
  return true;
}

bool WireReader::read(std::string& value) {
  std::uint64_t size = 0;
  if (!read_varint(size) || size > rest_.size()) return false;
  value.assign(rest_.substr(0, size));
  rest_.remove_prefix(size);
  return true;
}

bool WireReader::read(double& value) {
  if (rest_.size() < 8) return false;
  std::uint64_t raw = 0;
  for (unsigned i = 0; i < 8; ++i) {
    raw |= static_cast<std::uint64_t>(static_cast<unsigned char>(rest_[i])) << (8 * i);
  }
  rest_.remove_prefix(8);
  value = std::bit_cast<double>(raw);
  return true;
}

bool WireReader::read_varint(std::uint64_t& value) {
  value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (rest_.empty()) return false;
    auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    if (shift == 63 && byte > 1) return false;
    value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

}  // namespace atoll::border
