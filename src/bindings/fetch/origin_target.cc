#include "bindings/fetch/origin_target.h"

#include "bindings/fetch/origin_url.h"
#include "bindings/fetch/origin_web_socket.h"
#include "http/websocket/handshake.h"

namespace atoll::bindings {
namespace {

struct Call {
  std::unique_ptr<runtime::ResponseReceiver> receiver;
  std::unique_ptr<http::ClientCall> call;
  std::optional<OriginWebSocket> web_socket;  // when one was asked for
};

runtime::Failure failure_of(const Error& error) {
  // A lost connection is an Error on the reference platform; what never began is the caller's.
  bool is_callers = error.kind() == ErrorKind::InvalidInput;
  return {runtime::Outcome::Exception, is_callers ? "TypeError" : "Error", error.message(), "",
          false};
}

// Takes all but an upgraded connection.
runtime::HttpResponse response_of(http::ClientResponse& received) {
  runtime::HttpResponse response;
  response.status = received.status;
  response.status_text = std::move(received.reason);
  response.headers = std::move(received.headers);
  response.body = std::move(received.body);
  return response;
}

}  // namespace

void OriginTarget::call(runtime::HttpRequest request, runtime::CallOptions options,
                        std::unique_ptr<runtime::ResponseReceiver> receiver) {
  std::optional<OriginUrl> url = origin_url(request.url);
  http::ClientRequest sent;
  if (url) {
    sent.asker = {script_version_, net::Api::Fetch, request.method, options.from,
                  std::move(options.request_id)};
    sent.target = {std::move(url->host), url->port, std::nullopt};
    if (url->is_secure) sent.target.tls = net::TlsOptions{sent.target.host, {"http/1.1"}};
    sent.path = std::move(url->path);
    sent.host_header = std::move(url->host_header);
  }  // otherwise the client refuses it, later than now
  sent.method = std::move(request.method);
  sent.headers = std::move(request.headers);
  sent.body = std::move(request.body);

  auto call = std::make_shared<Call>();
  if (http::asks_for_websocket(sent.headers)) call->web_socket = begin_web_socket(sent);
  call->receiver = std::move(receiver);
  runtime::ResponseReceiver& waiting = *call->receiver;
  call->call = client_.send(std::move(sent), [this_call = call, &web_sockets = web_sockets_](
                                                 Result<http::ClientResponse> received) {
    if (!received) return this_call->receiver->on_failure(failure_of(received.error()));
    runtime::HttpResponse response = response_of(*received);
    if (received->upgraded != nullptr && this_call->web_socket) {
      auto opened = open_web_socket(web_sockets, *this_call->web_socket, *received, response);
      if (!opened) return this_call->receiver->on_failure(failure_of(opened.error()));
    }
    this_call->receiver->on_response(std::move(response));
  });
  waiting.on_begun([weak = std::weak_ptr(call)] {
    if (auto cancelled = weak.lock()) cancelled->call.reset();
  });
}

void OriginTarget::connect(runtime::SocketRequest request, runtime::CallOptions options,
                           net::Connector::ConnectDone done) {
  connector_.connect(
      {script_version_, net::Api::Connect, "", options.from, std::move(options.request_id)},
      std::move(request.target), std::move(done));
}

}  // namespace atoll::bindings
