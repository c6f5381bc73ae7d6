// Asks name servers directly, without a thread for each question: lookups that are never answered
// cost a socket and a timer, and hold nobody else up.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "egress/dns/message.h"
#include "egress/resolver.h"

namespace atoll::egress {

class DnsResolver final : public Resolver {
 public:
  using Endpoint = boost::asio::ip::udp::endpoint;
  struct Options {
    std::vector<Endpoint> servers;  // none: those of `configuration`
    std::string configuration = "/etc/resolv.conf";
    std::string hosts = "/etc/hosts";  // names that win over every server
    std::chrono::milliseconds attempt{2'000};
    unsigned rounds = 2;  // through all servers
  };

  DnsResolver(boost::asio::io_context& loop, Options options);

  // Names as they are: search domains do not apply. "localhost" and what ends in ".localhost" is
  // this machine, whatever a server says.
  Task<Result<std::vector<Address>>> resolve(std::string host) override;

 private:
  using Answer = Result<DnsAnswer>;
  struct Lookup;

  Task<Answer> ask_servers(std::vector<Endpoint> servers, std::string name, RecordType type);
  Task<std::optional<DnsAnswer>> ask(Endpoint server, DnsQuestion question);
  Task<std::optional<DnsAnswer>> ask_by_tcp(Endpoint server, DnsQuestion question);
  Task<Result<std::vector<Address>>> look_up(std::string name);
  void refresh();

  boost::asio::io_context& loop_;
  const Options options_;
  std::chrono::steady_clock::time_point refreshed_;
  std::vector<Endpoint> servers_;
  std::map<std::string, std::vector<Address>> hosts_;
};

// "10.0.0.2", "10.0.0.2:5353", "[::1]:53".
Result<DnsResolver::Endpoint> parse_name_server(std::string_view text);

}  // namespace atoll::egress
