// One client connection of the management API: request after request until either side has enough.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "async/task.h"
#include "management/api.h"

namespace atoll::management {

// How many bytes of request bodies may be in memory at one time, over all connections.
class BodyBudget {
 public:
  explicit BodyBudget(const Settings& settings) : free_(settings.max_buffered_bytes) {}

  class Share {
   public:
    Share(BodyBudget& budget, std::size_t bytes) : budget_(&budget), bytes_(bytes) {}
    Share(Share&& other) noexcept
        : budget_(other.budget_), bytes_(std::exchange(other.bytes_, 0)) {}
    Share& operator=(Share&&) = delete;
    ~Share() { budget_->free_ += bytes_; }

   private:
    BodyBudget* budget_;
    std::size_t bytes_;
  };
  // Nothing when it is used up.
  std::optional<Share> take(std::size_t bytes) {
    if (bytes > free_) return std::nullopt;
    free_ -= bytes;
    return Share(*this, bytes);
  }

 private:
  std::size_t free_;
};

class Connection {
 public:
  // Api and budget outlive the connection.
  Connection(asio::ip::tcp::socket socket, Api& api, BodyBudget& budget);

  Task<void> run();

  void finish();  // after the request in progress, if any
  void close();   // now

 private:
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
  enum class Next { Continue, Close };

  Task<bool> wait_for_request();
  Task<Next> serve_one();
  Task<Next> refuse(const Request& request, ApiError error, Next next);
  Task<Next> refuse_unread(boost::system::error_code problem);
  Task<Answer<void>> read_body(Parser& parser, std::size_t limit);
  Task<Next> write(const Request& request, Response response, Next next);
  Task<void> linger();

  boost::beast::tcp_stream stream_;
  boost::beast::flat_buffer buffer_;
  Api& api_;
  BodyBudget& budget_;
  bool finishing_ = false;
  bool idle_ = true;
};

}  // namespace atoll::management
