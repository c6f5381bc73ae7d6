// One TLS connection over a plain stream, ciphertext passing through memory. Internal to net/tls.
//
// Owned by its TlsStream; while it shakes hands, by the callbacks that wait on the plain stream.
// Every entry comes from the loop or from the owner, never from inside one of its own callbacks'
// callers; what a callback destroys is noticed by `plain_` being null.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "net/stream.h"
#include "net/tls/tls_engine.h"

namespace atoll::net {

class TlsSession : public std::enable_shared_from_this<TlsSession> {
 public:
  TlsSession(std::shared_ptr<TlsEngine> engine, SslPointer ssl, std::unique_ptr<Stream> plain,
             std::string key);

  using HandshakeDone = std::move_only_function<void(Result<void>)>;
  // `done` runs once, from the loop. After a failure the plain stream is closed.
  void shake_hands(std::chrono::milliseconds within, HandshakeDone done);

  // As for Stream; after the handshake.
  void read(Stream::ReadDone done);
  void cancel_read() { read_done_ = nullptr; }
  void write(std::string bytes, Stream::Done done);
  void shutdown_write(Stream::Done done);
  const std::string& protocol() const { return protocol_; }

  // Tells the other side if it can be told at once, and closes.
  void close();

  static int on_new_session(SSL* ssl, SSL_SESSION* session);

 private:
  static constexpr std::size_t kSliceBytes = 64 << 10;       // encrypted at a time
  static constexpr std::size_t kMaxBacklogBytes = 64 << 10;  // ciphertext waiting: no more is read

  enum class Phase { Handshake, Open, Broken };
  enum class Ending { No, Asked, Sent };

  void on_loop(void (TlsSession::*step)());
  void continue_handshake();
  void finish_handshake(Result<void> result);
  Error handshake_error() const;

  void want_input();
  void on_input(Result<std::string> bytes);
  void advance();
  void try_read();
  void break_off();

  std::size_t backlog() const;
  void push_output();
  void on_output(Result<void> written);
  void continue_write();
  void finish_write(Result<void> result);

  std::shared_ptr<TlsEngine> engine_;
  SslPointer ssl_;
  std::unique_ptr<Stream> plain_;  // null: closed
  const std::string key_;
  BIO* in_ = nullptr;   // owned by ssl_
  BIO* out_ = nullptr;  // owned by ssl_
  boost::asio::steady_timer timer_;
  Phase phase_ = Phase::Handshake;
  Ending ending_ = Ending::No;  // of what we send
  HandshakeDone handshake_done_;
  Stream::ReadDone read_done_;
  Stream::Done write_done_;
  std::string output_;  // plain bytes of the write under way
  std::size_t encrypted_ = 0;
  std::string protocol_;
  bool reading_ = false;
  bool writing_ = false;
  bool input_waits_for_output_ = false;
};

}  // namespace atoll::net
