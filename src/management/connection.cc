#include "management/connection.h"

#include <boost/asio/write.hpp>
#include <boost/beast/core/buffer_traits.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <ctime>

#include "management/error_body.h"

namespace atoll::management {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;

Request read_head(const http::request<http::string_body>& message) {
  Request request;
  request.method = std::string(message.method_string());
  request.target = std::string(message.target());
  for (const auto& field : message) {
    request.fields.push_back(
        {lower_case(std::string_view(field.name_string().data(), field.name_string().size())),
         std::string(trim(std::string_view(field.value().data(), field.value().size())))});
  }
  return request;
}

std::string http_date() {
  std::time_t now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  char text[40];
  std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &utc);
  return text;
}

ApiError too_large(std::size_t limit) {
  return {413, codes::kTooLarge,
          "The request body is larger than " + std::to_string(limit) + " bytes"};
}

}  // namespace

Connection::Connection(asio::ip::tcp::socket socket, Api& api, BodyBudget& budget)
    : stream_(std::move(socket)), api_(api), budget_(budget) {
  boost::system::error_code ignored;
  (void)stream_.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
}

void Connection::finish() {
  finishing_ = true;
  if (idle_) close();
}

void Connection::close() {
  boost::system::error_code ignored;
  (void)stream_.socket().close(ignored);
}

Task<void> Connection::run() {
  while (!finishing_) {
    idle_ = true;
    if (!co_await wait_for_request()) co_return;
    idle_ = false;
    if (co_await serve_one() == Next::Close) break;
  }
  boost::system::error_code ignored;
  (void)stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
}

// False when the connection is over.
Task<bool> Connection::wait_for_request() {
  if (buffer_.size() > 0) co_return true;
  constexpr std::size_t kFirstRead = 4096;
  stream_.expires_after(api_.settings().idle_timeout);
  auto [problem, size] = co_await stream_.async_read_some(buffer_.prepare(kFirstRead), kAwaitTuple);
  buffer_.commit(size);
  co_return !problem;
}

Task<Connection::Next> Connection::serve_one() {
  Parser parser;
  parser.header_limit(static_cast<std::uint32_t>(api_.settings().max_head_bytes));
  parser.body_limit(boost::none);  // known once the head is
  stream_.expires_after(api_.settings().head_timeout);
  auto [problem, size] = co_await http::async_read_header(stream_, buffer_, parser, kAwaitTuple);
  if (problem) co_return co_await refuse_unread(problem);

  Request request = read_head(parser.get());
  bool keep_alive = parser.get().keep_alive();
  auto admission = co_await api_.admit(request);
  if (!admission) {
    Next next = parser.is_done() && keep_alive && !finishing_ ? Next::Continue : Next::Close;
    co_return co_await refuse(request, std::move(admission.error()), next);
  }
  std::size_t limit = admission->body_limit();
  std::size_t expected = parser.chunked() ? limit : parser.content_length().value_or(0);
  if (expected > limit) co_return co_await refuse(request, too_large(limit), Next::Close);
  auto share = budget_.take(expected);
  if (!share) {
    ApiError busy(503, codes::kUnavailable, "Too many uploads are in progress; try again");
    co_return co_await refuse(request, std::move(busy), Next::Close);
  }
  auto read = co_await read_body(parser, limit);
  if (!read) co_return co_await refuse(request, std::move(read.error()), Next::Close);
  request.body = std::move(parser.get().body());

  Request head{request.method, request.target, {}, {}};
  Response response = co_await api_.answer(std::move(request), *std::move(admission));
  Next next = keep_alive && !finishing_ ? Next::Continue : Next::Close;
  co_return co_await write(head, std::move(response), next);
}

Task<Answer<void>> Connection::read_body(Parser& parser, std::size_t limit) {
  if (parser.is_done()) co_return Answer<void>();
  parser.body_limit(limit);
  stream_.expires_after(api_.settings().body_timeout);
  if (beast::iequals(parser.get()[http::field::expect], "100-continue")) {
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    auto [problem, size] = co_await asio::async_write(
        stream_, asio::buffer(kContinue.data(), kContinue.size()), kAwaitTuple);
    if (problem) co_return fail(malformed("the connection was lost"));
  }
  auto [problem, size] = co_await http::async_read(stream_, buffer_, parser, kAwaitTuple);
  if (problem == http::error::body_limit) co_return fail(too_large(limit));
  if (problem) co_return fail(malformed("The request body ended early or is badly framed"));
  co_return Answer<void>();
}

// Before the body was read: with Next::Close, the rest of what comes means nothing any more.
Task<Connection::Next> Connection::refuse(const Request& request, ApiError error, Next next) {
  Next after = co_await write(request, api_.refuse(request, error), next);
  if (next == Next::Close) co_await linger();
  co_return after;
}

Task<Connection::Next> Connection::refuse_unread(boost::system::error_code problem) {
  bool is_protocol_error =
      problem.category() == make_error_code(http::error::bad_method).category();
  if (!is_protocol_error || problem == http::error::end_of_stream ||
      problem == http::error::partial_message) {
    co_return Next::Close;
  }
  ApiError error = problem == http::error::header_limit
                       ? ApiError(431, codes::kMalformedBody, "The request head is too large")
                       : ApiError(400, codes::kMalformedBody,
                                  "The request is not valid HTTP/1.1: " + problem.message());
  co_return co_await refuse(Request{"GET", "/", {}, {}}, std::move(error), Next::Close);
}

Task<Connection::Next> Connection::write(const Request& request, Response response, Next next) {
  http::response<http::string_body> message;
  message.version(11);
  message.result(response.status);
  message.set(http::field::date, http_date());
  message.set(http::field::content_type, response.content_type);
  message.set(http::field::cache_control, "no-store");
  for (const Field& field : response.fields) message.insert(field.name, field.value);
  message.body() = std::move(response.body);
  message.keep_alive(next == Next::Continue);
  message.prepare_payload();
  if (request.method == "HEAD") message.body().clear();
  stream_.expires_after(api_.settings().write_timeout);
  auto [problem, size] = co_await http::async_write(stream_, message, kAwaitTuple);
  co_return problem ? Next::Close : next;
}

// A close with unread bytes would reset the connection and destroy the answer on its way, so what
// is still coming is read and thrown away, within reason.
Task<void> Connection::linger() {
  constexpr std::size_t kMaxDrained = 128 * 1024 * 1024;
  idle_ = true;  // a stop need not wait for this
  boost::system::error_code ignored;
  (void)stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  stream_.expires_after(std::chrono::seconds(10));
  buffer_.consume(buffer_.size());
  std::size_t drained = 0;
  while (drained < kMaxDrained) {
    auto [problem, size] =
        co_await stream_.async_read_some(buffer_.prepare(64 * 1024), kAwaitTuple);
    if (problem) co_return;
    drained += size;
  }
}

}  // namespace atoll::management
