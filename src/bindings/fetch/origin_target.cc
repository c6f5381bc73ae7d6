#include "bindings/fetch/origin_target.h"

#include "bindings/fetch/origin_url.h"

namespace atoll::bindings {
namespace {

struct Call {
  std::unique_ptr<runtime::ResponseReceiver> receiver;
  std::unique_ptr<http::ClientCall> call;
};

runtime::Failure failure_of(const Error& error) {
  // A lost connection is an Error on the reference platform; what never began is the caller's.
  bool is_callers = error.kind() == ErrorKind::InvalidInput;
  return {runtime::Outcome::Exception, is_callers ? "TypeError" : "Error", error.message(), "",
          false};
}

runtime::HttpResponse response_of(http::ClientResponse&& received) {
  runtime::HttpResponse response;
  response.status = received.status;
  response.status_text = std::move(received.reason);
  response.headers = std::move(received.headers);
  response.body = std::move(received.body);
  return response;
}

}  // namespace

void OriginTarget::call(runtime::HttpRequest request, runtime::CallOptions,
                        std::unique_ptr<runtime::ResponseReceiver> receiver) {
  std::optional<OriginUrl> url = origin_url(request.url);
  http::ClientRequest sent;
  if (url) {
    sent.asker = {script_version_, net::Api::Fetch, request.method};
    sent.target = {std::move(url->host), url->port, std::nullopt};
    if (url->is_secure) sent.target.tls = net::TlsOptions{sent.target.host, {"http/1.1"}};
    sent.path = std::move(url->path);
    sent.host_header = std::move(url->host_header);
  }  // otherwise the client refuses it, later than now
  sent.method = std::move(request.method);
  sent.headers = std::move(request.headers);
  sent.body = std::move(request.body);

  auto call = std::make_shared<Call>();
  call->receiver = std::move(receiver);
  runtime::ResponseReceiver& waiting = *call->receiver;
  call->call = client_.send(std::move(sent), [call](Result<http::ClientResponse> received) {
    if (received) return call->receiver->on_response(response_of(*std::move(received)));
    call->receiver->on_failure(failure_of(received.error()));
  });
  waiting.on_begun([weak = std::weak_ptr(call)] {
    if (auto cancelled = weak.lock()) cancelled->call.reset();
  });
}

}  // namespace atoll::bindings
