// Sends requests to origins over HTTP/1.1, one at a time on each connection, and keeps connections
// for the next request of the same asker.
//
// Everything happens on the event loop's thread. Bodies stream in both directions at once, each
// only as fast as its reader takes it.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <variant>

#include "async/byte_source.h"
#include "base/result.h"
#include "http/codec/header_block.h"
#include "http/codec/request_parser.h"
#include "net/connector.h"

namespace atoll::http {

struct ClientLimits {
  HeadLimits head = {.header_bytes = 128 << 10, .header_count = 256, .url_bytes = 8 << 10};
  std::size_t interim_responses = 16;  // 1xx before the response
  std::size_t idle_connections = 1000;
  std::size_t idle_connections_of_origin = 32;
  std::size_t opening_of_asker = 32;      // connections opened at once; further requests wait
  std::size_t waiting_of_asker = 10'000;  // requests that wait for that; more fail
  std::chrono::milliseconds idle{30'000};
  // A request that must not be sent twice takes a kept connection only if it is this fresh: the
  // origin may be about to close an older one.
  std::chrono::milliseconds fresh{3'000};
  // How long a body is held back for a `100 Continue` that was asked for.
  std::chrono::milliseconds continue_wait{1'000};
};

// Nothing, bytes at hand, or bytes still to come.
using ClientBody = std::variant<std::monostate, std::string, std::unique_ptr<ByteSource>>;

struct ClientRequest {
  net::Asker asker;
  net::Target target;
  std::string method;
  std::string path;         // "/path?query"
  std::string host_header;  // "name" or "name:port"
  HeaderBlock headers;
  ClientBody body;
  bool upgrade = false;  // asks for another protocol; the headers say which
};

struct ClientResponse {
  int status = 0;
  std::string reason;
  HeaderBlock headers;
  ClientBody body;
  // With status 101, which only a request with `upgrade` gets: the connection, and what the origin
  // has sent on it behind the response.
  std::unique_ptr<net::Stream> upgraded;
  std::string upgraded_input;
};

class ConnectionPool;
class OpeningQueue;
class ClientExchange;

// Interest in one answer. Destroying it before the answer gives the request up and closes its
// connection; afterwards it means nothing, and the response's body holds the connection.
class ClientCall {
 public:
  explicit ClientCall(std::shared_ptr<ClientExchange> exchange);
  ~ClientCall();
  ClientCall(const ClientCall&) = delete;
  ClientCall& operator=(const ClientCall&) = delete;

 private:
  std::weak_ptr<ClientExchange> exchange_;
};

class Client {
 public:
  // Both outlive the client and everything that came from it.
  Client(boost::asio::io_context& loop, net::Connector& connector, ClientLimits limits);
  ~Client();

  // Errors are fit for tenant code: those of net::Connector; Unavailable when the connection was
  // lost; InvalidInput when the request cannot be written or the answer is not HTTP.
  using Done = std::move_only_function<void(Result<ClientResponse>)>;

  // `done` runs once, from the loop, unless the call is destroyed first.
  std::unique_ptr<ClientCall> send(ClientRequest request, Done done);

  std::size_t idle_connections() const;

 private:
  boost::asio::io_context& loop_;
  net::Connector& connector_;
  const ClientLimits limits_;
  std::shared_ptr<ConnectionPool> pool_;
  std::shared_ptr<OpeningQueue> queue_;
};

}  // namespace atoll::http
