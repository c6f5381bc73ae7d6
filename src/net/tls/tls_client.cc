#include "net/tls/tls_client.h"

#include <boost/asio/post.hpp>

#include "net/tls/tls_session.h"

namespace atoll::net {
namespace {

class TlsStream final : public Stream {
 public:
  explicit TlsStream(std::shared_ptr<TlsSession> session) : session_(std::move(session)) {}
  ~TlsStream() override { session_->close(); }

  void read(ReadDone done) override { session_->read(std::move(done)); }
  void cancel_read() override { session_->cancel_read(); }
  void write(std::string bytes, Done done) override {
    session_->write(std::move(bytes), std::move(done));
  }
  void shutdown_write(Done done) override { session_->shutdown_write(std::move(done)); }
  const std::string& protocol() const override { return session_->protocol(); }

 private:
  std::shared_ptr<TlsSession> session_;
};

}  // namespace

TlsClient::TlsClient(boost::asio::io_context& loop) : engine_(std::make_shared<TlsEngine>(loop)) {}
TlsClient::~TlsClient() = default;

void TlsClient::trust(ReadCertificates certificates) { engine_->trust(std::move(certificates)); }

void TlsClient::start(std::unique_ptr<Stream> plain, TlsOptions options, std::string owner,
                      Done done) {
  std::string key = TlsEngine::session_key(options, owner);
  auto ssl = engine_->new_client(options, key);
  if (!ssl) {
    boost::asio::post(engine_->loop(),
                      [done = std::move(done), error = std::move(ssl.error())]() mutable {
                        done(fail(std::move(error)));
                      });
    return;
  }
  auto session =
      std::make_shared<TlsSession>(engine_, std::move(*ssl), std::move(plain), std::move(key));
  session->shake_hands(kHandshakeTimeout, [weak = std::weak_ptr(session),
                                           done = std::move(done)](Result<void> shaken) mutable {
    if (!shaken) return done(fail(std::move(shaken.error())));
    done(std::make_unique<TlsStream>(weak.lock()));
  });
}

}  // namespace atoll::net
