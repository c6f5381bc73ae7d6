#include "egress/policy.h"

#include <algorithm>

namespace atoll::egress {
namespace {

bool in_any(const std::vector<AddressRange>& ranges, const Address& address) {
  return std::ranges::any_of(ranges,
                             [&](const AddressRange& range) { return range.contains(address); });
}

bool is_this_machine(const Rules& rules, const Address& address) {
  AddressKind kind = kind_of(address);
  return kind == AddressKind::Loopback || kind == AddressKind::Unspecified ||
         std::ranges::find(rules.own_addresses, address) != rules.own_addresses.end();
}

bool reaches(const Rules& rules, const OwnEndpoint& endpoint, const Address& address,
             std::uint16_t port) {
  if (port != endpoint.port) return false;
  // Whoever listens at a loopback or an unspecified address may be reached in more than one way.
  return is_this_machine(rules, address) || plain(endpoint.address) == address;
}

}  // namespace

Decision decide(const Rules& rules, const Request& request, const Address& resolved) {
  Address address = plain(resolved);
  for (const OwnEndpoint& endpoint : rules.management) {
    if (reaches(rules, endpoint, address, request.port)) return {false, "management"};
  }
  if (request.port == 0) return {false, "port"};
  if (in_any(rules.denied, address)) return {false, "denied-range"};
  if (in_any(rules.allowed, address)) return {true, "allowed-range"};
  AddressKind kind = kind_of(address);
  if (kind != AddressKind::Public) return {false, std::string(address_kind_name(kind))};
  if (std::ranges::find(rules.own_addresses, address) != rules.own_addresses.end()) {
    return {false, "own-address"};
  }
  if (std::ranges::find(rules.denied_ports, request.port) != rules.denied_ports.end()) {
    return {false, "port"};
  }
  return {true, "public"};
}

}  // namespace atoll::egress
