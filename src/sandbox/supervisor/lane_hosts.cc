#include "sandbox/supervisor/lane_hosts.h"

#include <algorithm>

namespace atoll::sandbox {
namespace {

Error unavailable() {
  return Error(ErrorKind::Unavailable, "No process could be started for this Worker.");
}

SteadyTime now() { return std::chrono::steady_clock::now(); }

}  // namespace

Host* LaneHosts::start(const std::string& lane, std::uint32_t slot) {
  auto blocked = not_before_.find(lane);
  if (blocked != not_before_.end() && now() < blocked->second) return nullptr;
  if (places_.size() >= settings_.max_hosts) return nullptr;
  auto index = static_cast<std::uint32_t>(default_hosts_.size()) + started_++;
  Place& place = places_.emplace_back();
  place.host = std::make_unique<Host>(loop_, fleet_, index, lane);
  place.slot = slot;
  place.last_active = now();
  fleet_.services.log.event(LogLevel::Info, "lane_opened", {{"host", index}, {"lane", lane}});
  place.host->start();
  return place.host.get();
}

Host* LaneHosts::choose(const std::string& lane, std::uint32_t caller_index, IfAbsent if_absent) {
  if (lane == border::kDefaultLane) {
    Host* preferred = default_hosts_[caller_index % default_hosts_.size()].get();
    if (preferred->ready()) return preferred;
    auto ready = std::ranges::find_if(default_hosts_, [](const auto& one) { return one->ready(); });
    return ready == default_hosts_.end() ? preferred : ready->get();
  }
  auto slots = lane == kBusyLane ? static_cast<std::uint32_t>(default_hosts_.size()) : 1u;
  std::uint32_t slot = caller_index % slots;
  for (Place& place : places_) {
    bool usable = !place.host->draining() && !place.host->ended();
    if (usable && place.slot == slot && place.host->lane() == lane) return place.host.get();
  }
  return if_absent == IfAbsent::Start ? start(lane, slot) : nullptr;
}

Task<std::shared_ptr<HostSession>> LaneHosts::ready_session(const HostSession& from,
                                                            std::string lane) {
  auto until = now() + settings_.start_within;
  // One that ends instead of becoming ready is not tried again at once.
  IfAbsent if_absent = IfAbsent::Start;
  while (Host* host = choose(lane, from.host_index(), std::exchange(if_absent, IfAbsent::GiveUp))) {
    if (host->ready()) co_return host->session();
    if (host->ended() || now() >= until) break;
    co_await changed_.wait_until(until);
  }
  if (lane != border::kDefaultLane) not_before_[lane] = now() + settings_.retry_after;
  co_return nullptr;
}

LaneHosts::OpenLink* LaneHosts::find_link(std::uint64_t caller, const HostSession& server) {
  auto found = std::ranges::find_if(links_, [&](const OpenLink& link) {
    return link.caller == caller && link.server.lock().get() == &server;
  });
  return found == links_.end() ? nullptr : &*found;
}

Task<bool> LaneHosts::allow(HostSession& server, std::uint64_t link, LaneScriptGrant script,
                            border::Handle& target) {
  auto timer = std::make_shared<asio::steady_timer>(loop_, settings_.start_within);
  auto acknowledged = std::make_shared<bool>(false);
  target = server.allow_call(link, std::move(script), [timer, acknowledged] {
    *acknowledged = true;
    timer->expires_at(SteadyTime::min());
  });
  if (!*acknowledged) co_await timer->async_wait(kAwaitTuple);
  co_return *acknowledged&& server.is_open();
}

Task<Result<LaneLink>> LaneHosts::open(std::shared_ptr<HostSession> from, std::string lane,
                                       LaneScriptGrant script) {
  auto server = co_await ready_session(*from, lane);
  if (!server || !server->is_open()) co_return fail(unavailable());
  LaneLink made;
  if (OpenLink* link = find_link(from->number(), *server)) {
    made.link = link->number;
    auto until = now() + settings_.start_within;
    while (link && !link->delivered && now() < until) {
      co_await changed_.wait_until(until);
      link = find_link(from->number(), *server);
    }
  } else {
    auto sockets = border::make_socket_pair();
    if (!sockets) co_return fail(std::move(sockets.error()));
    made.link = ++last_link_;
    made.socket = std::move(sockets->ours);
    server->serve_link(made.link, std::move(sockets->theirs));
    links_.push_back({made.link, from->number(), server});
  }
  bool allowed = co_await allow(*server, made.link, std::move(script), made.target);
  if (OpenLink* link = find_link(from->number(), *server); link && link->number == made.link) {
    // Who waits for that goes on later: the caller's answer leaves first.
    link->delivered = true;
    changed_.wake_all();
  }
  if (!allowed) {
    if (made.socket) link_closed(*from, made.link);
    co_return fail(unavailable());
  }
  co_return made;
}

void LaneHosts::link_closed(HostSession& caller, std::uint64_t link) {
  std::erase_if(links_, [&](const OpenLink& one) {
    return one.number == link && one.caller == caller.number();
  });
}

void LaneHosts::look_after(SteadyTime time) {
  std::erase_if(links_, [](const OpenLink& link) {
    auto server = link.server.lock();
    return !server || !server->is_open();
  });
  std::erase_if(not_before_, [&](const auto& lane) { return lane.second <= time; });
  std::erase_if(places_, [](const Place& place) { return place.host->ended(); });
  for (Place& place : places_) {
    auto session = place.host->session();
    if (!session || !place.host->ready()) continue;
    const border::Stats& stats = session->stats();
    bool active = stats.served > 0 || stats.invocations != place.seen_invocations;
    place.seen_invocations = stats.invocations;
    if (active) place.last_active = time;
    bool leaked = place.host->has_leaked();
    if (!leaked && time - place.last_active < settings_.idle) continue;
    close(place, leaked ? "it has leaked memory" : "idle");
  }
}

void LaneHosts::close(Place& place, std::string_view reason) {
  fleet_.services.log.event(
      LogLevel::Info, "lane_closed",
      {{"host", place.host->index()}, {"lane", place.host->lane()}, {"reason", reason}});
  place.host->drain(settings_.drain);
}

void LaneHosts::drain_strays() {
  for (Place& place : places_) {
    auto session = place.host->session();
    if (session && !place.host->draining() && session->has_strays()) {
      close(place, "trust groups changed");
    }
  }
}

void LaneHosts::drain(std::chrono::milliseconds within) {
  for (const Place& place : places_) place.host->drain(within);
}

void LaneHosts::kill() {
  for (const Place& place : places_) place.host->kill();
}

bool LaneHosts::any_running() const {
  return std::ranges::any_of(places_, [](const Place& place) { return place.host->running(); });
}

}  // namespace atoll::sandbox
