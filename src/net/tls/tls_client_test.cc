#include "net/tls/tls_client.h"

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <sys/socket.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <thread>

#include "net/tcp_stream.h"
#include "net/tls/tls_engine.h"

namespace atoll::net {
namespace {

struct Identity {
  EVP_PKEY* key = nullptr;
  X509* certificate = nullptr;
  std::string pem;
};

Identity make_identity(const char* names, long valid_from = -3600, long valid_to = 3600) {
  Identity made;
  made.key = EVP_EC_gen("P-256");
  made.certificate = X509_new();
  X509* certificate = made.certificate;
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), valid_from);
  X509_gmtime_adj(X509_getm_notAfter(certificate), valid_to);
  X509_set_pubkey(certificate, made.key);
  X509_NAME* subject = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("a test"), -1, -1, 0);
  X509_set_issuer_name(certificate, subject);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
  X509_sign(certificate, made.key, EVP_sha256());
  BIO* out = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(out, certificate);
  char* bytes = nullptr;
  long size = BIO_get_mem_data(out, &bytes);
  made.pem.assign(bytes, static_cast<std::size_t>(size));
  BIO_free(out);
  return made;
}

const Identity& trusted() {
  static const Identity identity = make_identity("DNS:server.example,IP:192.0.2.7");
  return identity;
}

// Speaks TLS as a server at one end of a socket pair, on a thread of its own.
class Server {
 public:
  using Serve = std::function<void(SSL*, int socket)>;

  explicit Server(const Identity& identity) : context_(SSL_CTX_new(TLS_server_method())) {
    SSL_CTX_use_certificate(context_.get(), identity.certificate);
    SSL_CTX_use_PrivateKey(context_.get(), identity.key);
    SSL_CTX_set_session_id_context(context_.get(), reinterpret_cast<const unsigned char*>("t"), 1);
    SSL_CTX_set_alpn_select_cb(
        context_.get(),
        [](SSL*, const unsigned char** out, unsigned char* size, const unsigned char* offered,
           unsigned length, void*) {
          static constexpr unsigned char kOurs[] = "\x08http/1.1";
          auto picked = const_cast<unsigned char**>(out);
          int result = SSL_select_next_proto(picked, size, kOurs, 9, offered, length);
          return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
        },
        nullptr);
  }
  ~Server() { join(); }

  SSL_CTX* context() { return context_.get(); }

  // The client's end. Waits for an earlier client's service to end.
  UniqueFd accept(Serve serve) {
    join();
    int pair[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    thread_ = std::thread([this, serve = std::move(serve), socket = UniqueFd(pair[1])] {
      SslPointer ssl(SSL_new(context_.get()));
      SSL_set_fd(ssl.get(), socket.get());
      reused = false;
      if (SSL_accept(ssl.get()) == 1) {
        reused = SSL_session_reused(ssl.get()) == 1;
        serve(ssl.get(), socket.get());
      }
      ERR_clear_error();
    });
    return UniqueFd(pair[0]);
  }
  void join() {
    if (thread_.joinable()) thread_.join();
  }

  std::atomic<bool> reused = false;  // the last client came back with a session

 private:
  SslContextPointer context_;
  std::thread thread_;
};

void echo(SSL* ssl, int) {
  char bytes[16 << 10];
  for (int size; (size = SSL_read(ssl, bytes, sizeof bytes)) > 0;) SSL_write(ssl, bytes, size);
  SSL_shutdown(ssl);
}

class TlsClientTest : public testing::Test {
 protected:
  TlsClientTest() {
    ::signal(SIGPIPE, SIG_IGN);  // of the server's writes
    client_.trust([] { return trusted().pem; });
  }

  Result<std::unique_ptr<Stream>> start(UniqueFd socket, TlsOptions options,
                                        std::string owner = "owner") {
    std::optional<Result<std::unique_ptr<Stream>>> started;
    client_.start(std::make_unique<TcpStream>(loop_, std::move(socket)), std::move(options),
                  std::move(owner), [&](Result<std::unique_ptr<Stream>> stream) {
                    EXPECT_FALSE(started);
                    started = std::move(stream);
                  });
    EXPECT_FALSE(started);
    run_until([&] { return started.has_value(); });
    return std::move(*started);
  }
  Result<std::unique_ptr<Stream>> start(Server& server, Server::Serve serve,
                                        std::string owner = "owner") {
    return start(server.accept(std::move(serve)), {"server.example", {}}, std::move(owner));
  }
  std::string refusal(Server& server, std::string name) {
    auto started = start(server.accept(echo), {std::move(name), {}});
    return started ? "accepted" : started.error().message();
  }

  Result<std::string> read(Stream& stream) {
    std::optional<Result<std::string>> read;
    stream.read([&](Result<std::string> bytes) { read = std::move(bytes); });
    run_until([&] { return read.has_value(); });
    return std::move(*read);
  }
  Result<void> write(Stream& stream, std::string bytes) {
    std::optional<Result<void>> written;
    stream.write(std::move(bytes), [&](Result<void> done) { written = std::move(done); });
    run_until([&] { return written.has_value(); });
    return std::move(*written);
  }
  Result<void> shutdown(Stream& stream) {
    std::optional<Result<void>> done;
    stream.shutdown_write([&](Result<void> result) { done = std::move(result); });
    run_until([&] { return done.has_value(); });
    return std::move(*done);
  }
  std::string exchange(Stream& stream, std::string text) {
    EXPECT_TRUE(write(stream, text));
    std::string got;
    while (got.size() < text.size()) {
      auto bytes = read(stream);
      if (!bytes || bytes->empty()) break;
      got += *bytes;
    }
    return got;
  }
  void run_until(const std::function<bool()>& condition) {
    auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!condition() && std::chrono::steady_clock::now() < end) {
      loop_.restart();
      loop_.run_one_for(std::chrono::milliseconds(50));
    }
    ASSERT_TRUE(condition());
  }

  boost::asio::io_context loop_{1};
  TlsClient client_{loop_};
};

TEST_F(TlsClientTest, BytesGoThereAndComeBack) {
  Server server(trusted());
  auto stream = start(server, echo);
  ASSERT_TRUE(stream) << stream.error().message();
  EXPECT_EQ((*stream)->protocol(), "");
  EXPECT_EQ(exchange(**stream, "hello"), "hello");

  EXPECT_TRUE(shutdown(**stream));
  auto end = read(**stream);
  ASSERT_TRUE(end);
  EXPECT_EQ(*end, "");
  end = read(**stream);
  EXPECT_TRUE(end && end->empty());
}

TEST_F(TlsClientTest, LargeWritesAndReadsPassWhole) {
  Server server(trusted());
  auto stream = start(server, echo);
  ASSERT_TRUE(stream);
  std::string large(3 << 20, 'x');
  bool written = false;
  (*stream)->write(large, [&](Result<void> done) { written = done.has_value(); });
  std::size_t received = 0;
  while (received < large.size()) {
    auto bytes = read(**stream);
    ASSERT_TRUE(bytes && !bytes->empty());
    EXPECT_LE(bytes->size(), Stream::kMaxReadBytes);
    received += bytes->size();
  }
  run_until([&] { return written; });
}

TEST_F(TlsClientTest, TheNameMustBeInTheCertificate) {
  Server server(trusted());
  EXPECT_EQ(refusal(server, "server.example"), "accepted");
  EXPECT_EQ(refusal(server, "192.0.2.7"), "accepted");
  EXPECT_EQ(refusal(server, "other.example"),
            "TLS: the server's certificate is not accepted: hostname mismatch");
  EXPECT_EQ(refusal(server, "192.0.2.8"),
            "TLS: the server's certificate is not accepted: IP address mismatch");
  EXPECT_EQ(refusal(server, ""), "TLS: this server name cannot be used");
  EXPECT_EQ(refusal(server, std::string(300, 'a')), "TLS: this server name cannot be used");
}

TEST_F(TlsClientTest, SomebodyTrustedMustVouchForIt) {
  Server unknown(make_identity("DNS:server.example"));
  EXPECT_EQ(refusal(unknown, "server.example"),
            "TLS: the server's certificate is not accepted: self-signed certificate");
}

TEST_F(TlsClientTest, AnExpiredCertificateIsNotAccepted) {
  Identity old = make_identity("DNS:server.example", -7200, -3600);
  client_.trust([pem = old.pem] { return pem; });
  Server server(old);
  EXPECT_EQ(refusal(server, "server.example"),
            "TLS: the server's certificate is not accepted: certificate has expired");
}

TEST_F(TlsClientTest, AProtocolIsAgreedOn) {
  Server server(trusted());
  auto stream = start(server.accept(echo), {"server.example", {"h2", "http/1.1"}});
  ASSERT_TRUE(stream);
  EXPECT_EQ((*stream)->protocol(), "http/1.1");
}

TEST_F(TlsClientTest, SessionsAreResumedButNotAcrossOwners) {
  Server server(trusted());
  auto visit = [&](std::string owner) {
    auto stream = start(server, echo, std::move(owner));
    ASSERT_TRUE(stream);
    EXPECT_EQ(exchange(**stream, "x"), "x");  // the ticket comes with it
    stream->reset();
    server.join();
  };
  visit("one");
  EXPECT_FALSE(server.reused);
  visit("one");
  EXPECT_TRUE(server.reused);
  visit("two");
  EXPECT_FALSE(server.reused);
  visit("one");
  EXPECT_TRUE(server.reused);
}

TEST_F(TlsClientTest, AnEndWithoutNoticeIsAnError) {
  Server server(trusted());
  auto stream = start(server, [](SSL* ssl, int socket) {
    SSL_write(ssl, "part", 4);
    ::shutdown(socket, SHUT_RDWR);
  });
  ASSERT_TRUE(stream);
  auto bytes = read(**stream);
  ASSERT_TRUE(bytes);
  EXPECT_EQ(*bytes, "part");
  for (int i = 0; i < 2; ++i) {
    bytes = read(**stream);
    ASSERT_FALSE(bytes);
    EXPECT_EQ(bytes.error().message(), "Network connection lost.");
  }
  EXPECT_FALSE(write(**stream, "x"));
}

TEST_F(TlsClientTest, GarbageBreaksTheConnectionOff) {
  Server server(trusted());
  auto stream = start(server, [](SSL*, int socket) {
    ::send(socket, "this is no record at all", 24, MSG_NOSIGNAL);
  });
  ASSERT_TRUE(stream);
  EXPECT_FALSE(read(**stream));
}

TEST_F(TlsClientTest, AServerThatSpeaksSomethingElseFailsTheHandshake) {
  for (std::string_view said : {"HTTP/1.1 400 Bad Request\r\n\r\n", ""}) {
    int pair[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    UniqueFd peer(pair[1]);
    ::send(peer.get(), said.data(), said.size(), MSG_NOSIGNAL);
    ::shutdown(peer.get(), SHUT_WR);
    auto started = start(UniqueFd(pair[0]), {"server.example", {}});
    ASSERT_FALSE(started);
    EXPECT_TRUE(started.error().message().starts_with("TLS: ")) << started.error().message();
  }
}

TEST_F(TlsClientTest, OldVersionsAreRefused) {
  Server server(trusted());
  SSL_CTX_set_min_proto_version(server.context(), TLS1_1_VERSION);
  SSL_CTX_set_max_proto_version(server.context(), TLS1_1_VERSION);
  EXPECT_TRUE(refusal(server, "server.example").starts_with("TLS: the handshake failed"));
}

TEST_F(TlsClientTest, ACancelledReadLosesNothing) {
  Server server(trusted());
  auto stream = start(server, echo);
  ASSERT_TRUE(stream);
  (*stream)->read([](Result<std::string>) { ADD_FAILURE(); });
  (*stream)->cancel_read();
  EXPECT_TRUE(write(**stream, "kept"));
  auto bytes = read(**stream);
  ASSERT_TRUE(bytes);
  EXPECT_EQ(*bytes, "kept");
}

TEST_F(TlsClientTest, ACallbackMayDestroyTheStream) {
  Server server(trusted());
  auto stream = start(server, echo);
  ASSERT_TRUE(stream);
  bool called = false;
  (*stream)->read([&](Result<std::string>) {
    called = true;
    stream->reset();
  });
  (*stream)->write("x", [](Result<void>) {});
  run_until([&] { return called; });
  EXPECT_FALSE(*stream);
}

TEST_F(TlsClientTest, DestroyingSaysGoodbye) {
  Server server(trusted());
  std::atomic<int> error = -1;
  auto stream = start(server, [&](SSL* ssl, int) {
    char byte;
    SSL_read(ssl, &byte, 1);
    int result = SSL_read(ssl, &byte, 1);
    error = SSL_get_error(ssl, result);
  });
  ASSERT_TRUE(stream);
  EXPECT_TRUE(write(**stream, "x"));
  stream->reset();
  server.join();
  EXPECT_EQ(error, SSL_ERROR_ZERO_RETURN);
}

}  // namespace
}  // namespace atoll::net
