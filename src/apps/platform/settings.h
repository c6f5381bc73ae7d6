// Everything an owner can set, with its default. The same names serve the configuration file
// (`limits.cpu_ms` is cpu_ms in table [limits]), `--set NAME=VALUE` and messages about mistakes.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sandbox/border/protocol.h"

namespace atoll::platform {

enum class LogStyle { Auto, Json, Text };  // auto: text on a terminal, else JSON

struct UploadSettings {
  std::uint64_t max_code_bytes = 64u << 20;
  std::uint64_t max_form_bytes = 100u << 20;
  std::uint64_t max_variable_bytes = 5u << 10;
  std::uint32_t max_variables = 128;
  std::uint32_t max_bindings = 1000;
  std::uint32_t max_cpu_ms = 300'000;
  std::uint32_t check_wall_ms = 10'000;  // running an upload's global scope once
};

struct ManagementSettings {
  std::uint32_t connections = 1024;
  std::uint64_t buffered_bytes = 512u << 20;  // of all request bodies at one time
  std::uint32_t header_bytes = 128u << 10;
  std::uint32_t idle_timeout_ms = 75'000;
  std::uint32_t header_timeout_ms = 15'000;
  std::uint32_t body_timeout_ms = 300'000;
};

// Who looks names up: the gate itself, or the machine's C library, on threads.
enum class EgressResolver { Dns, System };

struct EgressSettings {
  std::vector<std::string> allow;  // ranges that rules would refuse otherwise
  std::vector<std::string> deny;
  std::string ca_file = "/etc/ssl/certs/ca-certificates.crt";
  std::uint32_t connect_timeout_ms = 15'000;
  std::uint32_t connections_per_script = 1'024;
  std::uint32_t opening_per_script = 64;
  std::uint64_t audit_bytes = 64u << 20;  // of the record of decisions, on disk
  EgressResolver resolver = EgressResolver::Dns;
  std::vector<std::string> name_servers;  // none: those of /etc/resolv.conf
};

struct LaneLimits {
  std::uint32_t max_hosts = 64;     // outside of the default lane
  std::uint32_t idle_ms = 60'000;   // then such a host is ended
  std::uint32_t drain_ms = 30'000;  // what running requests get when a host is replaced
  std::uint32_t busy_percent = 20;  // of a core in long turns: moved to the busy lane; 0: never
  std::uint32_t calm_percent = 5;   // below that for calm_ms: moved back
  std::uint32_t busy_window_ms = 3'000;
  std::uint32_t calm_ms = 30'000;
};

struct Settings {
  std::string data = "atoll-data";
  std::string http = "127.0.0.1:7080";
  std::string api = "127.0.0.1:7081";
  std::string domain = "atoll.localhost";
  std::uint32_t hosts = 0;  // 0: one per core
  std::string bootstrap_account;
  std::string bootstrap_token;
  std::string host_program;                      // empty: atoll-host beside this program
  std::uint64_t host_memory_bytes = 4ull << 30;  // resident; a host that takes more is ended
  std::uint64_t host_leak_bytes = 1ull << 30;    // beyond its isolates; such a host is replaced
  bool control_groups = true;      // for the hosts, where the system lets us make some
  bool unsafe_no_sandbox = false;  // hosts without their second wall: never for strangers' code
  std::uint32_t drain_ms = 8'000;  // what running requests get when the platform stops

  border::LogLevel log_level = border::LogLevel::Info;
  LogStyle log_format = LogStyle::Auto;
  std::string log_file;  // empty: standard error

  border::InvocationLimits limits;
  border::AdmissionLimits admission;                             // limits.concurrency, …
  border::AdmissionLimits account_admission{10'000, 10'000, 0};  // limits.account_concurrency, …
  border::IsolateSettings isolates;
  border::HttpLimits ingress;
  UploadSettings uploads;
  ManagementSettings management;
  EgressSettings egress;
  LaneLimits lanes;
};

// One setting by name. `assign` takes the text form: a number, a size (64 KiB), a word. A list
// takes one element at a time.
struct Setting {
  std::string name;
  std::function<Result<void>(Settings&, std::string_view text)> assign;
  bool list = false;
};
const std::vector<Setting>& all_settings();

// InvalidInput: "unknown setting colour", "hosts: \"many\" is not a whole number".
Result<void> assign_setting(Settings& settings, std::string_view name, std::string_view text);

// What no single setting can know: a bootstrap account without a token, a domain that is none.
Result<void> check_settings(const Settings& settings);

}  // namespace atoll::platform
