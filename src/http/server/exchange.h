// One request and its answer, in the hands of the RequestHandler.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "async/byte_source.h"
#include "http/codec/request_head.h"
#include "http/codec/response_head.h"
#include "http/websocket/byte_channel.h"

namespace atoll::http {

class Connection;

struct ClientAddress {
  std::string ip;  // "192.0.2.1", "2001:db8::1"; empty for a Unix socket
  std::uint16_t port = 0;
};

// Event loop's thread only. It may outlive the connection and the server: everything but the
// request and the client's address is then without effect.
class Exchange {
 public:
  Exchange(Connection& connection, RequestHead request, bool has_body, ClientAddress client);
  ~Exchange();  // without an answer: 500
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  RequestHead& request() { return request_; }
  const ClientAddress& client() const { return client_; }

  // The request's body, once; null when it has none. The socket is read only while a read is
  // pending, so a slow consumer slows the client down. A body that is malformed, too large, too
  // slow or cut short ends in an Error (the client has been answered then, where that was still
  // possible). Any part not read when the response is complete is dropped, and may cost the
  // connection.
  std::unique_ptr<ByteSource> take_body();

  // Answers; the first answer counts, later ones are dropped. Where the answer must have no body
  // (HEAD, 204, 304), the body is only measured.
  void respond(ResponseHead head, std::string body);
  // Streams: the next chunk is pulled when the ones before are in the kernel's hands (small chunks
  // that are ready at once may be gathered up to 16 KiB). Framed by Content-Length when the body
  // tells its length (a body that then breaks its word cuts the connection), else chunked, or by
  // closing for HTTP/1.0. An Error of the body cuts the connection, so that the client sees the
  // answer is not whole. Null is an empty body.
  void respond(ResponseHead head, std::unique_ptr<ByteSource> body);

  // Answers with 101 and leaves the connection to the caller, who adds the headers that the new
  // protocol asks for, beside Connection and Upgrade. Null when the exchange is no longer open, the
  // request had a body, or the server drains.
  std::unique_ptr<ByteChannel> upgrade(ResponseHead head);

  // Cuts the connection, whatever has been sent. The on_disconnect callback does not run.
  void abort();

  // `gone` runs at most once, when the connection breaks or the client closes or half-closes it
  // before the response is complete (a response counts as complete when its last byte is buffered).
  // After a half-close the response is still written: abort() if that is not wanted. A half-close
  // that came before this request was begun, behind pipelined requests, is not told. `gone` may
  // hold this exchange, until the response is complete; an exchange held only there is not answered
  // with 500.
  void on_disconnect(std::move_only_function<void()> gone);

  // Whether an answer given now can still go out.
  bool is_open() const;

 private:
  friend class Connection;

  Connection* connection_;  // null once the response is complete or the connection is gone
  RequestHead request_;
  ClientAddress client_;
  bool has_body_;
};

}  // namespace atoll::http
