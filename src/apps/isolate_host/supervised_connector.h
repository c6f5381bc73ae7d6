// net::Connector over the process border: the supervisor resolves, decides and connects.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>

#include "net/connector.h"
#include "net/tls/tls_client.h"
#include "sandbox/border/supervisor_link.h"

namespace atoll::host {

class SupervisedConnector final : public net::Connector {
 public:
  // All outlive the connector, which outlives the calls it was given.
  SupervisedConnector(boost::asio::io_context& loop, border::SupervisorLink& link,
                      net::TlsClient& tls)
      : loop_(loop), link_(link), tls_(tls) {}

  void connect(net::Asker asker, net::Target target, ConnectDone done) override;
  void start_tls(net::Asker asker, std::unique_ptr<net::Stream> plain, net::TlsOptions options,
                 TlsDone done) override;

 private:
  boost::asio::io_context& loop_;
  border::SupervisorLink& link_;
  net::TlsClient& tls_;
};

}  // namespace atoll::host
