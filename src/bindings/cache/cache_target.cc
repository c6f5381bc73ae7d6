#include "bindings/cache/cache_target.h"

#include <charconv>

#include "http/caching/freshness.h"
#include "http/caching/selection.h"

namespace atoll::bindings {
namespace {

using runtime::HttpRequest;
using runtime::HttpResponse;
using runtime::ResponseReceiver;

HttpResponse answer(int status, std::string_view cache_status = {}) {
  HttpResponse response;
  response.status = status;
  if (!cache_status.empty()) (void)response.headers.append("CF-Cache-Status", cache_status);
  return response;
}

// A method's parts; see the header.
struct Order {
  enum class Kind { Match, Purge, Put } kind = Kind::Match;
  std::string name;
  int status = 0;
  std::string status_text;
};

std::optional<Order> read_order(std::string_view method) {
  Order order;
  if (method.starts_with("MATCH ")) {
    order.name = method.substr(6);
    return order;
  }
  if (method.starts_with("PURGE ")) {
    order.kind = Order::Kind::Purge;
    order.name = method.substr(6);
    return order;
  }
  if (!method.starts_with("PUT ") || method.size() < 8) return std::nullopt;
  order.kind = Order::Kind::Put;
  auto [end, error] = std::from_chars(method.data() + 4, method.data() + 7, order.status);
  std::size_t line_end = method.find('\n');
  if (error != std::errc() || line_end == std::string_view::npos || line_end < 8) {
    return std::nullopt;
  }
  order.status_text = method.substr(8, line_end - 8);
  order.name = method.substr(line_end + 1);
  return order;
}

// Collects the body of a response to be kept, then keeps it.
class Keeping : public std::enable_shared_from_this<Keeping> {
 public:
  Keeping(ResponseCache& cache, std::string owner, std::string key, CachedResponse response,
          std::unique_ptr<ResponseReceiver> receiver)
      : cache_(cache),
        owner_(std::move(owner)),
        key_(std::move(key)),
        response_(std::move(response)),
        receiver_(std::move(receiver)) {}

  void take(runtime::Body body) {
    if (auto* whole = std::get_if<std::string>(&body)) {
      bytes_ = std::move(*whole);
    } else if (auto* source = std::get_if<std::unique_ptr<ByteSource>>(&body)) {
      source_ = std::move(*source);
      return read();
    }
    finish();
  }

 private:
  void read() {
    source_->read([self = shared_from_this()](Result<std::string> chunk) {
      if (!chunk) {
        return self->receiver_->on_failure({runtime::Outcome::Exception, "Error",
                                            "The body of the response to be cached ended early.",
                                            "", true});
      }
      if (chunk->empty()) return self->finish();
      self->bytes_ += *chunk;
      if (self->bytes_.size() > self->cache_.largest_body()) return self->finish();
      self->read();
    });
  }

  void finish() {
    source_.reset();
    if (bytes_.size() > cache_.largest_body()) return receiver_->on_response(answer(413));
    response_.body = std::make_shared<const std::string>(std::move(bytes_));
    cache_.put(std::move(owner_), std::move(key_), std::move(response_));
    receiver_->on_response(answer(204));
  }

  ResponseCache& cache_;
  std::string owner_;
  std::string key_;
  CachedResponse response_;
  std::unique_ptr<ResponseReceiver> receiver_;
  std::unique_ptr<ByteSource> source_;
  std::string bytes_;
};

}  // namespace

void CacheTarget::call(HttpRequest request, runtime::CallOptions,
                       std::unique_ptr<ResponseReceiver> receiver) {
  // Answers never come from inside of the call, which is a task of the scheduler itself.
  scheduler_.run([self = shared_from_this(), request = std::move(request),
                  receiver = std::move(receiver)]() mutable {
    self->answer_call(std::move(request), std::move(receiver));
  });
}

void CacheTarget::answer_call(HttpRequest request, std::unique_ptr<ResponseReceiver> receiver) {
  std::optional<Order> order = read_order(request.method);
  if (!order) {
    return receiver->on_failure({runtime::Outcome::Exception, "Error",
                                 "The cache was asked for nothing it knows.", "", true});
  }
  bool forgets = order->name.empty() && !has_default_;
  std::string key = owner_ + '\n' + order->name + '\n' + request.url;
  switch (order->kind) {
    case Order::Kind::Match:
      return receiver->on_response(match(request, key));
    case Order::Kind::Purge:
      return receiver->on_response(answer(cache_.erase(key) ? 204 : 404));
    case Order::Kind::Put:
      break;
  }
  auto lifetime = http::freshness(order->status, request.headers, std::chrono::system_clock::now());
  if (forgets || !lifetime) return receiver->on_response(answer(204));
  auto now = std::chrono::steady_clock::now();
  CachedResponse response{order->status, order->status_text, std::move(request.headers), nullptr,
                          now,           now + *lifetime};
  if (http::is_kept_private(response.headers, "set-cookie")) {
    response.headers.remove("set-cookie");
  }
  std::make_shared<Keeping>(cache_, owner_, std::move(key), std::move(response),
                            std::move(receiver))
      ->take(std::move(request.body));
}

HttpResponse CacheTarget::match(const HttpRequest& request, const std::string& key) {
  auto now = std::chrono::steady_clock::now();
  const CachedResponse* found = cache_.find(key, now);
  if (found == nullptr) return answer(504, "MISS");
  http::Selection part =
      http::select(request.headers, found->status, found->headers, found->body->size());
  HttpResponse response;
  response.status = part.status;
  if (part.status == found->status) response.status_text = found->status_text;
  response.headers = found->headers;
  auto age = std::chrono::duration_cast<std::chrono::seconds>(now - found->stored_at);
  (void)response.headers.set("Age", std::to_string(age.count()));
  (void)response.headers.set("CF-Cache-Status", "HIT");
  if (part.status == 206 || part.status == 416) {
    std::string size = std::to_string(found->body->size());
    std::string range = part.status == 416 ? "*"
                                           : std::to_string(part.begin) + '-' +
                                                 std::to_string(part.begin + part.size - 1);
    (void)response.headers.set("Content-Range", "bytes " + range + '/' + size);
  }
  response.headers.remove("content-length");
  if (part.status != 304 && part.status != 416 && found->status != 204) {
    response.body = found->body->substr(part.begin, part.size);
  }
  return response;
}

}  // namespace atoll::bindings
