#include "sandbox/border/frame.h"

#include <algorithm>

namespace atoll::border {
namespace {

void put(std::string& bytes, std::uint32_t value, int size) {
  for (int i = 0; i < size; ++i) bytes.push_back(static_cast<char>(value >> (8 * i)));
}

std::uint32_t get(const char* bytes, int size) {
  std::uint32_t value = 0;
  for (int i = size - 1; i >= 0; --i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

}  // namespace

std::string encode_frame_header(const Frame& frame) {
  std::string bytes;
  put(bytes, static_cast<std::uint32_t>(frame.body.size()), 4);
  put(bytes, static_cast<std::uint16_t>(frame.type), 2);
  put(bytes, frame.descriptor_count, 2);
  put(bytes, frame.request_id, 4);
  return bytes;
}

Result<std::optional<Frame>> FrameDecoder::next(std::string_view& input) {
  if (header_size_ < kFrameHeaderBytes) {
    std::size_t taken = std::min(kFrameHeaderBytes - header_size_, input.size());
    std::copy_n(input.data(), taken, header_.data() + header_size_);
    header_size_ += taken;
    input.remove_prefix(taken);
    if (header_size_ < kFrameHeaderBytes) return std::nullopt;
    TRY_VOID(read_header());
  }
  std::size_t taken = std::min(body_size_ - frame_.body.size(), input.size());
  frame_.body.append(input.substr(0, taken));
  input.remove_prefix(taken);
  if (frame_.body.size() < body_size_) return std::nullopt;
  header_size_ = 0;
  return std::exchange(frame_, Frame());
}

Result<void> FrameDecoder::read_header() {
  body_size_ = get(header_.data(), 4);
  auto type = static_cast<std::uint16_t>(get(header_.data() + 4, 2));
  frame_.descriptor_count = static_cast<std::uint16_t>(get(header_.data() + 6, 2));
  frame_.request_id = get(header_.data() + 8, 4);
  if (body_size_ > kMaxFrameBytes) {
    return fail(invalid_input("a message of " + std::to_string(body_size_) + " bytes is too long"));
  }
  if (frame_.descriptor_count > kMaxFrameDescriptors) {
    return fail(invalid_input("a message carries too many descriptors"));
  }
  if (type == 0 || type > kMaxMessageType) {
    return fail(invalid_input("message type " + std::to_string(type) + " does not exist"));
  }
  frame_.type = static_cast<MessageType>(type);
  return {};
}

}  // namespace atoll::border
