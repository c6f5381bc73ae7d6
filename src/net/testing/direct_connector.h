// A connector for tests: connects by itself, to IPv4 loopback whatever the host, without rules and
// without TLS.
#pragma once

#include <boost/asio/io_context.hpp>
#include <vector>

#include "net/connector.h"

namespace atoll::net {

class DirectConnector final : public Connector {
 public:
  explicit DirectConnector(boost::asio::io_context& loop) : loop_(loop) {}

  void connect(Asker asker, Target target, ConnectDone done) override;
  // Hands the plain stream back, so that a test can tell by `started_tls` alone.
  void start_tls(Asker asker, std::unique_ptr<Stream> plain, TlsOptions options,
                 TlsDone done) override;

  std::optional<Error> failure;  // of every call from now on
  std::vector<Target> connected;
  std::vector<TlsOptions> started_tls;

 private:
  boost::asio::io_context& loop_;
};

}  // namespace atoll::net
