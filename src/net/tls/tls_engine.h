// What all TLS connections of the process share: settings, trusted certificates, sessions to
// resume. Internal to net/tls.
#pragma once

#include <openssl/ssl.h>

#include <boost/asio/io_context.hpp>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/result.h"
#include "net/connector.h"
#include "net/tls/tls_client.h"

namespace atoll::net {

template <auto free_function>
struct OpensslFree {
  template <typename T>
  void operator()(T* object) const {
    free_function(object);
  }
};
using SslPointer = std::unique_ptr<SSL, OpensslFree<SSL_free>>;
using SslContextPointer = std::unique_ptr<SSL_CTX, OpensslFree<SSL_CTX_free>>;
using SslSessionPointer = std::unique_ptr<SSL_SESSION, OpensslFree<SSL_SESSION_free>>;

// Sessions by whom they were made with and for; each is used once, as TLS 1.3 wants it.
class SessionCache {
 public:
  static constexpr std::size_t kMaxSessions = 1'024;

  void put(const std::string& key, SslSessionPointer session);
  SslSessionPointer take(const std::string& key);  // null: none

 private:
  struct Kept {
    std::string key;
    SslSessionPointer session;
  };
  std::list<Kept> newest_first_;
  std::unordered_map<std::string, std::list<Kept>::iterator> by_key_;
};

class TlsEngine {
 public:
  explicit TlsEngine(boost::asio::io_context& loop) : loop_(loop) {}

  void trust(TlsClient::ReadCertificates certificates) { certificates_ = std::move(certificates); }

  // A client connection, ready to shake hands; `key` names its sessions.
  Result<SslPointer> new_client(const TlsOptions& options, const std::string& key);
  static std::string session_key(const TlsOptions& options, const std::string& owner);

  SessionCache& sessions() { return sessions_; }
  boost::asio::io_context& loop() { return loop_; }

 private:
  Result<SSL_CTX*> context();

  boost::asio::io_context& loop_;
  TlsClient::ReadCertificates certificates_;  // null when they were read
  SslContextPointer context_;                 // null until the first connection
  SessionCache sessions_;
};

}  // namespace atoll::net
