#include "apps/isolate_host/supervised_connector.h"

#include "net/tcp_stream.h"

namespace atoll::host {
namespace {

border::OutgoingApi border_api(net::Api api) {
  switch (api) {
    case net::Api::Fetch:
      return border::OutgoingApi::Fetch;
    case net::Api::Connect:
      return border::OutgoingApi::Connect;
    case net::Api::WebSocket:
      return border::OutgoingApi::WebSocket;
    case net::Api::EventSource:
      return border::OutgoingApi::EventSource;
  }
  return border::OutgoingApi::Fetch;
}

// Sessions are shared by connections of one script only.
std::string session_owner(const net::Asker& asker) { return std::to_string(asker.script_version); }

}  // namespace

void SupervisedConnector::connect(net::Asker asker, net::Target target, ConnectDone done) {
  border::Connect request{
      asker.script_version,       border_api(asker.api), asker.method,
      std::move(target.host),     target.port,           std::move(asker.handler),
      std::move(asker.request_id)};
  link_.connect(std::move(request),
                [this, owner = session_owner(asker), tls = std::move(target.tls),
                 done = std::move(done)](Result<border::SupervisorLink::Opened> opened) mutable {
                  if (!opened) return done(fail(std::move(opened.error())));
                  net::Connection made;
                  made.stream = std::make_unique<net::TcpStream>(loop_, std::move(opened->socket));
                  made.remote_address = std::move(opened->connection.remote_address);
                  made.local_address = std::move(opened->connection.local_address);
                  made.is_for_method = opened->connection.is_for_method;
                  if (!tls) return done(std::move(made));
                  auto plain = std::move(made.stream);
                  tls_.start(std::move(plain), *std::move(tls), owner,
                             [made = std::move(made), done = std::move(done)](
                                 Result<std::unique_ptr<net::Stream>> secured) mutable {
                               if (!secured) return done(fail(std::move(secured.error())));
                               made.stream = std::move(*secured);
                               done(std::move(made));
                             });
                });
}

void SupervisedConnector::start_tls(net::Asker asker, std::unique_ptr<net::Stream> plain,
                                    net::TlsOptions options, TlsDone done) {
  tls_.start(std::move(plain), std::move(options), session_owner(asker), std::move(done));
}

}  // namespace atoll::host
