#include "egress/resolver.h"

#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "async/offload.h"

namespace atoll::egress {
namespace {

namespace ip = boost::asio::ip;

constexpr std::size_t kThreads = 32;       // a lookup may hold one for seconds
constexpr std::size_t kMaxAddresses = 16;  // of one name

std::optional<Address> address_of(const sockaddr* from) {
  if (from->sa_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, from, sizeof in);
    return ip::address_v4(ntohl(in.sin_addr.s_addr));
  }
  if (from->sa_family == AF_INET6) {
    sockaddr_in6 in{};
    std::memcpy(&in, from, sizeof in);
    ip::address_v6::bytes_type bytes;
    std::memcpy(bytes.data(), &in.sin6_addr, bytes.size());
    return plain(ip::address_v6(bytes));
  }
  return std::nullopt;
}

Result<std::vector<Address>> look_up(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  int error = ::getaddrinfo(host.c_str(), nullptr, &hints, &list);
  if (error == EAI_NONAME || error == EAI_NODATA) {
    return fail(not_found("there is no address for this name"));
  }
  if (error != 0) return fail(Error(ErrorKind::Unavailable, "the name could not be looked up"));
  std::vector<Address> addresses;
  for (addrinfo* entry = list; entry && addresses.size() < kMaxAddresses; entry = entry->ai_next) {
    auto address = address_of(entry->ai_addr);
    if (address && std::ranges::find(addresses, *address) == addresses.end()) {
      addresses.push_back(*address);
    }
  }
  ::freeaddrinfo(list);
  if (addresses.empty()) return fail(not_found("there is no address for this name"));
  return addresses;
}

}  // namespace

SystemResolver::~SystemResolver() {
  if (threads_) threads_->stop();
}

Task<Result<std::vector<Address>>> SystemResolver::resolve(std::string host) {
  boost::system::error_code not_numeric;
  Address numeric = ip::make_address(host, not_numeric);
  if (!not_numeric) co_return std::vector<Address>{plain(numeric)};
  if (!threads_) threads_.emplace(kThreads);
  co_return co_await offload(threads_->get_executor(),
                             [host = std::move(host)] { return look_up(host); });
}

}  // namespace atoll::egress
