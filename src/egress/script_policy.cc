#include "egress/script_policy.h"

#include <algorithm>
#include <charconv>

namespace atoll::egress {
namespace {

constexpr std::size_t kMaxNameBytes = 64;
constexpr std::size_t kMaxPatternBytes = 253;
constexpr std::size_t kMaxMethodBytes = 32;
constexpr std::uint32_t kLeastWindowSeconds = 60;
constexpr std::uint32_t kGreatestWindowSeconds = 31 * 86'400;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

std::unexpected<Error> wrong(std::string message) {
  return fail(invalid_input(std::move(message)));
}

Result<void> only_members(const Json& object, std::initializer_list<std::string_view> known) {
  for (const auto& [name, value] : object.items()) {
    if (std::ranges::find(known, name) == known.end()) {
      return wrong("there is no member `" + name.substr(0, kMaxNameBytes) + "`");
    }
  }
  return {};
}

Result<std::uint64_t> whole_number(const Json& value, std::string_view member, std::uint64_t least,
                                   std::uint64_t greatest) {
  bool is_number =
      value.is_number_unsigned() || (value.is_number_integer() && value.get<std::int64_t>() >= 0);
  std::uint64_t number = is_number ? value.get<std::uint64_t>() : 0;
  if (!is_number || number < least || number > greatest) {
    return wrong("`" + std::string(member) + "` must be a whole number from " +
                 std::to_string(least) + " to " + std::to_string(greatest));
  }
  return number;
}

std::unexpected<Error> wrong_port() {
  return wrong("`ports` holds numbers from 1 to 65535 and ranges like \"8000-8999\"");
}

Result<std::uint16_t> port_number(std::string_view text) {
  std::uint16_t port = 0;
  auto end = std::from_chars(text.data(), text.data() + text.size(), port);
  if (text.empty() || end.ec != std::errc() || end.ptr != text.data() + text.size() || port == 0) {
    return wrong_port();
  }
  return port;
}

Result<PortRange> port_range(const Json& value) {
  if (value.is_number_unsigned() && value.get<std::uint64_t>() <= 65'535) {
    std::uint16_t port = TRY(port_number(std::to_string(value.get<std::uint64_t>())));
    return PortRange{port, port};
  }
  if (!value.is_string()) return wrong_port();
  std::string text = value.get<std::string>();
  std::size_t dash = text.find('-');
  std::uint16_t first = TRY(port_number(std::string_view(text).substr(0, dash)));
  std::uint16_t last = first;
  if (dash != std::string::npos) last = TRY(port_number(std::string_view(text).substr(dash + 1)));
  if (last < first) return wrong("the range of `ports` \"" + text + "\" is empty");
  return PortRange{first, last};
}

Result<std::string> method_name(const Json& value) {
  std::string method = value.is_string() ? value.get<std::string>() : "";
  std::ranges::transform(method, method.begin(), upper);
  bool is_token =
      !method.empty() && method.size() <= kMaxMethodBytes &&
      std::ranges::all_of(method, [](char c) { return (c >= 'A' && c <= 'Z') || c == '-'; });
  if (!is_token) return wrong("`methods` holds names of methods like \"GET\"");
  return method;
}

template <typename Item>
Result<std::vector<Item>> items(const Json& object, const char* member,
                                Result<Item> (*parse)(const Json&)) {
  std::vector<Item> parsed;
  const Json& all = json_member(object, member);
  if (all.is_null()) return parsed;
  if (!all.is_array() || all.empty() || all.size() > kMaxRuleItems) {
    return wrong("`" + std::string(member) + "` must be an array of 1 to " +
                 std::to_string(kMaxRuleItems));
  }
  for (const Json& one : all) parsed.push_back(TRY(parse(one)));
  return parsed;
}

Result<std::string> text_member(const Json& object, const char* member) {
  const Json& value = json_member(object, member);
  if (value.is_null()) return std::string();
  if (!value.is_string()) return wrong("`" + std::string(member) + "` must be a string");
  return value.get<std::string>();
}

Result<void> parse_range(const Json& object, Rule& rule) {
  std::string text = TRY(text_member(object, "cidr"));
  const Json& internal = json_member(object, "internal");
  if (!internal.is_null() && !internal.is_boolean()) {
    return wrong("`internal` must be true or false");
  }
  rule.is_internal = internal.is_boolean() && internal.get<bool>();
  if (!text.empty()) rule.range = TRY(AddressRange::parse(text));
  if (rule.is_internal && (!rule.range || !rule.allows)) {
    return wrong("`internal` belongs to a rule that allows a `cidr`");
  }
  if (rule.range && rule.allows && !rule.is_internal &&
      kind_of(rule.range->first()) != AddressKind::Public && rule.range->prefix() > 0) {
    return wrong("`cidr` \"" + text + "\" is refused by default (" +
                 std::string(address_kind_name(kind_of(rule.range->first()))) +
                 "); to allow it all the same say `internal: true`");
  }
  return {};
}

Result<void> parse_name(const Json& object, Rule& rule) {
  std::string name = TRY(text_member(object, "name"));
  if (name.empty()) return {};
  bool fits = name.size() <= kMaxNameBytes &&
              std::ranges::all_of(name, [](char c) { return is_name_character(lower(c)); });
  if (!fits) return wrong("`name` has at most 64 letters, digits, dots, dashes and underscores");
  rule.name = std::move(name);
  return {};
}

Result<Rule> parse_rule(const Json& object) {
  if (!object.is_object()) return wrong("a rule is an object");
  TRY_VOID(
      only_members(object, {"action", "name", "host", "cidr", "internal", "ports", "methods"}));
  Rule rule;
  std::string action = json_string(object, "action");
  if (action != "allow" && action != "deny") {
    return wrong("`action` must be \"allow\" or \"deny\"");
  }
  rule.allows = action == "allow";
  TRY_VOID(parse_name(object, rule));
  std::string host = TRY(text_member(object, "host"));
  if (!host.empty()) rule.host = TRY(HostPattern::parse(host));
  TRY_VOID(parse_range(object, rule));
  rule.ports = TRY(items<PortRange>(object, "ports", port_range));
  rule.methods = TRY(items<std::string>(object, "methods", method_name));
  return rule;
}

template <typename Number>
Result<void> parse_quota(const Json& object, const char* member, std::uint64_t least,
                         std::uint64_t greatest, std::optional<Number>& quota) {
  const Json& value = json_member(object, member);
  if (value.is_null()) return {};
  quota = static_cast<Number>(TRY(whole_number(value, member, least, greatest)));
  return {};
}

Result<Quotas> parse_quotas(const Json& object) {
  constexpr std::uint64_t kMost = 1ull << 53;
  Quotas quotas;
  if (object.is_null()) return quotas;
  if (!object.is_object()) return wrong("it must be an object");
  TRY_VOID(only_members(
      object, {"connections", "new_connections_per_minute", "bytes_per_window", "window_seconds"}));
  TRY_VOID(parse_quota(object, "connections", 0, 1'000'000, quotas.connections));
  TRY_VOID(parse_quota(object, "new_connections_per_minute", 0, 1'000'000,
                       quotas.new_connections_per_minute));
  TRY_VOID(parse_quota(object, "bytes_per_window", 0, kMost, quotas.bytes_per_window));
  TRY_VOID(parse_quota(object, "window_seconds", kLeastWindowSeconds, kGreatestWindowSeconds,
                       quotas.window_seconds));
  return quotas;
}

}  // namespace

std::string canonical_host(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  boost::system::error_code not_numeric;
  Address address = boost::asio::ip::make_address(std::string(host), not_numeric);
  if (!not_numeric) return plain(address).to_string();
  std::string name(host);
  std::ranges::transform(name, name.begin(), lower);
  return name;
}

Result<HostPattern> HostPattern::parse(std::string_view text) {
  HostPattern pattern;
  std::string_view name = text;
  if (name == "*") {
    pattern.is_any_ = true;
    return pattern;
  }
  if (name.starts_with("*.")) {
    pattern.is_below_ = true;
    name.remove_prefix(2);
  }
  pattern.name_ = canonical_host(name);
  boost::system::error_code not_numeric;
  boost::asio::ip::make_address(pattern.name_, not_numeric);
  bool is_name = !pattern.name_.empty() && pattern.name_.size() <= kMaxPatternBytes &&
                 !pattern.name_.starts_with('.') && pattern.name_.find("..") == std::string::npos &&
                 std::ranges::all_of(pattern.name_, is_name_character);
  if (!is_name && (not_numeric || pattern.is_below_)) {
    return wrong("`host` \"" + std::string(text.substr(0, kMaxPatternBytes)) +
                 "\" is none of: a name (in ASCII), \"*.\" and a name, \"*\"");
  }
  return pattern;
}

bool HostPattern::matches(std::string_view host) const {
  if (is_any_) return true;
  if (!is_below_) return host == name_;
  return host.size() > name_.size() + 1 && host.ends_with(name_) &&
         host[host.size() - name_.size() - 1] == '.';
}

bool Rule::matches_target(std::string_view asked_host, const Address& address,
                          std::uint16_t port) const {
  if (host && !host->matches(asked_host)) return false;
  if (range && !range->contains(address)) return false;
  return ports.empty() || std::ranges::any_of(ports, [port](const PortRange& one) {
           return one.first <= port && port <= one.last;
         });
}

bool Rule::matches_method(std::string_view method) const {
  if (methods.empty()) return true;
  if (method.empty()) return !allows;
  return std::ranges::any_of(methods, [method](const std::string& one) {
    return std::ranges::equal(one, method, {}, {}, upper);
  });
}

Result<ScriptPolicy> parse_script_policy(const Json& text) {
  if (!text.is_object()) return wrong("a policy is an object with `rules` and `quotas`");
  TRY_VOID(only_members(text, {"rules", "quotas"}));
  ScriptPolicy policy;
  const Json& rules = json_member(text, "rules");
  if (!rules.is_null() && (!rules.is_array() || rules.size() > kMaxRules)) {
    return wrong("`rules` must be an array of at most " + std::to_string(kMaxRules));
  }
  for (const Json& one : rules) {
    std::string number = std::to_string(policy.rules.size() + 1);
    auto rule = parse_rule(one);
    if (!rule) return fail(std::move(rule.error()).while_doing("rule " + number));
    if (rule->name.empty()) rule->name = "rule-" + number;
    policy.rules.push_back(*std::move(rule));
  }
  auto quotas = parse_quotas(json_member(text, "quotas"));
  if (!quotas) return fail(std::move(quotas.error()).while_doing("`quotas`"));
  policy.quotas = *quotas;
  return policy;
}

}  // namespace atoll::egress
