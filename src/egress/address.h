// What an IP address is good for. Only addresses of the public internet are harmless by
// themselves; everything else is named here. The lists follow IANA's special-purpose registries.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <string>
#include <string_view>

#include "base/result.h"

namespace atoll::egress {

using Address = boost::asio::ip::address;

enum class AddressKind {
  Public,
  Unspecified,  // 0.0.0.0/8, ::, which reach the machine itself
  Loopback,
  Private,        // RFC 1918, unique local, site local
  SharedCarrier,  // 100.64.0.0/10, between a provider and its customers
  LinkLocal,
  Metadata,    // where clouds hand their machines credentials
  Multicast,   // and broadcast
  Transition,  // IPv6 forms that carry an IPv4 address through somebody's tunnel
  Reserved,    // documentation, benchmarks, protocol assignments, not assigned
};

// "private", "link-local", …
std::string_view address_kind_name(AddressKind kind);

// IPv4-mapped and IPv4-compatible IPv6 addresses become the IPv4 address that a connection to them
// would reach; others stay as they are, without scope.
Address plain(const Address& address);

// Where a connection to it ends: as plain(), and behind NAT64's well-known prefix (64:ff9b::/96)
// the IPv4 address that a gateway translates it to.
Address destination(const Address& address);

// Of the destination.
AddressKind kind_of(const Address& address);

// "192.0.2.0/24", "2001:db8::/32", "192.0.2.1".
class AddressRange {
 public:
  // InvalidInput unless it is an address, or an address and a prefix length. Bits behind the prefix
  // do not matter. IPv4-mapped forms are taken as IPv4.
  static Result<AddressRange> parse(std::string_view text);

  // False for an address of the other family.
  bool contains(const Address& address) const;

  const Address& first() const { return first_; }
  unsigned prefix() const { return prefix_; }

 private:
  AddressRange(const Address& first, unsigned prefix) : first_(first), prefix_(prefix) {}

  Address first_;
  unsigned prefix_;
};

}  // namespace atoll::egress
