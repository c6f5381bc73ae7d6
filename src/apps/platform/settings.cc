#include "apps/platform/settings.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "egress/address.h"
#include "egress/dns/dns_resolver.h"

namespace atoll::platform {
namespace {

Error wrong_value(std::string_view text, std::string_view expected) {
  return invalid_input("\"" + std::string(text) + "\" is not " + std::string(expected));
}

// "4096", "64 KiB", "1GiB"; digits may be grouped by underscores as in TOML.
Result<std::uint64_t> parse_number(std::string_view text, std::uint64_t least,
                                   std::uint64_t greatest) {
  std::string digits;
  std::size_t i = 0;
  for (; i < text.size() && (std::isdigit(static_cast<unsigned char>(text[i])) || text[i] == '_');
       ++i) {
    if (text[i] != '_') digits.push_back(text[i]);
  }
  std::string_view unit = text.substr(i);
  if (unit.starts_with(' ')) unit.remove_prefix(1);
  unsigned shift = unit == "KiB" ? 10 : unit == "MiB" ? 20 : unit == "GiB" ? 30 : 0;
  std::uint64_t number = 0;
  auto end = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  bool parsed = !digits.empty() && end.ec == std::errc() && (unit.empty() || shift > 0);
  if (!parsed) return fail(wrong_value(text, "a whole number"));
  if (number > (std::numeric_limits<std::uint64_t>::max() >> shift) || number << shift > greatest ||
      number << shift < least) {
    return fail(
        wrong_value(text, "between " + std::to_string(least) + " and " + std::to_string(greatest)));
  }
  return number << shift;
}

template <typename Value, typename Group>
Setting number(std::string name, Group Settings::* group, Value Group::* member,
               std::uint64_t least = 1,
               std::uint64_t greatest = std::numeric_limits<Value>::max()) {
  return {std::move(name), [=](Settings& settings, std::string_view text) -> Result<void> {
            settings.*group.*member = static_cast<Value>(TRY(parse_number(text, least, greatest)));
            return {};
          }};
}

template <typename Value>
Setting number(std::string name, Value Settings::* member, std::uint64_t least,
               std::uint64_t greatest) {
  return {std::move(name), [=](Settings& settings, std::string_view text) -> Result<void> {
            settings.*member = static_cast<Value>(TRY(parse_number(text, least, greatest)));
            return {};
          }};
}

template <typename Group>
Setting text(std::string name, Group Settings::* group, std::string Group::* member) {
  return {std::move(name), [=](Settings& settings, std::string_view value) -> Result<void> {
            settings.*group.*member = value;
            return {};
          }};
}

template <typename Group>
Setting ranges(std::string name, Group Settings::* group,
               std::vector<std::string> Group::* member) {
  return {std::move(name),
          [=](Settings& settings, std::string_view value) -> Result<void> {
            TRY_VOID(egress::AddressRange::parse(value));
            (settings.*group.*member).emplace_back(value);
            return {};
          },
          true};
}

Setting text(std::string name, std::string Settings::* member) {
  return {std::move(name), [=](Settings& settings, std::string_view value) -> Result<void> {
            settings.*member = value;
            return {};
          }};
}

Setting flag(std::string name, bool Settings::* member) {
  return {std::move(name), [=](Settings& settings, std::string_view text) -> Result<void> {
            if (text != "true" && text != "false") return fail(wrong_value(text, "true or false"));
            settings.*member = text == "true";
            return {};
          }};
}

template <typename Value>
Setting choice(std::string name, Value Settings::* member,
               std::vector<std::pair<std::string_view, Value>> choices) {
  return {std::move(name), [=](Settings& settings, std::string_view text) -> Result<void> {
            std::string expected;
            for (const auto& [word, value] : choices) {
              if (word == text) {
                settings.*member = value;
                return {};
              }
              expected += (expected.empty() ? "" : ", ") + std::string(word);
            }
            return fail(wrong_value(text, "one of " + expected));
          }};
}

template <typename Group, typename Value>
Setting choice(std::string name, Group Settings::* group, Value Group::* member,
               std::vector<std::pair<std::string_view, Value>> choices) {
  return {std::move(name), [=](Settings& settings, std::string_view text) -> Result<void> {
            std::string expected;
            for (const auto& [word, value] : choices) {
              if (word == text) {
                settings.*group.*member = value;
                return {};
              }
              expected += (expected.empty() ? "" : ", ") + std::string(word);
            }
            return fail(wrong_value(text, "one of " + expected));
          }};
}

std::vector<Setting> platform_settings() {
  using border::LogLevel;
  return {
      text("data", &Settings::data),
      text("http", &Settings::http),
      text("api", &Settings::api),
      text("domain", &Settings::domain),
      number("hosts", &Settings::hosts, 0, 1024),
      text("bootstrap_account", &Settings::bootstrap_account),
      text("bootstrap_token", &Settings::bootstrap_token),
      text("host_program", &Settings::host_program),
      number("host_memory_bytes", &Settings::host_memory_bytes, 128u << 20, 1ull << 50),
      number("host_leak_bytes", &Settings::host_leak_bytes, 1u << 20, 1ull << 50),
      flag("control_groups", &Settings::control_groups),
      flag("unsafe_no_sandbox", &Settings::unsafe_no_sandbox),
      number("drain_ms", &Settings::drain_ms, 0, 9'000),
      choice<LogLevel>("log.level", &Settings::log_level,
                       {{"debug", LogLevel::Debug},
                        {"info", LogLevel::Info},
                        {"warn", LogLevel::Warn},
                        {"error", LogLevel::Error}}),
      choice<LogStyle>(
          "log.format", &Settings::log_format,
          {{"auto", LogStyle::Auto}, {"json", LogStyle::Json}, {"text", LogStyle::Text}}),
      text("log.file", &Settings::log_file),
  };
}

std::vector<Setting> runtime_settings() {
  using border::AdmissionLimits;
  using border::HttpLimits;
  using border::InvocationLimits;
  using border::IsolateSettings;
  auto limits = &Settings::limits;
  auto admission = &Settings::admission;
  auto account = &Settings::account_admission;
  auto isolates = &Settings::isolates;
  auto ingress = &Settings::ingress;
  return {
      number("limits.cpu_ms", limits, &InvocationLimits::cpu_ms),
      number("limits.startup_cpu_ms", limits, &InvocationLimits::startup_cpu_ms),
      number("limits.wall_ms", limits, &InvocationLimits::wall_ms),
      number("limits.memory_bytes", limits, &InvocationLimits::memory_bytes, 8u << 20, 4ull << 30),
      number("limits.subrequests", limits, &InvocationLimits::subrequests, 0),
      number("limits.hops", limits, &InvocationLimits::hops, 1, 1000),
      number("limits.log_bytes", limits, &InvocationLimits::log_bytes, 0),
      number("limits.concurrency", admission, &AdmissionLimits::concurrency, 0),
      number("limits.queue", admission, &AdmissionLimits::queue, 0),
      number("limits.rate", admission, &AdmissionLimits::rate, 0),
      number("limits.account_concurrency", account, &AdmissionLimits::concurrency, 0),
      number("limits.account_queue", account, &AdmissionLimits::queue, 0),
      number("limits.account_rate", account, &AdmissionLimits::rate, 0),
      number("isolates.spare", isolates, &IsolateSettings::spare, 0, 1000),
      number("isolates.max_count", isolates, &IsolateSettings::max_count),
      number("isolates.memory_budget_bytes", isolates, &IsolateSettings::memory_budget_bytes),
      number("isolates.idle_ms", isolates, &IsolateSettings::idle_ms),
      number("ingress.url_bytes", ingress, &HttpLimits::url_bytes, 64),
      number("ingress.header_bytes", ingress, &HttpLimits::header_bytes, 256, 64u << 20),
      number("ingress.header_count", ingress, &HttpLimits::header_count),
      number("ingress.body_bytes", ingress, &HttpLimits::body_bytes, 0),
      number("ingress.header_timeout_ms", ingress, &HttpLimits::header_timeout_ms),
      number("ingress.body_timeout_ms", ingress, &HttpLimits::body_timeout_ms),
      number("ingress.idle_timeout_ms", ingress, &HttpLimits::idle_timeout_ms),
      number("ingress.connections", ingress, &HttpLimits::connections),
      number("ingress.requests", ingress, &HttpLimits::requests),
      number("ingress.buffered_bytes", ingress, &HttpLimits::buffered_bytes, 1u << 20),
      number("ingress.queue_delay_ms", ingress, &HttpLimits::queue_delay_ms, 0),
      number("ingress.compress_from_bytes", ingress, &HttpLimits::compress_from_bytes, 0),
  };
}

std::vector<Setting> management_settings() {
  auto uploads = &Settings::uploads;
  auto management = &Settings::management;
  return {
      number("uploads.max_code_bytes", uploads, &UploadSettings::max_code_bytes),
      number("uploads.max_form_bytes", uploads, &UploadSettings::max_form_bytes),
      number("uploads.max_variable_bytes", uploads, &UploadSettings::max_variable_bytes),
      number("uploads.max_variables", uploads, &UploadSettings::max_variables, 0),
      number("uploads.max_bindings", uploads, &UploadSettings::max_bindings, 0),
      number("uploads.max_cpu_ms", uploads, &UploadSettings::max_cpu_ms),
      number("uploads.check_wall_ms", uploads, &UploadSettings::check_wall_ms),
      number("management.connections", management, &ManagementSettings::connections),
      number("management.buffered_bytes", management, &ManagementSettings::buffered_bytes),
      number("management.header_bytes", management, &ManagementSettings::header_bytes, 1024),
      number("management.idle_timeout_ms", management, &ManagementSettings::idle_timeout_ms, 1000),
      number("management.header_timeout_ms", management, &ManagementSettings::header_timeout_ms,
             1000),
      number("management.body_timeout_ms", management, &ManagementSettings::body_timeout_ms, 1000),
  };
}

std::vector<Setting> egress_settings() {
  auto group = &Settings::egress;
  return {
      ranges("egress.allow", group, &EgressSettings::allow),
      ranges("egress.deny", group, &EgressSettings::deny),
      text("egress.ca_file", group, &EgressSettings::ca_file),
      number("egress.connect_timeout_ms", group, &EgressSettings::connect_timeout_ms),
      number("egress.connections_per_script", group, &EgressSettings::connections_per_script),
      number("egress.opening_per_script", group, &EgressSettings::opening_per_script),
      choice<EgressSettings, EgressResolver>(
          "egress.resolver", group, &EgressSettings::resolver,
          {{"dns", EgressResolver::Dns}, {"system", EgressResolver::System}}),
      {"egress.name_servers",
       [](Settings& settings, std::string_view value) -> Result<void> {
         TRY_VOID(egress::parse_name_server(value));
         settings.egress.name_servers.emplace_back(value);
         return {};
       },
       true},
      number("egress.audit_bytes", group, &EgressSettings::audit_bytes, 256u << 10, 1ull << 40),
  };
}

std::vector<Setting> lane_settings() {
  auto lanes = &Settings::lanes;
  return {
      number("lanes.max_hosts", lanes, &LaneLimits::max_hosts, 1, 1024),
      number("lanes.idle_ms", lanes, &LaneLimits::idle_ms),
      number("lanes.drain_ms", lanes, &LaneLimits::drain_ms, 0, 600'000),
      number("lanes.busy_percent", lanes, &LaneLimits::busy_percent, 0, 100),
      number("lanes.calm_percent", lanes, &LaneLimits::calm_percent, 0, 100),
      number("lanes.busy_window_ms", lanes, &LaneLimits::busy_window_ms, 100),
      number("lanes.calm_ms", lanes, &LaneLimits::calm_ms),
  };
}

bool is_domain(std::string_view text) {
  if (text.empty() || text.size() > 200 || text.starts_with('.') || text.ends_with('.') ||
      text.find("..") != std::string_view::npos) {
    return false;
  }
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
}

}  // namespace

const std::vector<Setting>& all_settings() {
  static const std::vector<Setting> all = [] {
    std::vector<Setting> settings = platform_settings();
    for (auto& more :
         {runtime_settings(), management_settings(), egress_settings(), lane_settings()}) {
      settings.insert(settings.end(), more.begin(), more.end());
    }
    return settings;
  }();
  return all;
}

Result<void> assign_setting(Settings& settings, std::string_view name, std::string_view text) {
  auto found = std::ranges::find(all_settings(), name, &Setting::name);
  if (found == all_settings().end()) {
    return fail(invalid_input("unknown setting " + std::string(name)));
  }
  auto assigned = found->assign(settings, text);
  if (!assigned) return fail(std::move(assigned.error()).while_doing(name));
  return {};
}

Result<void> check_settings(const Settings& settings) {
  if (settings.bootstrap_account.empty() != settings.bootstrap_token.empty()) {
    return fail(invalid_input("bootstrap_account and bootstrap_token belong together: give both"));
  }
  if (!settings.bootstrap_token.empty() && settings.bootstrap_token.size() < 16) {
    return fail(invalid_input("bootstrap_token: a token has at least 16 characters"));
  }
  if (settings.data.empty()) return fail(invalid_input("data: the folder has no name"));
  if (!is_domain(settings.domain)) {
    return fail(invalid_input("domain: \"" + settings.domain + "\" is no lower-case domain name"));
  }
  return {};
}

}  // namespace atoll::platform
