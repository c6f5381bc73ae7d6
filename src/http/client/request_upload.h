// The sending half of one exchange: head, then body, each chunk when the one before it has been
// taken by the kernel. Internal to the client.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>

#include "http/client/client.h"

namespace atoll::http {

class RequestUpload {
 public:
  // The stream outlives the upload. `on_failure` may destroy it: the body will not be complete.
  // A stream that takes no more is no failure: the answer may have been given already.
  using OnFailure = std::move_only_function<void(Error)>;
  RequestUpload(boost::asio::io_context& loop, net::Stream& stream, OnFailure on_failure)
      : loop_(loop), stream_(stream), on_failure_(std::move(on_failure)) {}
  ~RequestUpload();
  RequestUpload(const RequestUpload&) = delete;
  RequestUpload& operator=(const RequestUpload&) = delete;

  // Sends the head, and the body unless `hold_body`. A body at hand stays with the request, so that
  // it can be sent again; a source is taken from it when its first byte is asked for.
  void start(ClientRequest& request, bool hold_body);
  void send_held_body();

  bool finished() const { return state_ == State::Finished; }
  // All is given to the stream, which has not said yet that it is taken.
  bool is_on_its_last_write() const { return ends_with_write_ && state_ < State::Finished; }
  // Called when nothing more will be sent, finished or not; may destroy the upload.
  std::move_only_function<void()> on_over;

 private:
  enum class State { Head, Held, Body, Finished, Stopped };

  void write(std::string bytes);
  void on_written(bool taken);
  void begin_body();
  void be_over(State state);
  void break_off(Error error);
  void pull();
  void on_chunk(Result<std::string> chunk);
  void stop();

  boost::asio::io_context& loop_;
  net::Stream& stream_;
  OnFailure on_failure_;
  ClientRequest* request_ = nullptr;
  State state_ = State::Head;
  bool hold_ = false;
  bool ends_with_write_ = false;  // the write under way is the last
  bool is_chunked_ = false;
  std::uint64_t left_ = 0;  // of a source with a known length
  std::unique_ptr<ByteSource> source_;
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace atoll::http
