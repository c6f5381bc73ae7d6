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

// What holds where no policy speaks. `named_port`: a rule that allows names the port.
Decision decide_by_default(const Rules& rules, const Address& address, std::uint16_t port,
                           bool named_port) {
  if (in_any(rules.allowed, address)) return {true, "allowed-range"};
  AddressKind kind = kind_of(address);
  if (kind != AddressKind::Public) return {false, std::string(address_kind_name(kind))};
  if (std::ranges::find(rules.own_addresses, address) != rules.own_addresses.end()) {
    return {false, "own-address"};
  }
  bool port_denied = std::ranges::find(rules.denied_ports, port) != rules.denied_ports.end();
  if (port_denied && !named_port) return {false, "port"};
  return {true, "public"};
}

}  // namespace

Decision decide(const Rules& rules, const Request& request, const Address& resolved,
                std::span<const AppliedPolicy> policies) {
  Address address = destination(resolved);
  for (const OwnEndpoint& endpoint : rules.management) {
    if (reaches(rules, endpoint, address, request.port)) return {false, "management"};
  }
  if (request.port == 0) return {false, "port"};
  if (in_any(rules.denied, address)) return {false, "denied-range"};
  std::string host = policies.empty() ? std::string() : canonical_host(request.host);
  bool is_for_method = false;
  for (const AppliedPolicy& applied : policies) {
    for (const Rule& rule : applied.policy->rules) {
      if (!rule.matches_target(host, address, request.port)) continue;
      is_for_method |= !rule.methods.empty();
      if (!rule.matches_method(request.method)) continue;
      std::string name = std::string(applied.level) + ":" + rule.name;
      if (!rule.allows || rule.is_internal) return {rule.allows, std::move(name), is_for_method};
      Decision decision = decide_by_default(rules, address, request.port, !rule.ports.empty());
      if (decision.allowed) decision.rule = std::move(name);
      decision.is_for_method = is_for_method;
      return decision;
    }
  }
  Decision decision = decide_by_default(rules, address, request.port, false);
  decision.is_for_method = is_for_method;
  return decision;
}

}  // namespace atoll::egress
