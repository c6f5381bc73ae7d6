#include "egress/gate.h"

#include <ifaddrs.h>
#include <netinet/in.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstring>
#include <optional>

#include "base/check.h"
#include "egress/traffic.h"

namespace atoll::egress {
namespace {

using boost::asio::ip::tcp;

constexpr std::size_t kMaxHostBytes = 253;
constexpr auto kOwnAddressesAge = std::chrono::seconds(10);
// While others are left to try, one address gets no longer than this.
constexpr auto kAttempt = std::chrono::milliseconds(3'000);
// How long a script may go on beyond its quota of bytes before it is noticed.
constexpr auto kCountEvery = std::chrono::milliseconds(100);
constexpr auto kSweepEvery = std::chrono::seconds(30);

bool is_host(std::string_view host) {
  if (host.empty() || host.size() > kMaxHostBytes) return false;
  return std::ranges::all_of(host, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == ':';
  });
}

std::string text_of(const tcp::endpoint& endpoint) {
  std::string address = endpoint.address().to_string();
  if (endpoint.address().is_v6()) address = "[" + address + "]";
  return address + ":" + std::to_string(endpoint.port());
}

std::string script_of(const Request& request) {
  return request.account_id + "/" + request.namespace_id + "/" + request.script;
}

std::string where(const Request& request) {
  return request.host + " port " + std::to_string(request.port);
}

Error out_of_time() { return Error(ErrorKind::Unavailable, "the connection timed out"); }

Error connect_error(const boost::system::error_code& error) {
  namespace kinds = boost::asio::error;
  if (error == kinds::connection_refused) {
    return Error(ErrorKind::Unavailable, "the connection was refused");
  }
  if (error == kinds::host_unreachable || error == kinds::network_unreachable ||
      error == kinds::network_down) {
    return Error(ErrorKind::Unavailable, "the host cannot be reached");
  }
  return out_of_time();
}

}  // namespace

std::string_view verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::Allowed:
      return "allowed";
    case Verdict::Refused:
      return "refused";
    case Verdict::Failed:
      return "failed";
  }
  return "failed";
}

// Counts a connection as being opened for as long as it is.
class Gate::Opening {
 public:
  Opening(Gate& gate, std::string script) : gate_(gate), script_(std::move(script)) {
    ++gate_.usage_[script_].opening;
  }
  Opening(const Opening&) = delete;
  ~Opening() { --gate_.usage_[script_].opening; }

 private:
  Gate& gate_;
  std::string script_;
};

Gate::Gate(boost::asio::io_context& loop, Rules rules, Limits limits, Resolver& resolver,
           DecisionLog& log)
    : loop_(loop),
      rules_(std::move(rules)),
      limits_(limits),
      resolver_(resolver),
      log_(log),
      counting_(loop),
      connections_(loop) {}

Task<Result<Gate::Opened>> Gate::open(Request request, std::uint64_t owner) {
  DecisionLog::Decided decided;
  auto opened = co_await open_any(request, owner, decided);
  if (opened) {
    decided.connection = opened->id;
  } else if (decided.verdict == Verdict::Allowed) {
    decided.verdict = Verdict::Failed;
    decided.failure = opened.error().message();
  }
  log_.decided(request, decided);
  if (!opened)
    co_return fail(std::move(opened.error()).while_doing("connecting to " + where(request)));
  co_return opened;
}

Result<void> Gate::admit(const Request& request, DecisionLog::Decided& decided) {
  if (!is_host(request.host)) {
    decided.rule = "host";
    return fail(invalid_input("this is not the name or address of a host"));
  }
  forget_idle_scripts();
  auto applied = policies_.of(request);
  auto admitted =
      usage_[script_of(request)].admit(limits_, applied.quotas(), Clock::now(), wall_now());
  if (admitted) return {};
  decided.rule = std::move(admitted.error().rule);
  return fail(Error(ErrorKind::LimitReached, std::move(admitted.error().message)));
}

Result<std::vector<Gate::Candidate>> Gate::judge(const Request& request,
                                                 const std::vector<Address>& addresses,
                                                 DecisionLog::Decided& decided) {
  refresh_own_addresses();
  auto applied = policies_.of(request);
  std::vector<Candidate> candidates;
  for (const Address& address : addresses) {
    Decision decision = decide(rules_, request, address, applied.policies());
    decided.judged.push_back({address.to_string(), decision.allowed, decision.rule});
    if (decision.allowed) candidates.push_back({address, std::move(decision)});
  }
  const DecisionLog::Judged& first = decided.judged.front();
  if (candidates.empty()) {
    decided.rule = first.rule;
    decided.address = first.address;
    return fail(Error(ErrorKind::Denied, "refused by the rule \"" + first.rule + "\""));
  }
  decided.verdict = Verdict::Allowed;
  decided.rule = candidates.front().decision.rule;
  decided.address = candidates.front().address.to_string();
  return candidates;
}

Task<Result<Gate::Opened>> Gate::open_any(Request request, std::uint64_t owner,
                                          DecisionLog::Decided& decided) {
  if (auto admitted = admit(request, decided); !admitted) {
    co_return fail(std::move(admitted.error()));
  }
  Opening opening(*this, script_of(request));
  auto deadline = Clock::now() + limits_.connect_timeout;
  auto addresses = co_await resolve(request, deadline);
  if (!addresses) {
    decided.verdict = Verdict::Failed;
    decided.rule = "dns";
    decided.failure = addresses.error().message();
    co_return fail(std::move(addresses.error()));
  }
  auto candidates = judge(request, *addresses, decided);
  if (!candidates) co_return fail(std::move(candidates.error()));
  Error last = out_of_time();
  for (std::size_t i = 0; i < candidates->size(); ++i) {
    Candidate& candidate = (*candidates)[i];
    auto now = Clock::now();
    if (now >= deadline) break;
    bool others = i + 1 < candidates->size();
    auto until = others ? std::min(deadline, now + kAttempt) : deadline;
    auto socket = co_await connect(candidate.address, request.port, until);
    if (socket) {
      decided.rule = candidate.decision.rule;
      decided.address = candidate.address.to_string();
      co_return hand_over(request, std::move(*socket), std::move(candidate), owner);
    }
    last = std::move(socket.error());
  }
  co_return fail(std::move(last));
}

// A lookup counts until it has really ended, also when nobody waits for it any more.
Result<void> Gate::admit_lookup(const Request& request) {
  std::uint32_t own = usage_[script_of(request)].looking_up;
  bool is_busy = looking_up_ >= limits_.lookups / 2;
  if (looking_up_ < limits_.lookups && (!is_busy || own < limits_.lookups_when_busy)) return {};
  return fail(Error(ErrorKind::LimitReached, "too many names are being looked up"));
}

Task<Result<std::vector<Address>>> Gate::resolve(Request request, Clock::time_point deadline) {
  using Addresses = Result<std::vector<Address>>;
  // Shared: a lookup that is too late still ends some time.
  struct Lookup {
    explicit Lookup(boost::asio::io_context& loop) : answered(loop) {}
    boost::asio::steady_timer answered;
    std::optional<Addresses> answer;
  };
  if (auto admitted = admit_lookup(request); !admitted) {
    co_return fail(std::move(admitted.error()));
  }
  std::string script = script_of(request);
  ++looking_up_;
  ++usage_[script].looking_up;
  auto lookup = std::make_shared<Lookup>(loop_);
  lookup->answered.expires_at(deadline);
  asio::co_spawn(loop_, resolver_.resolve(request.host),
                 [this, lookup, script](std::exception_ptr thrown, Addresses addresses) {
                   CHECK(!thrown);
                   --looking_up_;
                   --usage_[script].looking_up;
                   lookup->answer = std::move(addresses);
                   lookup->answered.cancel();
                 });
  if (!lookup->answer) co_await lookup->answered.async_wait(kAwaitTuple);
  if (!lookup->answer) {
    co_return fail(Error(ErrorKind::Unavailable, "looking up the name timed out"));
  }
  co_return std::move(*lookup->answer);
}

Task<Result<UniqueFd>> Gate::connect(Address address, std::uint16_t port,
                                     Clock::time_point deadline) {
  auto socket = std::make_shared<tcp::socket>(loop_);
  boost::asio::steady_timer timer(loop_, deadline);
  timer.async_wait([socket](boost::system::error_code error) {
    boost::system::error_code ignored;
    if (!error) static_cast<void>(socket->close(ignored));
  });
  tcp::endpoint endpoint(address, port);
  auto [error] = co_await socket->async_connect(endpoint, kAwaitTuple);
  timer.cancel();
  if (error) co_return fail(connect_error(error));
  boost::system::error_code released;
  UniqueFd connected(socket->release(released));
  if (released || !connected) co_return fail(out_of_time());
  co_return connected;
}

Result<Gate::Opened> Gate::hand_over(const Request& request, UniqueFd socket, Candidate chosen,
                                     std::uint64_t owner) {
  tcp::endpoint local;
  tcp::endpoint remote;
  socklen_t local_size = static_cast<socklen_t>(local.capacity());
  socklen_t remote_size = static_cast<socklen_t>(remote.capacity());
  if (::getsockname(socket.get(), local.data(), &local_size) != 0 ||
      ::getpeername(socket.get(), remote.data(), &remote_size) != 0) {
    return fail(Error(ErrorKind::Unavailable, "the connection was closed at once"));
  }
  // The policy may have changed while the connection was made.
  auto applied = policies_.of(request);
  if (Decision now = decide(rules_, request, chosen.address, applied.policies()); !now.allowed) {
    return fail(Error(ErrorKind::Denied, "refused by the rule \"" + now.rule + "\""));
  }
  auto kept = connections_.add(
      socket.get(), [this](OpenConnections::Id id, int descriptor) { ended(id, descriptor); });
  if (!kept) return fail(Error(ErrorKind::LimitReached, "the platform has no descriptor left"));
  ++usage_[script_of(request)].open;
  live_.emplace(*kept, Live{request,
                            chosen.address,
                            text_of(remote),
                            chosen.decision.rule,
                            Clock::now(),
                            owner,
                            chosen.decision.is_for_method,
                            0,
                            {}});
  if (applied.quotas().bytes_per_window) meter(*kept);
  return Opened{*kept, std::move(socket), text_of(remote), text_of(local),
                chosen.decision.is_for_method};
}

void Gate::ended(OpenConnections::Id id, int socket) {
  auto found = live_.find(id);
  CHECK(found != live_.end());
  Live live = std::move(found->second);
  live_.erase(found);
  if (metered_.erase(id) > 0) count_bytes(live, socket);
  --usage_[script_of(live.request)].open;
  Traffic traffic = traffic_of(socket);
  auto lasted = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - live.began);
  log_.ended(live.request, {id, live.remote, traffic.sent, traffic.received, lasted, live.rule,
                            std::move(live.cut_by)});
}

void Gate::cut_because(OpenConnections::Id id, std::string reason) {
  auto found = live_.find(id);
  if (found == live_.end()) return;
  found->second.cut_by = std::move(reason);
  connections_.cut(id);
}

void Gate::release(std::uint64_t owner) {
  std::vector<OpenConnections::Id> ids;
  for (const auto& [id, live] : live_) {
    if (live.owner == owner) ids.push_back(id);
  }
  for (auto id : ids) cut_because(id, "host");
}

void Gate::set_policy(const PolicyTarget& target, ScriptPolicy policy) {
  policies_.set(target, std::move(policy));
  judge_again(target);
}

void Gate::remove_policy(const PolicyTarget& target) {
  policies_.remove(target);
  judge_again(target);
}

void Gate::judge_again(const PolicyTarget& target) {
  std::vector<OpenConnections::Id> refused;
  for (const auto& [id, live] : live_) {
    if (!target.covers(live.request)) continue;
    auto applied = policies_.of(live.request);
    Decision decision = decide(rules_, live.request, live.address, applied.policies());
    // One that may carry requests of any method does not fit rules that tell methods apart.
    bool too_free = decision.is_for_method && !live.is_for_method && !live.request.method.empty();
    if (!decision.allowed || too_free) refused.push_back(id);
    if (applied.quotas().bytes_per_window) meter(id);
  }
  for (auto id : refused) cut_because(id, "policy");
}

void Gate::forget_idle_scripts() {
  auto now = Clock::now();
  if (now - usage_swept_ < kSweepEvery) return;
  usage_swept_ = now;
  std::erase_if(usage_, [now, wall = wall_now()](const auto& entry) {
    return entry.second.is_idle(now, wall);
  });
}

// ---- Bytes --------------------------------------------------------------------------------------

void Gate::count_bytes(Live& live, int socket) {
  Traffic traffic = traffic_of(socket);
  std::uint64_t bytes = traffic.sent + traffic.received;
  if (bytes <= live.counted_bytes) return;
  auto applied = policies_.of(live.request);
  usage_[script_of(live.request)].add_bytes(bytes - live.counted_bytes, applied.quotas(),
                                            wall_now());
  live.counted_bytes = bytes;
}

Json Gate::counted_bytes() const {
  Json counted = Json::object();
  WallTime now = wall_now();
  for (const auto& [script, usage] : usage_) {
    const ScriptUsage::Window& window = usage.window();
    if (window.bytes == 0 || window.ends <= now) continue;
    counted[script] = {{"ends", window.ends.time_since_epoch().count()}, {"bytes", window.bytes}};
  }
  return counted;
}

void Gate::restore_counted_bytes(const Json& counted) {
  if (!counted.is_object()) return;
  for (const auto& [script, window] : counted.items()) {
    const Json& ends = json_member(window, "ends");
    const Json& bytes = json_member(window, "bytes");
    if (!ends.is_number_integer() || !bytes.is_number_unsigned()) continue;
    usage_[script].set_window({WallTime(std::chrono::milliseconds(ends.get<std::int64_t>())),
                               bytes.get<std::uint64_t>()});
  }
}

void Gate::meter(OpenConnections::Id id) {
  metered_.insert(id);
  count_later();
}

void Gate::count_later() {
  if (counts_later_ || metered_.empty()) return;
  counts_later_ = true;
  counting_.expires_after(kCountEvery);
  counting_.async_wait([this](boost::system::error_code error) {
    if (error) return;
    counts_later_ = false;
    count_all();
    count_later();
  });
}

void Gate::count_all() {
  std::vector<OpenConnections::Id> over;
  for (auto id : metered_) {
    auto live = live_.find(id);
    int socket = connections_.socket(id);
    if (live != live_.end() && socket >= 0) count_bytes(live->second, socket);
  }
  for (auto id : metered_) {
    auto live = live_.find(id);
    if (live == live_.end()) continue;
    auto quotas = policies_.of(live->second.request).quotas();
    if (usage_[script_of(live->second.request)].bytes_used_up(quotas, wall_now())) {
      over.push_back(id);
    }
  }
  for (auto id : over) cut_because(id, "quota:bytes");
}

void Gate::refresh_own_addresses() {
  auto now = Clock::now();
  bool known = own_addresses_read_ != Clock::time_point();
  if (known && now - own_addresses_read_ < kOwnAddressesAge) return;
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return;
  own_addresses_read_ = now;
  rules_.own_addresses.clear();
  for (ifaddrs* entry = list; entry; entry = entry->ifa_next) {
    if (!entry->ifa_addr) continue;
    if (entry->ifa_addr->sa_family == AF_INET) {
      sockaddr_in in{};
      std::memcpy(&in, entry->ifa_addr, sizeof in);
      rules_.own_addresses.push_back(asio::ip::address_v4(ntohl(in.sin_addr.s_addr)));
    } else if (entry->ifa_addr->sa_family == AF_INET6) {
      sockaddr_in6 in{};
      std::memcpy(&in, entry->ifa_addr, sizeof in);
      asio::ip::address_v6::bytes_type bytes;
      std::memcpy(bytes.data(), &in.sin6_addr, bytes.size());
      rules_.own_addresses.push_back(plain(asio::ip::address_v6(bytes)));
    }
  }
  ::freeifaddrs(list);
}

}  // namespace atoll::egress
