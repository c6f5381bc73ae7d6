// One request and its response on one connection. Internal to the client.
//
// Owned by whoever still wants something of it: first the ClientCall's side, then the response's
// body. When nobody does, it goes, and its connection is closed. Only a connection whose request is
// sent and whose response is read to its end goes back to the pool.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <optional>
#include <string>

#include "http/client/client.h"
#include "http/client/request_upload.h"
#include "http/codec/body_decoder.h"
#include "http/codec/response_parser.h"

namespace atoll::http {

class ClientExchange : public std::enable_shared_from_this<ClientExchange> {
 public:
  ClientExchange(boost::asio::io_context& loop, net::Connector& connector,
                 const ClientLimits& limits, std::shared_ptr<ConnectionPool> pool,
                 std::shared_ptr<OpeningQueue> queue, ClientRequest request, Client::Done done);

  void start();
  // Instead of start(): fails, because the request cannot be written.
  void refuse();
  // The call was destroyed: without a response yet, everything ends.
  void cancel();

  // For the response's body.
  void read_body(ByteSource::ReadDone done);

 private:
  class ResponseBody;

  bool use_kept();  // whether a kept connection has got the request
  void connect();
  bool connect_now();  // whether it has begun
  void begin(std::unique_ptr<net::Stream> stream, bool is_reused);
  std::string key_for_method() const;  // of connections that only requests of this method may use
  void read_more();
  void on_input(Result<std::string> chunk);
  void on_input_end();
  void read_heads();
  bool on_head(ReceivedHead head);  // whether to look for another one
  void on_upgrade(ReceivedHead head);
  void hand_over(ReceivedHead head);
  void on_response(ReceivedHead head);
  Result<ClientBody> take_body(const ReceivedHead& head);
  // Takes body bytes out of input_: some, or none when more input is needed; sets ended_.
  Result<std::string> decode();
  void read_on();
  void give_body(Result<std::string> chunk);
  bool may_retry() const;
  void finish_connection();
  void fail_with(Error error);
  void answer(Result<ClientResponse> result);

  boost::asio::io_context& loop_;
  net::Connector& connector_;
  const ClientLimits limits_;
  std::shared_ptr<ConnectionPool> pool_;
  std::shared_ptr<OpeningQueue> queue_;
  std::string pool_key_;
  ClientRequest request_;
  const bool streams_body_;
  Client::Done done_;  // null once answered or cancelled
  // Until the response is there, and for a last write that outlasts it: the connection's callbacks.
  std::shared_ptr<ClientExchange> self_;
  bool lingers_ = false;  // for the last write

  std::unique_ptr<net::Stream> stream_;
  bool is_reused_ = false;
  bool is_for_method_ = false;  // the connection
  bool has_received_ = false;   // some byte of a response
  std::optional<RequestUpload> upload_;
  boost::asio::steady_timer continue_timer_;

  std::string input_;  // received and not yet used
  ResponseHeadParser parser_;
  std::size_t interim_responses_ = 0;

  ResponseFraming framing_ = ResponseFraming::NoBody;
  bool keep_alive_ = false;
  std::chrono::milliseconds idle_{0};
  BodyDecoder decoder_;
  bool ended_ = false;   // all of the body is decoded
  std::string decoded_;  // came with the head and is not read yet
  ByteSource::ReadDone reader_;
};

}  // namespace atoll::http
