// Yes or no to one connection. All of the platform's opinion about outgoing connections is here.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "egress/address.h"
#include "egress/script_policy.h"

namespace atoll::egress {

// Who asks, and for what. The members down to `method` are the supervisor's own knowledge; those
// from there on are what the host says, and so the word of whatever runs in it.
struct Request {
  std::string account_id;
  std::string namespace_id;  // empty for account-level scripts
  std::string script;
  std::string version_id;
  std::string api;     // fetch, connect, websocket, eventsource
  std::string method;  // of an HTTP request; may be empty
  std::string host;    // as asked for: a name or an address
  std::uint16_t port = 0;
  std::string handler;     // fetch, rpc, …
  std::string request_id;  // of the request at the ingress
};

// An address that the platform itself answers at; any address stands for all of this machine's.
struct OwnEndpoint {
  Address address;
  std::uint16_t port = 0;
};

struct Rules {
  std::vector<AddressRange> allowed;            // the owner's, stronger than the kind of an address
  std::vector<AddressRange> denied;             // stronger than all that allows
  std::vector<std::uint16_t> denied_ports{25};  // unless a range or a rule names it
  std::vector<OwnEndpoint> management;          // never reached by tenant code
  std::vector<Address> own_addresses;           // of this machine's interfaces
};

struct Decision {
  bool allowed = false;
  std::string rule;  // "public", "allowed-range", "loopback", "management", "namespace:no-mail" …
  // Another method might have been decided otherwise, so the connection may carry this one only.
  bool is_for_method = false;
};

// A policy and what it is set for: "script", "namespace".
struct AppliedPolicy {
  const ScriptPolicy* policy = nullptr;
  std::string_view level;
};

// About connecting to `address`, one of those that the request's host resolved to. The policies are
// asked in their order; the first rule that matches counts.
Decision decide(const Rules& rules, const Request& request, const Address& address,
                std::span<const AppliedPolicy> policies = {});

}  // namespace atoll::egress
