#include "egress/dns/dns_resolver.h"

#include <arpa/inet.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <charconv>
#include <fstream>
#include <sstream>

#include "base/check.h"
#include "base/random.h"
#include "egress/script_policy.h"

namespace atoll::egress {
namespace {

using boost::asio::ip::tcp;
using boost::asio::ip::udp;

constexpr std::size_t kMaxServers = 3;
constexpr std::size_t kMaxAddresses = 16;  // of one name
constexpr std::size_t kMaxPacketBytes = 4096;
constexpr unsigned kMaxStrangePackets = 32;  // that are no answer to the question
constexpr auto kRefreshEvery = std::chrono::seconds(5);
// How long the second family of addresses is waited for once the first is there.
constexpr auto kOtherFamily = std::chrono::milliseconds(300);
constexpr std::uint16_t kPort = 53;

// Closes a socket when its time is over.
template <typename Socket>
class Deadline {
 public:
  Deadline(boost::asio::io_context& loop, std::shared_ptr<Socket> socket,
           std::chrono::milliseconds within)
      : timer_(loop, within) {
    timer_.async_wait([socket](boost::system::error_code error) {
      boost::system::error_code ignored;
      if (!error) socket->close(ignored);
    });
  }

 private:
  boost::asio::steady_timer timer_;
};

std::uint16_t random_id() {
  std::uint16_t id = 0;
  fill_random(&id, sizeof id);
  return id;
}

// Also the spellings that only inet_aton() knows: 127.1, 0x7f000001, 2130706433.
std::optional<Address> numeric(const std::string& host) {
  boost::system::error_code error;
  Address address = boost::asio::ip::make_address(host, error);
  if (!error) return plain(address);
  in_addr odd{};
  if (::inet_aton(host.c_str(), &odd) == 0) return std::nullopt;
  return boost::asio::ip::address_v4(ntohl(odd.s_addr));
}

Error no_address() { return not_found("there is no address for this name"); }

}  // namespace

// Both families at once.
struct DnsResolver::Lookup {
  explicit Lookup(boost::asio::io_context& loop) : changed(loop) {}
  boost::asio::steady_timer changed;
  std::optional<Answer> v4;
  std::optional<Answer> v6;

  bool has_addresses() const {
    return (v4 && *v4 && !(*v4)->addresses.empty()) || (v6 && *v6 && !(*v6)->addresses.empty());
  }
};

Result<DnsResolver::Endpoint> parse_name_server(std::string_view text) {
  std::string host(text);
  std::uint16_t port = kPort;
  std::size_t colon = text.rfind(':');
  bool has_port = colon != std::string_view::npos &&
                  (text.starts_with('[') || text.find(':') == colon) && !text.ends_with(']');
  boost::system::error_code error;
  if (has_port) {
    std::string_view digits = text.substr(colon + 1);
    auto end = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    bool is_port = end.ec == std::errc() && end.ptr == digits.data() + digits.size() && port != 0;
    host = is_port ? text.substr(0, colon) : "";
  }
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  Address address = boost::asio::ip::make_address(host, error);
  if (error) {
    return fail(invalid_input("\"" + std::string(text) + "\" is not the address of a name server"));
  }
  return DnsResolver::Endpoint(address, port);
}

DnsResolver::DnsResolver(boost::asio::io_context& loop, Options options)
    : loop_(loop), options_(std::move(options)) {}

// The files are small and local.
void DnsResolver::refresh() {
  auto now = std::chrono::steady_clock::now();
  bool known = refreshed_ != std::chrono::steady_clock::time_point();
  if (known && now - refreshed_ < kRefreshEvery) return;
  refreshed_ = now;
  servers_ = options_.servers;
  std::string line;
  std::ifstream configuration(options_.configuration);
  while (options_.servers.empty() && servers_.size() < kMaxServers &&
         std::getline(configuration, line)) {
    std::istringstream words(line);
    std::string keyword, address;
    if (!(words >> keyword >> address) || keyword != "nameserver") continue;
    boost::system::error_code error;
    Address parsed = boost::asio::ip::make_address(address, error);
    if (!error) servers_.emplace_back(parsed, kPort);
  }
  if (servers_.empty()) servers_.emplace_back(boost::asio::ip::address_v4::loopback(), kPort);
  hosts_.clear();
  std::ifstream hosts(options_.hosts);
  while (std::getline(hosts, line)) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::string address, name;
    if (!(words >> address)) continue;
    boost::system::error_code error;
    Address parsed = boost::asio::ip::make_address(address, error);
    while (!error && words >> name) hosts_[canonical_host(name)].push_back(plain(parsed));
  }
}

Task<Result<std::vector<Address>>> DnsResolver::resolve(std::string host) {
  if (host.ends_with('.')) host.pop_back();
  if (auto address = numeric(host)) co_return std::vector<Address>{*address};
  std::string name = canonical_host(host);
  if (!is_dns_name(name)) co_return fail(no_address());
  refresh();
  if (auto found = hosts_.find(name); found != hosts_.end()) co_return found->second;
  if (name == "localhost" || name.ends_with(".localhost")) {
    co_return std::vector<Address>{boost::asio::ip::address_v4::loopback(),
                                   boost::asio::ip::address_v6::loopback()};
  }
  co_return co_await look_up(std::move(name));
}

Task<Result<std::vector<Address>>> DnsResolver::look_up(std::string name) {
  // Shared: a family that is not waited for any more still ends some time.
  auto lookup = std::make_shared<Lookup>(loop_);
  auto begin = [&](RecordType type, std::optional<Answer> Lookup::* place) {
    asio::co_spawn(loop_, ask_servers(servers_, name, type),
                   [lookup, place](std::exception_ptr thrown, Answer answer) {
                     CHECK(!thrown);
                     (*lookup).*place = std::move(answer);
                     lookup->changed.cancel();
                   });
  };
  begin(RecordType::A, &Lookup::v4);
  begin(RecordType::Aaaa, &Lookup::v6);
  auto enough = std::chrono::steady_clock::time_point::max();
  while (!(lookup->v4 && lookup->v6)) {
    auto now = std::chrono::steady_clock::now();
    if (lookup->has_addresses()) enough = std::min(enough, now + kOtherFamily);
    if (now >= enough) break;
    lookup->changed.expires_at(enough);
    co_await lookup->changed.async_wait(kAwaitTuple);
  }
  std::vector<Address> addresses;
  const Error* error = nullptr;
  // IPv4 first: not every machine has a way to the other.
  for (const auto* answer : {&lookup->v4, &lookup->v6}) {
    if (!*answer) continue;
    if (!**answer) {
      error = &(**answer).error();
      continue;
    }
    for (const Address& address : (**answer)->addresses) {
      bool is_new = std::ranges::find(addresses, address) == addresses.end();
      if (is_new && addresses.size() < kMaxAddresses) addresses.push_back(address);
    }
  }
  if (!addresses.empty()) co_return addresses;
  co_return fail(error ? *error : no_address());
}

Task<DnsResolver::Answer> DnsResolver::ask_servers(std::vector<Endpoint> servers, std::string name,
                                                   RecordType type) {
  for (unsigned round = 0; round < options_.rounds; ++round) {
    for (const Endpoint& server : servers) {
      DnsQuestion question{random_id(), name, type};
      auto answer = co_await ask(server, question);
      if (answer && answer->kind == DnsAnswer::Kind::Truncated) {
        answer = co_await ask_by_tcp(server, question);
      }
      if (!answer) continue;
      if (answer->kind == DnsAnswer::Kind::Answered ||
          answer->kind == DnsAnswer::Kind::NoSuchName) {
        co_return *std::move(answer);
      }
    }
  }
  co_return fail(Error(ErrorKind::Unavailable, "the name could not be looked up"));
}

// From a port of its own, so that only the server can answer without guessing.
Task<std::optional<DnsAnswer>> DnsResolver::ask(Endpoint server, DnsQuestion question) {
  auto socket = std::make_shared<udp::socket>(loop_);
  boost::system::error_code error;
  socket->open(server.protocol(), error);
  if (!error) socket->connect(server, error);
  if (error) co_return std::nullopt;
  Deadline<udp::socket> deadline(loop_, socket, options_.attempt);
  std::string query = dns_query(question);
  auto [not_sent, sent] = co_await socket->async_send(asio::buffer(query), kAwaitTuple);
  if (not_sent) co_return std::nullopt;
  std::string packet(kMaxPacketBytes, '\0');
  for (unsigned i = 0; i < kMaxStrangePackets; ++i) {
    auto [lost, size] = co_await socket->async_receive(asio::buffer(packet), kAwaitTuple);
    if (lost) co_return std::nullopt;
    auto answer = parse_dns_answer(std::string_view(packet).substr(0, size), question);
    if (answer) co_return answer;
  }
  co_return std::nullopt;
}

Task<std::optional<DnsAnswer>> DnsResolver::ask_by_tcp(Endpoint server, DnsQuestion question) {
  auto socket = std::make_shared<tcp::socket>(loop_);
  Deadline<tcp::socket> deadline(loop_, socket, options_.attempt);
  tcp::endpoint endpoint(server.address(), server.port());
  auto [unreachable] = co_await socket->async_connect(endpoint, kAwaitTuple);
  if (unreachable) co_return std::nullopt;
  std::string query = dns_query(question);
  std::string framed{static_cast<char>(query.size() >> 8), static_cast<char>(query.size() & 0xff)};
  framed += query;
  auto [not_sent, sent] = co_await asio::async_write(*socket, asio::buffer(framed), kAwaitTuple);
  if (not_sent) co_return std::nullopt;
  unsigned char length[2];
  auto [no_length, two] = co_await asio::async_read(*socket, asio::buffer(length), kAwaitTuple);
  if (no_length) co_return std::nullopt;
  std::string packet(static_cast<std::size_t>(length[0] << 8 | length[1]), '\0');
  auto [lost, size] = co_await asio::async_read(*socket, asio::buffer(packet), kAwaitTuple);
  if (lost) co_return std::nullopt;
  auto answer = parse_dns_answer(packet, question);
  // What is cut off here too must not be taken for all.
  if (answer && answer->kind == DnsAnswer::Kind::Truncated) co_return std::nullopt;
  co_return answer;
}

}  // namespace atoll::egress
