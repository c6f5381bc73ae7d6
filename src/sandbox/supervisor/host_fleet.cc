#include "sandbox/supervisor/host_fleet.h"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/detached.hpp>

namespace atoll::sandbox {
namespace {

constexpr auto kLookAfterEvery = std::chrono::seconds(1);
// In control groups: shares of CPU time, and threads of one host.
constexpr std::uint32_t kWeight = 100;
constexpr std::uint32_t kQuarantineWeight = 20;
constexpr std::uint32_t kBusyWeight = 5;
constexpr std::uint32_t kMaxThreads = 64;
constexpr auto kStartWithin = std::chrono::seconds(10);    // at least one host
constexpr auto kAllStartWithin = std::chrono::seconds(3);  // then the others are not waited for

}  // namespace

HostFleet::HostFleet(asio::io_context& loop, HostOptions options, UniqueFd listener,
                     HostServices& services, RouteTable& routes, LaneSettings lanes)
    : loop_(loop),
      listener_(std::move(listener)),
      services_(services),
      routes_(routes),
      fleet_{
          std::move(options),
          services,
          routes,
          listener_.get(),
          [this] { changed_.wake_all(); },
          [this](const scripts::Scope& scope, const std::string& script) { moved(scope, script); },
          [this](const std::string& namespace_id, const std::string& key, HostSession& writer) {
            kv_written(namespace_id, key, writer);
          },
          [this](HostSession& session, std::uint64_t link) { lanes_.link_closed(session, link); }},
      changed_(loop),
      lane_settings_(lanes),
      lanes_(loop, fleet_, changed_, hosts_, lanes),
      look_after_(loop) {
  services_.lanes = &lanes_;
}

HostFleet::~HostFleet() {
  *alive_ = false;
  services_.lanes = nullptr;
}

Task<Result<void>> HostFleet::start(unsigned count) {
  auto read = co_await routes_.refresh();
  if (!read) co_return fail(std::move(read.error()).while_doing("reading the routes"));
  auto groups = co_await read_groups();
  CO_CHECK(groups);
  // A host alone has nobody to pass connections to.
  if (count > 1) {
    auto queue = make_connection_queue();
    if (!queue) co_return fail(std::move(queue.error()));
    fleet_.shared_connections = std::move(*queue);
  }
  for (unsigned i = 0; i < count; ++i) {
    hosts_.push_back(std::make_unique<Host>(loop_, fleet_, i));
    hosts_.back()->start();
  }
  look_after_lanes();
  auto began = std::chrono::steady_clock::now();
  while (true) {
    auto ready = std::ranges::count_if(hosts_, [](const auto& host) { return host->ready(); });
    auto waited = std::chrono::steady_clock::now() - began;
    if (ready == static_cast<long>(count)) co_return Result<void>();
    if (ready > 0 && waited >= kAllStartWithin) co_return Result<void>();
    bool hopeless = std::ranges::all_of(hosts_, [](const auto& host) {
      return host->young_deaths() > RestartDelay::kFreeRestarts;
    });
    if (ready == 0 && (hopeless || waited >= kStartWithin)) {
      const std::string& how = hosts_.front()->last_failure();
      co_return fail(internal_error("no isolate host could be started: " +
                                    (how.empty() ? "it does not answer" : how)));
    }
    co_await changed_.wait_until(began + (ready > 0 ? kAllStartWithin : kStartWithin));
  }
}

void HostFleet::look_after_lanes() {
  look_after_.expires_after(kLookAfterEvery);
  look_after_.async_wait([this, alive = alive_](boost::system::error_code error) {
    if (!*alive || error) return;
    auto now = std::chrono::steady_clock::now();
    for (const auto& entry : services_.quarantine.forget(now)) moved(entry.scope, entry.script);
    for (const auto& entry : services_.busy.calm_down(now)) moved(entry.scope, entry.script);
    lanes_.look_after(now);
    look_after_hosts();
    look_after_lanes();
  });
}

template <typename Visit>
void HostFleet::for_each_session(Visit visit) {
  auto visit_host = [&](Host& host) {
    if (HostSession* session = host.informed_session()) visit(*session);
  };
  for_each_host(visit_host);
}

Task<Result<void>> HostFleet::read_groups() {
  auto groups = co_await services_.registry.trust_groups.list_all();
  if (!groups) co_return fail(std::move(groups.error()).while_doing("reading the trust groups"));
  services_.groups.set(*groups);
  co_return Result<void>();
}

Task<Result<void>> HostFleet::groups_changed() {
  GroupMembers before = services_.groups;
  auto read = co_await read_groups();
  CO_CHECK(read);
  for (const std::string& key : services_.groups.differences(before)) {
    services_.reads.changed(key);
    co_await tell_all(kAcknowledgeWithin, [&](HostSession& session, auto done) {
      session.change_script(key, std::move(done));
    });
  }
  // What a process has read it has: those that know a script that is not theirs any more go.
  lanes_.drain_strays();
  for (std::uint32_t i = 0; i < hosts_.size(); ++i) {
    HostSession* session = hosts_[i]->informed_session();
    if (session && session->has_strays()) co_await replace(i, "trust groups changed");
  }
  co_return Result<void>();
}

bool HostFleet::release_from_quarantine(const scripts::Scope& scope, const std::string& script) {
  if (!services_.quarantine.release(scope, script)) return false;
  moved(scope, script);
  return true;
}

Task<void> HostFleet::replace(std::uint32_t index, std::string reason) {
  while (replacing_) co_await changed_.wait_until(SteadyTime::max());
  if (stopping_) co_return;
  replacing_ = true;
  services_.log.event(LogLevel::Warn, "host_replaced",
                      {{"host", index}, {"pid", hosts_[index]->pid()}, {"reason", reason}});
  auto fresh = std::make_unique<Host>(loop_, fleet_, index);
  fresh->start();
  auto until = std::chrono::steady_clock::now() + kStartWithin;
  while (!fresh->ready() && std::chrono::steady_clock::now() < until && !stopping_) {
    co_await changed_.wait_until(until);
  }
  replacing_ = false;
  if (fresh->ready() && !stopping_) {
    std::swap(hosts_[index], fresh);
    fresh->drain(lane_settings_.drain);
  } else {
    fresh->drain(std::chrono::milliseconds(0));  // the old one stays
  }
  retiring_.push_back(std::move(fresh));
  changed_.wake_all();
}

Task<void> HostFleet::replace_all(std::string reason) {
  for (std::uint32_t i = 0; i < hosts_.size(); ++i) co_await replace(i, reason);
}

// Not at the start: moving a process between groups takes the kernel some milliseconds.
void HostFleet::put_into_control_groups() {
  if (!fleet_.options.control_groups) return;
  if (!std::exchange(looked_for_control_groups_, true)) {
    auto folder = ControlGroups::own_folder();
    auto made = folder ? ControlGroups::make(*folder, ::getpid())
                       : Result<ControlGroups>(fail(std::move(folder.error())));
    if (made) control_groups_ = std::move(*made);
    services_.log.event(LogLevel::Info, "control_groups",
                        made ? Json{{"folder", control_groups_->folder()}}
                             : Json{{"none", made.error().message()}});
  }
  if (!control_groups_) return;
  std::set<pid_t> running;
  for_each_host([&](const Host& host) {
    if (!host.ready() && !host.draining()) return;
    running.insert(host.pid());
    if (!in_control_groups_.insert(host.pid()).second) return;
    ControlGroups::Limits limits{fleet_.options.max_resident_bytes, kWeight, kMaxThreads};
    if (host.lane() == kBusyLane) limits.cpu_weight = kBusyWeight;
    if (host.lane().starts_with(kQuarantineLane)) limits.cpu_weight = kQuarantineWeight;
    (void)control_groups_->put("host-" + std::to_string(host.pid()), host.pid(), limits);
  });
  std::erase_if(in_control_groups_, [&](pid_t pid) {
    if (running.contains(pid)) return false;
    control_groups_->remove("host-" + std::to_string(pid));
    return true;
  });
}

void HostFleet::look_after_hosts() {
  put_into_control_groups();
  std::erase_if(retiring_, [](const auto& host) { return host->ended(); });
  if (replacing_) return;
  for (std::uint32_t i = 0; i < hosts_.size(); ++i) {
    if (!hosts_[i]->has_leaked()) continue;
    asio::co_spawn(loop_, replace(i, "it has leaked memory"), asio::detached);
    return;  // one at a time
  }
}

template <typename Tell>
Task<void> HostFleet::tell_all(std::chrono::milliseconds within, Tell tell) {
  struct Waiting {
    explicit Waiting(asio::io_context& loop) : timer(loop) {}
    std::size_t count = 0;
    asio::steady_timer timer;
  };
  auto waiting = std::make_shared<Waiting>(loop_);
  for_each_session([&](HostSession& session) {
    ++waiting->count;
    tell(session, [waiting] {
      if (--waiting->count == 0) waiting->timer.cancel();
    });
  });
  if (waiting->count == 0) co_return;
  waiting->timer.expires_after(within);
  co_await waiting->timer.async_wait(kAwaitTuple);
  if (waiting->count > 0) {
    services_.log.event(LogLevel::Warn, "change_not_acknowledged", {{"hosts", waiting->count}});
  }
}

Task<void> HostFleet::script_changed(scripts::Scope scope, std::string name) {
  std::string key = script_key(scope, name);
  services_.reads.changed(key);
  co_await tell_all(kAcknowledgeWithin, [&](HostSession& session, auto done) {
    session.change_script(key, std::move(done));
  });
}

Task<void> HostFleet::namespace_changed(scripts::Scope scope) {
  std::string prefix = script_key(scope, "");
  services_.reads.changed_below(prefix);
  co_await tell_all(kAcknowledgeWithin, [&](HostSession& session, auto done) {
    session.change_script(prefix, std::move(done));
  });
}

Task<void> HostFleet::kv_changed(std::string namespace_id, std::vector<std::string> keys) {
  services_.reads.changed(namespace_id, keys);
  co_await tell_all(kKvAcknowledgeWithin, [&](HostSession& session, auto done) {
    session.change_kv(namespace_id, keys, std::move(done));
  });
}

// All look for it anew.
void HostFleet::moved(const scripts::Scope& scope, const std::string& script) {
  std::string key = script_key(scope, script);
  services_.reads.changed(key);
  for_each_session([&](HostSession& session) { session.change_script(key, [] {}); });
  services_.log.event(LogLevel::Warn, "script_moved",
                      {{"account", scope.account_id},
                       {"namespace_id", scope.namespace_id},
                       {"script", script},
                       {"lane", services_.lane_of(scope, script)}});
}

void HostFleet::kv_written(const std::string& namespace_id, const std::string& key,
                           HostSession& writer) {
  for_each_session([&](HostSession& session) {
    if (&session != &writer) session.change_kv(namespace_id, {key}, [] {});
  });
}

Task<void> HostFleet::routes_changed() {
  std::uint64_t mine = ++refresh_asked_;
  while (refresh_done_ < mine) {
    if (refreshing_) {
      co_await changed_.wait_until(std::chrono::steady_clock::time_point::max());
      continue;
    }
    refreshing_ = true;
    std::uint64_t serves = refresh_asked_;
    co_await refresh_routes();
    refreshing_ = false;
    refresh_done_ = serves;
    changed_.wake_all();
  }
}

Task<void> HostFleet::refresh_routes() {
  auto changes = co_await routes_.refresh();
  if (!changes) {
    services_.log.event(LogLevel::Error, "routes_not_read", {{"error", changes.error().message()}});
    co_return;
  }
  if (changes->empty()) co_return;
  co_await tell_all(kAcknowledgeWithin, [&](HostSession& session, auto done) {
    if (session.lane() != border::kDefaultLane) return done();
    session.change_routes(*changes, std::move(done));
  });
}

Task<void> HostFleet::drain(std::chrono::milliseconds within) {
  stopping_ = true;
  for (const auto& host : hosts_) host->drain(within);
  for (const auto& host : retiring_) host->drain(within);
  lanes_.drain(within);
  auto running = [this] {
    bool retiring =
        std::ranges::any_of(retiring_, [](const auto& host) { return host->running(); });
    return retiring || lanes_.any_running() ||
           std::ranges::any_of(hosts_, [](const auto& host) { return host->running(); });
  };
  auto until = std::chrono::steady_clock::now() + within;
  while (running() && std::chrono::steady_clock::now() < until) co_await changed_.wait_until(until);
  for (const auto& host : hosts_) host->kill();
  for (const auto& host : retiring_) host->kill();
  lanes_.kill();
  auto last = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  while (running() && std::chrono::steady_clock::now() < last) co_await changed_.wait_until(last);
}

}  // namespace atoll::sandbox
