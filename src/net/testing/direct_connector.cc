#include "net/testing/direct_connector.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

#include "net/tcp_stream.h"

namespace atoll::net {

using boost::asio::ip::tcp;

void DirectConnector::connect(Asker, Target target, ConnectDone done) {
  connected.push_back(target);
  if (failure) {
    boost::asio::post(loop_, [error = *failure, done = std::move(done)]() mutable {
      done(fail(std::move(error)));
    });
    return;
  }
  auto socket = std::make_shared<tcp::socket>(loop_);
  tcp::endpoint server(boost::asio::ip::address_v4::loopback(), target.port);
  socket->async_connect(server, [this, socket, server,
                                 done = std::move(done)](boost::system::error_code error) mutable {
    if (error) return done(fail(Error(ErrorKind::Unavailable, "the connection was refused")));
    auto address = [](const tcp::endpoint& endpoint) {
      return endpoint.address().to_string() + ":" + std::to_string(endpoint.port());
    };
    Connection made;
    made.remote_address = address(server);
    made.local_address = address(socket->local_endpoint());
    made.stream = std::make_unique<TcpStream>(loop_, UniqueFd(socket->release()));
    done(std::move(made));
  });
}

void DirectConnector::start_tls(Asker, std::unique_ptr<Stream> plain, TlsOptions options,
                                TlsDone done) {
  started_tls.push_back(std::move(options));
  boost::asio::post(loop_, [plain = std::move(plain), done = std::move(done)]() mutable {
    done(std::move(plain));
  });
}

}  // namespace atoll::net
