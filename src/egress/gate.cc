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

// Counts a connection as being opened for as long as it is.
class Gate::Opening {
 public:
  Opening(Gate& gate, std::string script) : gate_(gate), script_(std::move(script)) {
    ++gate_.usage_[script_].opening;
  }
  Opening(const Opening&) = delete;
  ~Opening() {
    auto usage = gate_.usage_.find(script_);
    if (--usage->second.opening == 0 && usage->second.open == 0) gate_.usage_.erase(usage);
  }

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
      connections_(loop) {}

Task<Result<Gate::Opened>> Gate::open(Request request, std::uint64_t owner) {
  std::string attempt = "connecting to " + where(request);
  auto opened = co_await open_any(std::move(request), owner);
  if (!opened) co_return fail(std::move(opened.error()).while_doing(attempt));
  co_return opened;
}

Result<void> Gate::admit(const Request& request) {
  auto refuse = [&](std::string rule, Error error) {
    log_.decided(request, "", {false, std::move(rule)});
    return fail(std::move(error));
  };
  if (!is_host(request.host)) {
    return refuse("host", invalid_input("this is not the name or address of a host"));
  }
  auto found = usage_.find(script_of(request));
  if (found == usage_.end()) return {};
  const Usage& usage = found->second;
  if (usage.opening >= limits_.opening_per_script) {
    return refuse("opening-connections", Error(ErrorKind::LimitReached,
                                               "this script opens too many connections at once "
                                               "(egress.opening_per_script)"));
  }
  if (usage.open + usage.opening >= limits_.connections_per_script) {
    return refuse("open-connections", Error(ErrorKind::LimitReached,
                                            "this script has too many open connections "
                                            "(egress.connections_per_script)"));
  }
  return {};
}

Task<Result<Gate::Opened>> Gate::open_any(Request request, std::uint64_t owner) {
  if (auto admitted = admit(request); !admitted) co_return fail(std::move(admitted.error()));
  Opening opening(*this, script_of(request));
  auto deadline = Clock::now() + limits_.connect_timeout;
  auto addresses = co_await resolve(request, deadline);
  if (!addresses) {
    log_.decided(request, "", {false, "dns"});
    co_return fail(std::move(addresses.error()));
  }
  refresh_own_addresses();
  struct Candidate {
    Address address;
    std::string rule;
  };
  std::vector<Candidate> candidates;
  std::string refused_by;
  for (const Address& address : *addresses) {
    Decision decision = decide(rules_, request, address);
    log_.decided(request, address.to_string(), decision);
    if (decision.allowed) {
      candidates.push_back({address, decision.rule});
    } else if (refused_by.empty()) {
      refused_by = decision.rule;
    }
  }
  if (candidates.empty()) {
    co_return fail(Error(ErrorKind::Denied, "refused by the rule \"" + refused_by + "\""));
  }
  Error last = out_of_time();
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    auto now = Clock::now();
    if (now >= deadline) break;
    bool others = i + 1 < candidates.size();
    auto until = others ? std::min(deadline, now + kAttempt) : deadline;
    auto socket = co_await connect(candidates[i].address, request.port, until);
    if (socket) co_return hand_over(request, std::move(*socket), candidates[i].rule, owner);
    last = std::move(socket.error());
  }
  co_return fail(std::move(last));
}

Task<Result<std::vector<Address>>> Gate::resolve(Request request, Clock::time_point deadline) {
  using Addresses = Result<std::vector<Address>>;
  // Shared: a lookup that is too late still ends some time.
  struct Lookup {
    explicit Lookup(boost::asio::io_context& loop) : answered(loop) {}
    boost::asio::steady_timer answered;
    std::optional<Addresses> answer;
  };
  auto lookup = std::make_shared<Lookup>(loop_);
  lookup->answered.expires_at(deadline);
  asio::co_spawn(loop_, resolver_.resolve(request.host),
                 [lookup](std::exception_ptr thrown, Addresses addresses) {
                   CHECK(!thrown);
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

Result<Gate::Opened> Gate::hand_over(const Request& request, UniqueFd socket, std::string rule,
                                     std::uint64_t owner) {
  tcp::endpoint local;
  tcp::endpoint remote;
  socklen_t local_size = static_cast<socklen_t>(local.capacity());
  socklen_t remote_size = static_cast<socklen_t>(remote.capacity());
  if (::getsockname(socket.get(), local.data(), &local_size) != 0 ||
      ::getpeername(socket.get(), remote.data(), &remote_size) != 0) {
    return fail(Error(ErrorKind::Unavailable, "the connection was closed at once"));
  }
  std::string script = script_of(request);
  auto closed = [this, request, script, rule = std::move(rule), remote = text_of(remote),
                 began = Clock::now()](int descriptor) {
    auto usage = usage_.find(script);
    if (--usage->second.open == 0 && usage->second.opening == 0) usage_.erase(usage);
    Traffic traffic = traffic_of(descriptor);
    auto lasted = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began);
    log_.ended(request, {remote, traffic.sent, traffic.received, lasted, rule});
  };
  auto kept = connections_.add(socket.get(), owner, std::move(closed));
  if (!kept) return fail(Error(ErrorKind::LimitReached, "the platform has no descriptor left"));
  ++usage_[script].open;
  return Opened{*kept, std::move(socket), text_of(remote), text_of(local)};
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
