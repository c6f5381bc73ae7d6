// TLS as the client, over any Stream. One per process; one thread.
//
// Servers are verified against the certificates given at the start and the name asked for, always.
// TLS 1.2 and 1.3. Sessions are resumed, but never across owners: a server must not learn that two
// tenants are neighbours.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "net/connector.h"
#include "net/stream.h"

namespace atoll::net {

class TlsEngine;

class TlsClient {
 public:
  explicit TlsClient(boost::asio::io_context& loop);
  ~TlsClient();

  // PEM, asked for once, when the first connection is made. Without any, no server is trusted.
  using ReadCertificates = std::move_only_function<std::string()>;
  // Before the first start().
  void trust(ReadCertificates certificates);

  using Done = std::move_only_function<void(Result<std::unique_ptr<Stream>>)>;
  // Shakes hands over `plain`, which has no call under way. `done` runs once, from the loop, within
  // kHandshakeTimeout. Errors: Unavailable, with a message fit for tenant code.
  void start(std::unique_ptr<Stream> plain, TlsOptions options, std::string owner, Done done);

  static constexpr std::chrono::seconds kHandshakeTimeout{15};

 private:
  std::shared_ptr<TlsEngine> engine_;
};

}  // namespace atoll::net
