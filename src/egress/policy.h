// Yes or no to one connection. All of the platform's opinion about outgoing connections is here.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "egress/address.h"

namespace atoll::egress {

// Who asks, and for what.
struct Request {
  std::string account_id;
  std::string namespace_id;  // empty for account-level scripts
  std::string script;
  std::string version_id;
  std::string api;     // fetch, connect, websocket, eventsource
  std::string method;  // of an HTTP request, as the host says; may be empty
  std::string host;    // as asked for: a name or an address
  std::uint16_t port = 0;
};

// An address that the platform itself answers at; any address stands for all of this machine's.
struct OwnEndpoint {
  Address address;
  std::uint16_t port = 0;
};

struct Rules {
  std::vector<AddressRange> allowed;            // the owner's, stronger than the kind of an address
  std::vector<AddressRange> denied;             // stronger than `allowed`
  std::vector<std::uint16_t> denied_ports{25};  // unless the address is in `allowed`
  std::vector<OwnEndpoint> management;          // never reached by tenant code
  std::vector<Address> own_addresses;           // of this machine's interfaces
};

struct Decision {
  bool allowed = false;
  std::string rule;  // "public", "allowed-range", "loopback", "port", "management" …
};

// About connecting to `address`, one of those that the request's host resolved to.
Decision decide(const Rules& rules, const Request& request, const Address& address);

}  // namespace atoll::egress
