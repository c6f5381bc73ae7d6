// What the platform's owner has set for one script, or for all scripts of a namespace or an
// account: rules about where it may connect to, and quotas. Comes as JSON through the management
// API.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "egress/address.h"

namespace atoll::egress {

inline constexpr std::size_t kMaxRules = 256;     // of one policy
inline constexpr std::size_t kMaxRuleItems = 64;  // ports, or methods, of one rule

// "api.example", "*.example" (every name below, not example itself), "*" (every host). A host is a
// name as it was asked for, or an address in its canonical spelling.
class HostPattern {
 public:
  static Result<HostPattern> parse(std::string_view text);
  // `host` as canonical_host() makes it.
  bool matches(std::string_view host) const;

 private:
  std::string name_;  // without "*."
  bool is_below_ = false;
  bool is_any_ = false;
};

// Lower case, without the dot at the end; an IP address as it is usually written.
std::string canonical_host(std::string_view host);

struct PortRange {
  std::uint16_t first = 0;
  std::uint16_t last = 0;
};

// Every member that is there must match. Empty members match everything.
struct Rule {
  bool allows = false;
  std::string name;  // for messages and the audit: given, or "rule-1", …
  std::optional<HostPattern> host;
  std::optional<AddressRange> range;
  // With `range`: the addresses are allowed although they would be refused by default. Names alone
  // never do that, because who owns a name decides where it leads.
  bool is_internal = false;
  std::vector<PortRange> ports;
  std::vector<std::string> methods;  // upper case

  // Whether host, address and port match; `methods` is not looked at.
  bool matches_target(std::string_view host, const Address& address, std::uint16_t port) const;
  // A connection whose requests are not known (empty) could carry any of them: it is refused by a
  // rule that refuses some, and not allowed by a rule that allows some.
  bool matches_method(std::string_view method) const;
};

// Each holds for each script by itself, also where a namespace's policy sets it.
struct Quotas {
  std::optional<std::uint32_t> connections;  // open and opening
  std::optional<std::uint32_t> new_connections_per_minute;
  std::optional<std::uint64_t> bytes_per_window;  // both directions together
  std::optional<std::uint32_t> window_seconds;    // a day, unless set
};
inline constexpr std::uint32_t kDefaultWindowSeconds = 86'400;

struct ScriptPolicy {
  std::vector<Rule> rules;  // the first that matches counts
  Quotas quotas;
};

// InvalidInput, with a message that names the rule and the member. Unknown members are refused.
Result<ScriptPolicy> parse_script_policy(const Json& text);

}  // namespace atoll::egress
