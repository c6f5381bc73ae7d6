#include "egress/address.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <span>

namespace atoll::egress {
namespace {

namespace ip = boost::asio::ip;

struct Special4 {
  std::uint32_t first;
  unsigned prefix;
  AddressKind kind;
};

constexpr std::uint32_t v4(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  return a << 24 | b << 16 | c << 8 | d;
}

// Single addresses come before the ranges they lie in.
constexpr Special4 kSpecial4[] = {
    {v4(169, 254, 169, 254), 32, AddressKind::Metadata},  // most clouds
    {v4(169, 254, 170, 0), 23, AddressKind::Metadata},    // credentials of containers and pods
    {v4(100, 100, 100, 200), 32, AddressKind::Metadata},  // Alibaba Cloud
    {v4(168, 63, 129, 16), 32, AddressKind::Metadata},    // Azure, in a public range
    {v4(192, 0, 0, 192), 32, AddressKind::Metadata},      // Oracle Cloud
    {v4(0, 0, 0, 0), 8, AddressKind::Unspecified},
    {v4(127, 0, 0, 0), 8, AddressKind::Loopback},
    {v4(10, 0, 0, 0), 8, AddressKind::Private},
    {v4(172, 16, 0, 0), 12, AddressKind::Private},
    {v4(192, 168, 0, 0), 16, AddressKind::Private},
    {v4(100, 64, 0, 0), 10, AddressKind::SharedCarrier},
    {v4(169, 254, 0, 0), 16, AddressKind::LinkLocal},
    {v4(192, 0, 0, 0), 24, AddressKind::Reserved},
    {v4(192, 0, 2, 0), 24, AddressKind::Reserved},
    {v4(192, 31, 196, 0), 24, AddressKind::Reserved},
    {v4(192, 52, 193, 0), 24, AddressKind::Reserved},
    {v4(192, 88, 99, 0), 24, AddressKind::Transition},
    {v4(192, 175, 48, 0), 24, AddressKind::Reserved},
    {v4(198, 18, 0, 0), 15, AddressKind::Reserved},
    {v4(198, 51, 100, 0), 24, AddressKind::Reserved},
    {v4(203, 0, 113, 0), 24, AddressKind::Reserved},
    {v4(255, 255, 255, 255), 32, AddressKind::Multicast},
    {v4(224, 0, 0, 0), 4, AddressKind::Multicast},
    {v4(240, 0, 0, 0), 4, AddressKind::Reserved},
};

AddressKind kind_of_v4(std::uint32_t address) {
  for (const Special4& special : kSpecial4) {
    std::uint32_t mask = special.prefix == 32 ? ~0u : ~(~0u >> special.prefix);
    if ((address & mask) == special.first) return special.kind;
  }
  return AddressKind::Public;
}

using Bytes6 = ip::address_v6::bytes_type;

struct Special6 {
  std::array<std::uint16_t, 8> first;
  unsigned prefix;
  AddressKind kind;
};

constexpr Special6 kSpecial6[] = {
    {{0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254}, 128, AddressKind::Metadata},       // Amazon
    {{0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254}, 128, AddressKind::Metadata},        // Google
    {{0xfd00, 0xc1, 0, 0, 0, 0, 0xa9fe, 0xa9fe}, 128, AddressKind::Metadata},  // Oracle
    {{0, 0, 0, 0, 0, 0, 0, 0}, 128, AddressKind::Unspecified},
    {{0, 0, 0, 0, 0, 0, 0, 1}, 128, AddressKind::Loopback},
    {{0x64, 0xff9b, 1}, 48, AddressKind::Private},        // NAT64 of a network's own
    {{0, 0, 0, 0, 0xffff}, 80, AddressKind::Transition},  // IPv4-translated
    {{0xfc00}, 7, AddressKind::Private},
    {{0xfec0}, 10, AddressKind::Private},
    {{0xfe80}, 10, AddressKind::LinkLocal},
    {{0xff00}, 8, AddressKind::Multicast},
    {{0x2001, 0}, 32, AddressKind::Transition},  // Teredo
    {{0x2002}, 16, AddressKind::Transition},     // 6to4
    {{0x2001, 0}, 23, AddressKind::Reserved},
    {{0x2001, 0xdb8}, 32, AddressKind::Reserved},
    {{0x2620, 0x4f, 0x8000}, 48, AddressKind::Reserved},
    {{0x3fff}, 20, AddressKind::Reserved},
};

bool same_prefix(std::span<const unsigned char> a, std::span<const unsigned char> b,
                 unsigned prefix) {
  for (std::size_t i = 0; i < a.size() && prefix > 0; ++i) {
    unsigned bits = std::min(prefix, 8u);
    if ((a[i] ^ b[i]) >> (8 - bits) != 0) return false;
    prefix -= bits;
  }
  return true;
}

Bytes6 bytes_of(const std::array<std::uint16_t, 8>& groups) {
  Bytes6 bytes{};
  for (std::size_t i = 0; i < 8; ++i) {
    bytes[2 * i] = static_cast<unsigned char>(groups[i] >> 8);
    bytes[2 * i + 1] = static_cast<unsigned char>(groups[i]);
  }
  return bytes;
}

std::uint32_t last_32_bits(const Bytes6& bytes) {
  return v4(bytes[12], bytes[13], bytes[14], bytes[15]);
}

bool starts_with_zeros(const Bytes6& bytes, std::size_t count) {
  return std::all_of(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count),
                     [](unsigned char byte) { return byte == 0; });
}

AddressKind kind_of_v6(const Bytes6& bytes) {
  for (const Special6& special : kSpecial6) {
    if (same_prefix(bytes, bytes_of(special.first), special.prefix)) return special.kind;
  }
  // ISATAP, an IPv4 address in the interface identifier.
  bool isatap = (bytes[8] & 0xfd) == 0 && bytes[9] == 0 && bytes[10] == 0x5e && bytes[11] == 0xfe;
  if (isatap) return AddressKind::Transition;
  return same_prefix(bytes, bytes_of({0x2000}), 3) ? AddressKind::Public : AddressKind::Reserved;
}

}  // namespace

std::string_view address_kind_name(AddressKind kind) {
  switch (kind) {
    case AddressKind::Public:
      return "public";
    case AddressKind::Unspecified:
      return "unspecified";
    case AddressKind::Loopback:
      return "loopback";
    case AddressKind::Private:
      return "private";
    case AddressKind::SharedCarrier:
      return "shared-carrier";
    case AddressKind::LinkLocal:
      return "link-local";
    case AddressKind::Metadata:
      return "metadata";
    case AddressKind::Multicast:
      return "multicast";
    case AddressKind::Transition:
      return "transition";
    case AddressKind::Reserved:
      return "reserved";
  }
  return "reserved";
}

Address plain(const Address& address) {
  if (address.is_v4()) return address;
  Bytes6 bytes = address.to_v6().to_bytes();
  bool mapped = starts_with_zeros(bytes, 10) && bytes[10] == 0xff && bytes[11] == 0xff;
  bool compatible = starts_with_zeros(bytes, 12) && last_32_bits(bytes) > 1;
  if (mapped || compatible) return ip::address_v4(last_32_bits(bytes));
  return ip::address_v6(bytes);
}

Address destination(const Address& address) {
  Address reached = plain(address);
  if (reached.is_v4()) return reached;
  Bytes6 bytes = reached.to_v6().to_bytes();
  if (!same_prefix(bytes, bytes_of({0x64, 0xff9b}), 96)) return reached;
  return ip::address_v4(last_32_bits(bytes));
}

AddressKind kind_of(const Address& address) {
  Address reached = destination(address);
  if (reached.is_v4()) return kind_of_v4(reached.to_v4().to_uint());
  return kind_of_v6(reached.to_v6().to_bytes());
}

Result<AddressRange> AddressRange::parse(std::string_view text) {
  auto malformed = [text] {
    return fail(invalid_input("\"" + std::string(text) +
                              "\" is neither an IP address nor a range like 10.0.0.0/8"));
  };
  std::size_t slash = text.find('/');
  boost::system::error_code error;
  Address written = ip::make_address(std::string(text.substr(0, slash)), error);
  if (error || (written.is_v6() && written.to_v6().scope_id() != 0)) return malformed();
  Address first = plain(written);
  unsigned greatest = written.is_v4() ? 32 : 128;
  unsigned prefix = greatest;
  if (slash != std::string_view::npos) {
    std::string_view digits = text.substr(slash + 1);
    auto end = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
    if (end.ec != std::errc() || end.ptr != digits.data() + digits.size() || prefix > greatest) {
      return malformed();
    }
  }
  if (written.is_v6() && first.is_v4()) {
    if (prefix < 96) first = ip::address_v6(written.to_v6().to_bytes());
    if (prefix >= 96) prefix -= 96;
  }
  return AddressRange(first, prefix);
}

bool AddressRange::contains(const Address& address) const {
  Address reached = plain(address);
  if (reached.is_v4() != first_.is_v4()) return false;
  if (reached.is_v4()) {
    return same_prefix(reached.to_v4().to_bytes(), first_.to_v4().to_bytes(), prefix_);
  }
  return same_prefix(reached.to_v6().to_bytes(), first_.to_v6().to_bytes(), prefix_);
}

}  // namespace atoll::egress
