#include "apps/platform/platform.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <thread>

#include "apps/platform/bootstrap.h"
#include "apps/platform/egress_control.h"
#include "apps/platform/egress_way_out.h"
#include "apps/platform/held_scripts_view.h"
#include "apps/platform/lanes_view.h"
#include "apps/platform/supervisor_log.h"
#include "base/check.h"
#include "egress/dns/dns_resolver.h"
#include "engines/embedded/embedded_engine.h"
#include "management/server.h"
#include "sandbox/supervisor/announcing_kv_store.h"
#include "sandbox/supervisor/compiler.h"
#include "sandbox/supervisor/host_fleet.h"
#include "sandbox/supervisor/listening_socket.h"
#include "sandbox/supervisor/script_notices.h"
#include "sandbox/wall/lock_down.h"

namespace atoll::platform {
namespace {

constexpr auto kLastAnswers = std::chrono::milliseconds(500);  // of the API, after the drain

std::string host_program(const Settings& settings) {
  if (!settings.host_program.empty()) return settings.host_program;
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).replace_filename("atoll-host");
}

border::LogFormat log_format(const Settings& settings) {
  if (settings.log_format == LogStyle::Json) return border::LogFormat::Json;
  if (settings.log_format == LogStyle::Text) return border::LogFormat::Text;
  bool terminal = settings.log_file.empty() && ::isatty(STDERR_FILENO);
  return terminal ? border::LogFormat::Text : border::LogFormat::Json;
}

sandbox::HostOptions host_options(const Settings& settings) {
  sandbox::HostOptions options;
  options.executable = host_program(settings);
  options.arguments = {"atoll-host"};
  if (settings.unsafe_no_sandbox) {
    options.arguments.emplace_back(border::kNoSandboxArgument);
  } else {
    options.isolation = sandbox::ChildProcess::Isolation::OwnProcesses;
  }
  // Tenants see no local time; what one request frees, the next takes from the thread's own lists.
  options.environment = {"TZ=UTC", "GLIBC_TUNABLES=glibc.malloc.tcache_count=256"};
  options.max_resident_bytes = settings.host_memory_bytes;
  options.leak_bytes = settings.host_leak_bytes;
  options.control_groups = settings.control_groups;
  options.welcome.platform_domain = settings.domain;
  options.welcome.limits = settings.limits;
  options.welcome.admission = settings.admission;
  options.welcome.account_admission = settings.account_admission;
  options.welcome.isolates = settings.isolates;
  options.welcome.http = settings.ingress;
  options.welcome.log = {settings.log_level, log_format(settings)};
  options.ca_file = settings.egress.ca_file;
  return options;
}

sandbox::LaneSettings lane_settings(const LaneLimits& limits) {
  sandbox::LaneSettings made;
  made.max_hosts = limits.max_hosts;
  made.idle = std::chrono::milliseconds(limits.idle_ms);
  made.drain = std::chrono::milliseconds(limits.drain_ms);
  return made;
}

sandbox::BusyScripts::Settings busy_settings(const LaneLimits& limits) {
  return {limits.busy_percent, limits.calm_percent,
          std::chrono::milliseconds(limits.busy_window_ms),
          std::chrono::milliseconds(limits.calm_ms)};
}

egress::Rules egress_rules(const Settings& settings, const std::string& api) {
  egress::Rules rules;
  auto add = [](std::vector<egress::AddressRange>& ranges, const std::string& text) {
    if (auto range = egress::AddressRange::parse(text)) ranges.push_back(*range);
  };
  for (const std::string& text : settings.egress.allow) add(rules.allowed, text);
  for (const std::string& text : settings.egress.deny) add(rules.denied, text);
  std::size_t colon = api.rfind(':');
  std::string address = api.substr(0, colon);
  if (address.starts_with('[')) address = address.substr(1, address.size() - 2);
  boost::system::error_code error;
  rules.management.push_back({asio::ip::make_address(address, error),
                              static_cast<std::uint16_t>(std::stoul(api.substr(colon + 1)))});
  return rules;
}

egress::Limits egress_limits(const EgressSettings& settings) {
  return {std::chrono::milliseconds(settings.connect_timeout_ms), settings.connections_per_script,
          settings.opening_per_script};
}

std::unique_ptr<egress::Resolver> make_resolver(asio::io_context& loop,
                                                const EgressSettings& settings) {
  if (settings.resolver == EgressResolver::System) {
    return std::make_unique<egress::SystemResolver>();
  }
  egress::DnsResolver::Options options;
  for (const std::string& text : settings.name_servers) {
    if (auto server = egress::parse_name_server(text)) options.servers.push_back(*server);
  }
  return std::make_unique<egress::DnsResolver>(loop, std::move(options));
}

sandbox::Compiler::Options compiler_options(const Settings& settings) {
  sandbox::Compiler::Options options;
  options.process = host_options(settings);
  options.check_within = std::chrono::milliseconds(settings.uploads.check_wall_ms);
  return options;
}

management::Settings management_settings(const Settings& settings, const std::string& http,
                                         sandbox::EventLog& log) {
  management::Settings made;
  made.domain = settings.domain;
  made.public_scheme = "http";
  made.public_port = static_cast<unsigned>(std::stoul(http.substr(http.rfind(':') + 1)));
  made.on_failure = [&log](const management::Settings::Failure& failure) {
    log.event(failure.status >= 500 ? border::LogLevel::Error : border::LogLevel::Debug,
              "api_refused",
              {{"method", failure.method},
               {"path", failure.path},
               {"status", failure.status},
               {"code", failure.code},
               {"message", failure.message}});
  };
  made.uploads.max_code_bytes = settings.uploads.max_code_bytes;
  made.uploads.max_form_bytes = settings.uploads.max_form_bytes;
  made.uploads.max_variable_bytes = settings.uploads.max_variable_bytes;
  made.uploads.max_variables = settings.uploads.max_variables;
  made.uploads.max_bindings = settings.uploads.max_bindings;
  made.uploads.max_cpu_ms = settings.uploads.max_cpu_ms;
  const ManagementSettings& limits = settings.management;
  made.max_connections = limits.connections;
  made.max_buffered_bytes = limits.buffered_bytes;
  made.max_head_bytes = limits.header_bytes;
  made.idle_timeout = std::chrono::seconds(limits.idle_timeout_ms / 1000);
  made.head_timeout = std::chrono::seconds(limits.header_timeout_ms / 1000);
  made.body_timeout = std::chrono::seconds(limits.body_timeout_ms / 1000);
  return made;
}

Result<std::unique_ptr<engines::EmbeddedEngine>> open_engine(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::absolute(folder).parent_path(), error);
  if (error) return fail(invalid_input("data: making " + folder + ": " + error.message()));
  auto engine = engines::EmbeddedEngine::open({.folder = folder});
  if (!engine) {
    bool taken = engine.error().kind() == ErrorKind::Unavailable;
    return fail(std::move(engine.error()).while_doing(taken ? "data: in use" : "data"));
  }
  return engine;
}

// Every connection and script takes descriptors; the default soft limit is made for select().
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

void print_ready(const std::string& http, const std::string& api, const std::string& account_id) {
  Json line = {{"ready", true},
               {"http", http},
               {"api", api},
               {"account_id", account_id},
               {"pid", ::getpid()}};
  std::printf("%s\n", dump_json(line).c_str());
  std::fflush(stdout);
}

// Everything that lives as long as the platform runs, that is, as long as the process.
class Platform {
 public:
  struct Opened {
    std::unique_ptr<engines::EmbeddedEngine> engine;
    std::unique_ptr<egress::AuditFiles> audit;
    sandbox::ListeningSocket http;
    sandbox::ListeningSocket api;
  };

  Platform(Settings settings, Opened opened, observability::LogWriter& writer)
      : settings_(std::move(settings)),
        engine_(std::move(opened.engine)),
        audit_(std::move(opened.audit)),
        http_(std::move(opened.http)),
        api_(std::move(opened.api)),
        log_(writer),
        notices_(engine_->kv(), log_),
        registry_(engine_->meta(), engine_->blobs(), notices_),
        way_out_(loop_, egress_rules(settings_, api_.address), egress_limits(settings_.egress),
                 make_resolver(loop_, settings_.egress), *audit_, log_),
        egress_control_(registry_, way_out_.gate(), *audit_),
        services_{registry_, engine_->kv(), log_, {}, &way_out_},
        routes_(registry_, settings_.domain),
        fleet_(loop_, host_options(settings_), std::move(http_.socket), services_, routes_,
               lane_settings(settings_.lanes)),
        kv_(engine_->kv(), fleet_),
        compiler_(loop_, compiler_options(settings_), log_),
        held_scripts_(services_.quarantine, fleet_),
        lanes_(loop_, services_, fleet_),
        server_(loop_, {registry_, kv_, compiler_, &held_scripts_, &egress_control_, &lanes_},
                management_settings(settings_, http_.address, log_)),
        signals_(loop_, SIGTERM, SIGINT) {
    services_.busy = sandbox::BusyScripts(busy_settings(settings_.lanes));
    notices_.connect(&fleet_);
  }

  int run() {
    asio::co_spawn(loop_, start(), [this](std::exception_ptr thrown, Result<void> started) {
      CHECK(!thrown);
      if (!started) end(started.error());
    });
    asio::co_spawn(loop_, stop_on_signal(), [](std::exception_ptr thrown) { CHECK(!thrown); });
    loop_.run();
    return status_;
  }

 private:
  Task<Result<void>> start() {
    auto account_id = co_await bootstrap(settings_, registry_);
    CO_CHECK(account_id);
    auto loaded = co_await egress_control_.load_policies();
    CO_CHECK(loaded);
    way_out_.remember_bytes_in(settings_.data + "/egress-bytes.json");
    unsigned hosts = settings_.hosts > 0 ? settings_.hosts : std::thread::hardware_concurrency();
    auto started = co_await fleet_.start(std::max(hosts, 1u));
    CO_CHECK(started);
    if (stopping_) co_return Result<void>();
    // Before anything can publish.
    auto collected = co_await registry_.scripts.collect_blobs();
    if (!collected) {
      log_.event(border::LogLevel::Warn, "blobs_not_collected",
                 {{"error", collected.error().message()}});
    }
    auto finished = co_await registry_.kv_namespaces.finish_removals();
    if (!finished) {
      log_.event(border::LogLevel::Warn, "kv_removals_not_finished",
                 {{"error", finished.error().message()}});
    }
    auto listening = server_.listen(std::move(api_.socket));
    CO_CHECK(listening);
    if (settings_.unsafe_no_sandbox) {
      log_.event(border::LogLevel::Warn, "sandbox_off", {{"setting", "unsafe_no_sandbox"}});
    }
    log_.event(border::LogLevel::Info, "platform_ready",
               {{"http", http_.address}, {"api", api_.address}, {"version", kVersion}});
    print_ready(http_.address, api_.address, *account_id);
    co_return Result<void>();
  }

  void end(const Error& error) {
    print_refusal(error);
    status_ = error.kind() == ErrorKind::Internal ? kFailed : kCannotStart;
    loop_.stop();
  }

  Task<void> stop_on_signal() {
    auto [error, signal] = co_await signals_.async_wait(kAwaitTuple);
    stopping_ = true;
    log_.event(border::LogLevel::Info, "platform_stopping", {{"signal", signal}});
    signals_.async_wait([this](boost::system::error_code, int) { loop_.stop(); });  // at once
    server_.stop();
    co_await fleet_.drain(std::chrono::milliseconds(settings_.drain_ms));
    auto until = std::chrono::steady_clock::now() + kLastAnswers;
    while (server_.connection_count() > 0 && std::chrono::steady_clock::now() < until) {
      asio::steady_timer pause(loop_, std::chrono::milliseconds(10));
      co_await pause.async_wait(kAwaitTuple);
    }
    way_out_.finish();
    audit_->flush();
    log_.event(border::LogLevel::Info, "platform_stopped", Json::object());
    loop_.stop();
  }

  Settings settings_;
  asio::io_context loop_{1};
  std::unique_ptr<engines::EmbeddedEngine> engine_;
  std::unique_ptr<egress::AuditFiles> audit_;
  sandbox::ListeningSocket http_;
  sandbox::ListeningSocket api_;
  SupervisorLog log_;
  sandbox::ScriptNotices notices_;
  scripts::Registry registry_;
  EgressWayOut way_out_;
  EgressControl egress_control_;
  sandbox::HostServices services_;
  sandbox::RouteTable routes_;
  sandbox::HostFleet fleet_;
  sandbox::AnnouncingKvStore kv_;
  sandbox::Compiler compiler_;
  HeldScriptsView held_scripts_;
  LanesView lanes_;
  management::Server server_;
  asio::signal_set signals_;
  bool stopping_ = false;
  int status_ = kStopped;
};

Result<void> check_host_program(const Settings& settings) {
  std::string program = host_program(settings);
  if (::access(program.c_str(), X_OK) == 0) return {};
  return fail(errno_error("host_program: " + program, errno));
}

Result<void> check_sandbox(const Settings& settings) {
  auto checked = settings.unsafe_no_sandbox ? Result<void>() : wall::check_required_layers();
  if (checked) return {};
  return fail(Error(ErrorKind::Unavailable, checked.error().message() +
                                                "; see atoll doctor. --unsafe-no-sandbox runs "
                                                "Workers without it"));
}

Result<Platform::Opened> open_all(const Settings& settings) {
  TRY_VOID(check_settings(settings));
  TRY_VOID(check_sandbox(settings));
  TRY_VOID(check_host_program(settings));
  auto http = sandbox::listen_on(settings.http);
  if (!http) return fail(std::move(http.error()).while_doing("http"));
  auto api = sandbox::listen_on(settings.api);
  if (!api) return fail(std::move(api.error()).while_doing("api"));
  auto engine = TRY(open_engine(settings.data));
  auto audit =
      egress::AuditFiles::open({settings.data + "/egress-audit", settings.egress.audit_bytes});
  if (!audit) return fail(std::move(audit.error()).while_doing("data"));
  return Platform::Opened{std::move(engine), std::move(*audit), std::move(*http), std::move(*api)};
}

}  // namespace

void print_refusal(const Error& error) {
  std::string line = error.message();
  std::ranges::replace(line, '\n', ' ');
  std::fprintf(stderr, "atoll: %s\n", line.c_str());
}

int serve(Settings settings) {
  ::signal(SIGPIPE, SIG_IGN);
  ::umask(077);  // tenants' code and secrets lie in these files
  raise_descriptor_limit();
  UniqueFd log_file;
  if (!settings.log_file.empty()) {
    auto opened = observability::open_log_file(settings.log_file);
    if (!opened) {
      print_refusal(opened.error());
      return kCannotStart;
    }
    log_file = std::move(*opened);
  }
  auto opened = open_all(settings);
  if (!opened) {
    print_refusal(opened.error());
    return kCannotStart;
  }
  border::LogFormat format = log_format(settings);
  border::LogLevel level = settings.log_level;
  int status = kFailed;
  {
    observability::LogWriter writer(log_file ? log_file.get() : STDERR_FILENO, format, level);
    // Never destroyed: what the loop still holds may stand on any of it, all that must survive is
    // on disk already, and the kernel takes the hosts with the process.
    auto* platform = new Platform(std::move(settings), std::move(*opened), writer);
    status = platform->run();
  }
  std::fflush(nullptr);
  ::_exit(status);
}

}  // namespace atoll::platform
