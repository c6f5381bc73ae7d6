#include "sandbox/supervisor/host.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>

#include "sandbox/border/channel.h"

namespace atoll::sandbox {
namespace {

constexpr std::size_t kRoutesPerMessage = 1000;
constexpr std::chrono::milliseconds kWatchEvery{250};
// A host stops its turns itself. One that does not, though a turn took the CPU time it may and so
// much more, is beyond that.
constexpr std::chrono::milliseconds kBeyondLimit{3'000};

std::chrono::nanoseconds cpu_time_of(pid_t pid) {
  clockid_t clock{};
  timespec used{};
  if (::clock_getcpuclockid(pid, &clock) != 0 || ::clock_gettime(clock, &used) != 0) return {};
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

std::uint64_t resident_bytes_of(pid_t pid) {
  std::string path = "/proc/" + std::to_string(pid) + "/statm";
  UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  char text[128] = {};
  if (!file || ::read(file.get(), text, sizeof text - 1) <= 0) return 0;
  unsigned long long whole = 0;
  unsigned long long resident = 0;
  if (std::sscanf(text, "%llu %llu", &whole, &resident) != 2) return 0;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

Host::Host(asio::io_context& loop, Fleet& fleet, std::uint32_t index, std::string lane)
    : loop_(loop),
      fleet_(fleet),
      index_(index),
      lane_(std::move(lane)),
      restart_(loop),
      watch_(loop) {}

Host::~Host() {
  *alive_ = false;
  if (session_) session_->end();
  if (last_session_) last_session_->end();
}

void Host::start() {
  if (auto started = start_process(); !started) {
    last_failure_ = started.error().message();
    fleet_.services.log.event(LogLevel::Error, "host_not_started",
                              {{"host", index_}, {"error", last_failure_}});
    is_default() ? start_later() : void(ended_ = true);
  }
}

Result<void> Host::start_process() {
  started_ = std::chrono::steady_clock::now();
  status_ = TRY(border::SharedStatusPage::make());
  end_reason_.clear();
  auto sockets = TRY(border::make_socket_pair());
  auto output = std::make_unique<ChildOutput>(loop_, [this](std::string_view line) {
    fleet_.services.log.event(LogLevel::Error, "host_output", {{"host", index_}, {"text", line}});
  });
  UniqueFd output_end = TRY(output->open());
  ChildProcess::Command command{fleet_.options.executable,  fleet_.options.arguments,
                                fleet_.options.environment, output_end.get(),
                                sockets.theirs.get(),       fleet_.options.isolation};
  if (lane_ == kBusyLane) command.niceness = ChildProcess::kYielding;
  command.arguments.push_back("host-" + std::to_string(index_));
  child_ = TRY(ChildProcess::start(loop_, command));
  child_->on_exit([this](std::string how) { on_exit(std::move(how)); });
  output_ = std::move(output);
  session_ =
      HostSession::start(loop_, std::move(sockets.ours), fleet_.services, *this, index_, lane_);
  return {};
}

void Host::on_hello() {
  if (draining_) return kill();
  border::Welcome welcome = fleet_.options.welcome;
  welcome.host_index = index_;
  welcome.lane = lane_;
  UniqueFd listener(is_default() ? ::fcntl(fleet_.listener, F_DUPFD_CLOEXEC, 0) : -1);
  session_->welcome(welcome, std::move(listener), status_->take_descriptor(), open_ca_file());
  watch_later();
  if (is_default()) tell_routes();
  welcomed_ = true;
  std::vector<UniqueFd> shared;
  if (is_default() && fleet_.shared_connections.in) {
    for (const UniqueFd* end : {&fleet_.shared_connections.in, &fleet_.shared_connections.out}) {
      shared.emplace_back(::fcntl(end->get(), F_DUPFD_CLOEXEC, 0));
    }
  }
  session_->announce_ready(
      std::move(shared), [this, alive = alive_, session = std::weak_ptr(session_)] {
        if (!*alive || session.expired() || session.lock() != session_) return;
        ready_ = true;
        resident_bytes_ = resident_bytes_of(pid());
        auto took = std::chrono::steady_clock::now() - started_;
        fleet_.services.log.event(
            LogLevel::Info, "host_ready",
            {{"host", index_},
             {"lane", lane_},
             {"pid", pid()},
             {"walls", walls()},
             {"took_ms", std::chrono::duration_cast<std::chrono::milliseconds>(took).count()}});
        fleet_.changed();
      });
}

// Hosts may open no files; they read this one when a connection needs it. Without it they trust
// nobody.
UniqueFd Host::open_ca_file() const {
  const std::string& path = fleet_.options.ca_file;
  if (path.empty()) return {};
  UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) {
    std::string why = errno_error(path, errno).message();
    fleet_.services.log.event(LogLevel::Warn, "ca_file_not_read", {{"error", why}});
  }
  return file;
}

void Host::tell_routes() {
  RouteChanges part;
  for (const auto& [id, route] : fleet_.routes.routes()) {
    part.upserts.push_back(route);
    if (part.upserts.size() < kRoutesPerMessage) continue;
    session_->change_routes(std::exchange(part, {}), [] {});
  }
  if (!part.empty()) session_->change_routes(part, [] {});
}

std::string Host::walls() const {
  if (!session_ || !child_) return {};
  wall::Layers layers = session_->walls();
  if (child_->has_own_processes()) layers.add(wall::Layer::PidNamespace);
  return layers.names();
}

void Host::on_session_closed(const Error& why) {
  welcomed_ = ready_ = false;
  if (draining_) return;  // it ends on its own; the fleet kills it when it takes too long
  if (why.kind() != ErrorKind::Unavailable) {
    fleet_.services.log.event(LogLevel::Error, "host_broke_protocol",
                              {{"host", index_}, {"pid", pid()}, {"error", why.message()}});
  }
  // Without its supervisor's ear a host is of no use; its death is what brings the next one.
  kill();
}

void Host::on_exit(std::string how) {
  auto lived = std::chrono::steady_clock::now() - started_;
  last_failure_ = how;
  Json fields = {
      {"host", index_},
      {"lane", lane_},
      {"pid", pid()},
      {"how", how},
      {"lived_ms", std::chrono::duration_cast<std::chrono::milliseconds>(lived).count()}};
  if (!end_reason_.empty()) fields["reason"] = end_reason_;
  watch_.cancel();
  bool blamed = !draining_ && blame_culprit(how, fields);
  fleet_.services.log.event(draining_ ? LogLevel::Info : LogLevel::Error, "host_ended", fields);
  session_->orphan();
  last_session_ = std::exchange(session_, nullptr);
  last_output_ = std::move(output_);
  child_.reset();
  welcomed_ = ready_ = false;
  // A tenant's doing says nothing about the program: no reason to wait.
  if (draining_ || !is_default()) {
    ended_ = true;
  } else if (blamed && last_session_) {
    start();
  } else {
    start_later();
  }
  fleet_.changed();
}

bool Host::blame_culprit(const std::string& how, Json& fields) {
  const border::StatusPage& page = status_->page();
  bool stuck = page.condition.load() == border::HostCondition::Stuck;
  const VersionGrant* culprit = session_->version(page.version.load());
  if (culprit == nullptr) return false;
  // Somebody killed it from outside: nobody in it is to blame.
  if (end_reason_.empty() && how.starts_with("signal 9 ")) return false;
  std::string reason = stuck ? "a turn did not end when it had to" : how;
  if (!end_reason_.empty()) reason = end_reason_;
  const auto& entry = fleet_.services.quarantine.blame(
      culprit->scope, culprit->script, reason, page.request(), std::chrono::steady_clock::now());
  auto held = std::chrono::duration_cast<std::chrono::milliseconds>(entry.until - entry.last);
  fields["reason"] = reason;
  fields["account"] = culprit->scope.account_id;
  fields["namespace_id"] = culprit->scope.namespace_id;
  fields["script"] = culprit->script;
  fields["version"] = culprit->version_id;
  fields["request_id"] = entry.request_id;
  fields["deaths"] = entry.deaths;
  fields["held_ms"] = held.count();
  fleet_.moved(culprit->scope, culprit->script);
  return true;
}

void Host::watch_later() {
  watch_.expires_after(kWatchEvery);
  watch_.async_wait([this, alive = alive_](boost::system::error_code error) {
    if (*alive && !error && child_) watch();
  });
}

void Host::watch() {
  const border::StatusPage& page = status_->page();
  resident_bytes_ = resident_bytes_of(pid());
  bool leaks =
      ready_ && resident_bytes_ > session_->stats().isolate_bytes + fleet_.options.leak_bytes;
  leak_seen_ = leaks ? leak_seen_ + 1 : 0;
  if (draining_ && std::chrono::steady_clock::now() > drain_until_) {
    return end_because("it did not end in time");
  }
  if (resident_bytes_ > fleet_.options.max_resident_bytes) {
    return end_because("it took more memory than a host may");
  }
  std::uint64_t turn = page.turns.load(std::memory_order_acquire);
  bool running = page.version.load(std::memory_order_relaxed) != 0;
  auto cpu = running ? cpu_time_of(pid()) : std::chrono::nanoseconds(0);
  if (!running || turn != seen_turn_) {
    seen_turn_ = turn;
    seen_cpu_ = cpu;
  } else {
    const border::InvocationLimits& limits = fleet_.options.welcome.limits;
    std::chrono::milliseconds may(std::max(limits.cpu_ms, limits.startup_cpu_ms));
    bool beyond = cpu - seen_cpu_ > may + kBeyondLimit;
    bool gave_up = page.condition.load() == border::HostCondition::Stuck;
    if (beyond || gave_up) return end_because("it could not stop a turn");
  }
  watch_later();
}

void Host::end_because(std::string reason) {
  end_reason_ = std::move(reason);
  kill();
}

void Host::start_later() {
  auto delay = delay_.after_death(std::chrono::steady_clock::now() - started_);
  if (delay.count() == 0 && last_session_) return start();
  // A start that failed at once waits in any case: it must not fail again within this call.
  restart_.expires_after(std::max(delay, std::chrono::milliseconds(10)));
  restart_.async_wait([this, alive = alive_](boost::system::error_code error) {
    if (!*alive || error || draining_) return;
    start();
    fleet_.changed();
  });
}

void Host::drain(std::chrono::milliseconds within) {
  if (draining_) return;
  draining_ = true;
  drain_until_ = std::chrono::steady_clock::now() + within;
  ready_ = false;
  restart_.cancel();
  if (welcomed_ && session_) {
    session_->drain(within);
  } else {
    child_ ? kill() : void(ended_ = true);  // it has not begun to serve
  }
}

void Host::kill() {
  if (child_) child_->kill();
}

void Host::on_kv_written(const std::string& namespace_id, const std::string& key,
                         HostSession& writer) {
  fleet_.kv_written(namespace_id, key, writer);
}

void Host::on_lane_changed(const scripts::Scope& scope, const std::string& script) {
  fleet_.moved(scope, script);
}

void Host::on_link_closed(HostSession& session, std::uint64_t link) {
  fleet_.link_closed(session, link);
}

}  // namespace atoll::sandbox
