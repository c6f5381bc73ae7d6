#include "net/tls/tls_engine.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <boost/asio/ip/address.hpp>

#include "net/tls/tls_session.h"

namespace atoll::net {
namespace {

using BioPointer = std::unique_ptr<BIO, OpensslFree<BIO_free_all>>;
using CertificatePointer = std::unique_ptr<X509, OpensslFree<X509_free>>;

Error tls_unavailable(std::string_view what) {
  return Error(ErrorKind::Unavailable, "TLS: " + std::string(what));
}

void add_certificates(X509_STORE* store, const std::string& pem) {
  BioPointer in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  while (in) {
    CertificatePointer certificate(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr));
    if (!certificate) break;
    X509_STORE_add_cert(store, certificate.get());
  }
  ERR_clear_error();  // the end of the text is an error to OpenSSL
}

bool is_address(const std::string& host) {
  boost::system::error_code error;
  boost::asio::ip::make_address(host, error);
  return !error;
}

bool set_protocols(SSL* ssl, const std::vector<std::string>& protocols) {
  std::string wire;
  for (const std::string& protocol : protocols) {
    if (protocol.empty() || protocol.size() > 255) return false;
    wire.push_back(static_cast<char>(protocol.size()));
    wire += protocol;
  }
  if (wire.empty()) return true;
  auto bytes = reinterpret_cast<const unsigned char*>(wire.data());
  return SSL_set_alpn_protos(ssl, bytes, static_cast<unsigned>(wire.size())) == 0;
}

bool set_server(SSL* ssl, const std::string& name) {
  if (is_address(name)) {
    return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name.c_str()) == 1;
  }
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return SSL_set_tlsext_host_name(ssl, name.c_str()) == 1 && SSL_set1_host(ssl, name.c_str()) == 1;
}

}  // namespace

void SessionCache::put(const std::string& key, SslSessionPointer session) {
  take(key);
  newest_first_.push_front({key, std::move(session)});
  by_key_[key] = newest_first_.begin();
  if (newest_first_.size() <= kMaxSessions) return;
  by_key_.erase(newest_first_.back().key);
  newest_first_.pop_back();
}

SslSessionPointer SessionCache::take(const std::string& key) {
  auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  SslSessionPointer session = std::move(found->second->session);
  newest_first_.erase(found->second);
  by_key_.erase(found);
  return session;
}

std::string TlsEngine::session_key(const TlsOptions& options, const std::string& owner) {
  std::string key = owner + '\0' + options.server_name;
  for (const std::string& protocol : options.protocols) key += '\0' + protocol;
  return key;
}

Result<SSL_CTX*> TlsEngine::context() {
  if (context_) return context_.get();
  OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
  SslContextPointer context(SSL_CTX_new(TLS_client_method()));
  if (!context) return fail(tls_unavailable("not available"));
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context.get(), TlsSession::on_new_session);
  if (auto read = std::exchange(certificates_, nullptr)) {
    add_certificates(SSL_CTX_get_cert_store(context.get()), read());
  }
  context_ = std::move(context);
  return context_.get();
}

Result<SslPointer> TlsEngine::new_client(const TlsOptions& options, const std::string& key) {
  SslPointer ssl(SSL_new(TRY(context())));
  if (!ssl || !set_server(ssl.get(), options.server_name) ||
      !set_protocols(ssl.get(), options.protocols)) {
    ERR_clear_error();
    return fail(tls_unavailable("this server name cannot be used"));
  }
  if (SslSessionPointer session = sessions_.take(key)) SSL_set_session(ssl.get(), session.get());
  SSL_set_connect_state(ssl.get());
  return ssl;
}

}  // namespace atoll::net
