#include "net/tls/tls_session.h"

#include <openssl/err.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>

#include "base/check.h"
#include "net/tcp_stream.h"

namespace atoll::net {
namespace {

// Plain bytes of one read() come together here.
std::array<char, Stream::kMaxReadBytes>& plain_buffer() {
  thread_local std::array<char, Stream::kMaxReadBytes> buffer;
  return buffer;
}

}  // namespace

TlsSession::TlsSession(std::shared_ptr<TlsEngine> engine, SslPointer ssl,
                       std::unique_ptr<Stream> plain, std::string key)
    : engine_(std::move(engine)),
      ssl_(std::move(ssl)),
      plain_(std::move(plain)),
      key_(std::move(key)),
      in_(BIO_new(BIO_s_mem())),
      out_(BIO_new(BIO_s_mem())),
      timer_(engine_->loop()) {
  SSL_set_bio(ssl_.get(), in_, out_);
  SSL_set_app_data(ssl_.get(), this);
}

int TlsSession::on_new_session(SSL* ssl, SSL_SESSION* session) {
  auto self = static_cast<TlsSession*>(SSL_get_app_data(ssl));
  self->engine_->sessions().put(self->key_, SslSessionPointer(session));
  return 1;  // the session is ours now
}

void TlsSession::on_loop(void (TlsSession::*step)()) {
  boost::asio::post(engine_->loop(), [self = shared_from_this(), step] {
    if (self->plain_) (self.get()->*step)();
  });
}

// ---- The handshake ------------------------------------------------------------------------------

void TlsSession::shake_hands(std::chrono::milliseconds within, HandshakeDone done) {
  handshake_done_ = std::move(done);
  timer_.expires_after(within);
  timer_.async_wait([self = shared_from_this()](boost::system::error_code error) {
    if (error || !self->handshake_done_) return;
    self->finish_handshake(fail(Error(ErrorKind::Unavailable, "TLS: the handshake timed out")));
  });
  on_loop(&TlsSession::continue_handshake);
}

void TlsSession::continue_handshake() {
  ERR_clear_error();
  int result = SSL_do_handshake(ssl_.get());
  if (result == 1) {
    const unsigned char* name = nullptr;
    unsigned length = 0;
    SSL_get0_alpn_selected(ssl_.get(), &name, &length);
    if (length > 0) protocol_.assign(reinterpret_cast<const char*>(name), length);
    phase_ = Phase::Open;
    push_output();
    return finish_handshake({});
  }
  if (SSL_get_error(ssl_.get(), result) == SSL_ERROR_WANT_READ) {
    push_output();
    return want_input();
  }
  Error error = handshake_error();
  push_output();  // the alert, which says why
  finish_handshake(fail(std::move(error)));
}

Error TlsSession::handshake_error() const {
  long verified = SSL_get_verify_result(ssl_.get());
  std::string message = "TLS: ";
  if (verified != X509_V_OK) {
    message += std::string("the server's certificate is not accepted: ") +
               X509_verify_cert_error_string(verified);
  } else if (const char* reason = ERR_reason_error_string(ERR_peek_last_error())) {
    message += std::string("the handshake failed: ") + reason;
  } else {
    message += "the server closed the connection during the handshake";
  }
  ERR_clear_error();
  return Error(ErrorKind::Unavailable, std::move(message));
}

void TlsSession::finish_handshake(Result<void> result) {
  auto self = shared_from_this();
  timer_.cancel();
  if (!result) {
    phase_ = Phase::Broken;
    plain_.reset();
  }
  std::exchange(handshake_done_, nullptr)(std::move(result));
}

// ---- Reading ------------------------------------------------------------------------------------

void TlsSession::read(Stream::ReadDone done) {
  CHECK(!read_done_);
  read_done_ = std::move(done);
  bool ended = SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN;
  if (ended || phase_ == Phase::Broken || SSL_pending(ssl_.get()) > 0 ||
      BIO_ctrl_pending(in_) > 0) {
    return on_loop(&TlsSession::advance);
  }
  want_input();
}

void TlsSession::want_input() {
  if (reading_) return;
  // A server that sends what must be answered and does not read the answers is not listened to.
  input_waits_for_output_ = writing_ && backlog() > kMaxBacklogBytes;
  if (input_waits_for_output_) return;
  reading_ = true;
  plain_->read([self = shared_from_this()](Result<std::string> bytes) {
    self->reading_ = false;
    self->on_input(std::move(bytes));
  });
}

void TlsSession::on_input(Result<std::string> bytes) {
  if (!plain_) return;
  if (!bytes) return break_off();
  if (bytes->empty()) {
    BIO_set_mem_eof_return(in_, 0);
  } else {
    BIO_write(in_, bytes->data(), static_cast<int>(bytes->size()));
  }
  advance();
}

void TlsSession::advance() {
  if (phase_ == Phase::Handshake) return continue_handshake();
  if (read_done_) try_read();
}

void TlsSession::try_read() {
  if (phase_ == Phase::Broken) return break_off();
  auto& buffer = plain_buffer();
  std::size_t size = 0;
  int error = SSL_ERROR_NONE;
  while (size < buffer.size()) {
    ERR_clear_error();
    std::size_t got = 0;
    int result = SSL_read_ex(ssl_.get(), buffer.data() + size, buffer.size() - size, &got);
    if (result != 1) {
      error = SSL_get_error(ssl_.get(), result);
      break;
    }
    size += got;
  }
  push_output();
  if (size == 0 && error == SSL_ERROR_WANT_READ) return want_input();
  if (size == 0 && error != SSL_ERROR_ZERO_RETURN) return break_off();
  if (error != SSL_ERROR_NONE && error != SSL_ERROR_WANT_READ && error != SSL_ERROR_ZERO_RETURN) {
    phase_ = Phase::Broken;  // told by the next read
  }
  ERR_clear_error();
  std::exchange(read_done_, nullptr)(std::string(buffer.data(), size));
}

// The connection is unusable: who waits hears of it.
void TlsSession::break_off() {
  auto self = shared_from_this();
  ERR_clear_error();
  if (phase_ == Phase::Handshake && handshake_done_)
    return finish_handshake(fail(connection_lost()));
  phase_ = Phase::Broken;
  if (read_done_) std::exchange(read_done_, nullptr)(fail(connection_lost()));
  if (plain_ && write_done_ && !writing_) finish_write(fail(connection_lost()));
}

// ---- Writing ------------------------------------------------------------------------------------

void TlsSession::write(std::string bytes, Stream::Done done) {
  CHECK(!write_done_);
  write_done_ = std::move(done);
  output_ = std::move(bytes);
  encrypted_ = 0;
  on_loop(&TlsSession::continue_write);
}

void TlsSession::shutdown_write(Stream::Done done) {
  CHECK(!write_done_);
  write_done_ = std::move(done);
  ending_ = Ending::Asked;
  on_loop(&TlsSession::continue_write);
}

std::size_t TlsSession::backlog() const { return BIO_ctrl_pending(out_); }

void TlsSession::push_output() {
  if (writing_ || !plain_ || backlog() == 0) return;
  std::string ciphertext(backlog(), '\0');
  BIO_read(out_, ciphertext.data(), static_cast<int>(ciphertext.size()));
  writing_ = true;
  plain_->write(std::move(ciphertext), [self = shared_from_this()](Result<void> written) {
    self->writing_ = false;
    self->on_output(std::move(written));
  });
}

void TlsSession::on_output(Result<void> written) {
  if (!plain_) return;
  if (!written) {
    // What the other side still sends may be read: the reason, perhaps.
    BIO_reset(out_);
    if (write_done_) return finish_write(std::move(written));
    return;
  }
  push_output();
  if (!writing_ && input_waits_for_output_) want_input();
  if (!writing_ && write_done_) continue_write();
}

void TlsSession::continue_write() {
  if (!write_done_ || writing_) return;
  if (phase_ != Phase::Open) return finish_write(fail(connection_lost()));
  if (encrypted_ < output_.size()) {
    std::size_t slice = std::min(kSliceBytes, output_.size() - encrypted_);
    std::size_t taken = 0;
    ERR_clear_error();
    if (SSL_write_ex(ssl_.get(), output_.data() + encrypted_, slice, &taken) != 1) {
      ERR_clear_error();
      return finish_write(fail(connection_lost()));
    }
    encrypted_ += taken;
    return push_output();
  }
  if (ending_ == Ending::Asked) {
    ending_ = Ending::Sent;
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
    push_output();
    if (writing_) return;
  }
  if (ending_ == Ending::Sent) {
    return plain_->shutdown_write([self = shared_from_this()](Result<void> done) {
      if (self->plain_ && self->write_done_) self->finish_write(std::move(done));
    });
  }
  finish_write({});
}

void TlsSession::finish_write(Result<void> result) {
  output_ = {};
  encrypted_ = 0;
  std::exchange(write_done_, nullptr)(std::move(result));
}

// ---- The end ------------------------------------------------------------------------------------

void TlsSession::close() {
  auto self = shared_from_this();
  read_done_ = nullptr;
  write_done_ = nullptr;
  handshake_done_ = nullptr;
  timer_.cancel();
  if (plain_ && phase_ == Phase::Open && ending_ == Ending::No && !writing_) {
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
    push_output();  // a plain stream hands to the kernel what fits, at once
  }
  plain_.reset();
}

}  // namespace atoll::net
