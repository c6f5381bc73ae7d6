// One client's connection: reads requests, hands them to the handler one by one, writes the
// answers. Internal to the server.
//
// Every entry from outside opens a Turn. Whatever happens within it, in whatever depth of
// callbacks, only changes state and fills the output; when the outermost turn ends, the connection
// serves further pipelined requests, writes, and settles what it waits for. That is what makes one
// write of many answers, and keeps callbacks from recursing.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "async/byte_source.h"
#include "base/unique_fd.h"
#include "http/codec/body_decoder.h"
#include "http/codec/request_parser.h"
#include "http/codec/response_head.h"
#include "http/server/exchange.h"
#include "http/server/input_buffer.h"
#include "http/server/output_buffer.h"
#include "http/server/poller.h"
#include "http/websocket/byte_channel.h"

namespace atoll::http {

class RequestBody;
class ServerCore;

class Connection final : public Pollable {
 public:
  Connection(ServerCore& core, UniqueFd socket, ClientAddress client);
  ~Connection() override;

  // For the core.
  bool start();  // false when the socket cannot be watched
  void on_ready(std::uint32_t events) override;
  bool give_away(int queue_in, std::uint32_t events) override;
  void flush_for_core();  // what is held; on another thread while the loop's own stands still
  void on_tick();
  void on_drain();
  void say_last_words(std::string_view response);
  void send_held();  // after ServerCore::hold()
  void close();      // tells everyone concerned; the core destroys the object later
  std::size_t bytes_buffered() const { return input_.size() + output_.size(); }
  std::size_t slot = 0;  // where the core keeps this connection

  // For Exchange, which promises them in its header.
  std::unique_ptr<ByteSource> take_body();
  void respond(ResponseHead head, std::string body);
  void respond(ResponseHead head, std::unique_ptr<ByteSource> body);
  std::unique_ptr<ByteChannel> upgrade(ResponseHead head);
  void abort();
  void on_disconnect(std::move_only_function<void()> gone) { gone_ = std::move(gone); }
  bool awaits_answer() const { return phase_ == Phase::Exchange && !response_begun_; }
  void exchange_dropped();

  // For RequestBody.
  void read_body(ByteSource::ReadDone done);
  void body_dropped();

 private:
  enum class Phase {
    Head,      // waiting for a request head, or reading one
    Exchange,  // from a head's last byte to the answer's last byte
    Drain,     // answered; the request body's rest has to be read off the socket
    Closing,   // nothing more is read; closes when the output is written
    Linger,    // half-closed by us, so that the answer survives what the client still sends
    Closed,
  };

  // The most of an unwanted request body that is read only to keep the connection.
  static constexpr std::uint64_t kMaxDrainBytes = 64 * 1024;

  class Turn {
   public:
    explicit Turn(Connection& connection)
        : connection_(connection), outermost_(!std::exchange(connection.in_turn_, true)) {
      connection.may_be_given_.store(false, std::memory_order_relaxed);
    }
    ~Turn() {
      if (outermost_) connection_.end_turn();
    }

   private:
    Connection& connection_;
    bool outermost_;
  };

  // connection.cc: turns, deadlines, closing
  void end_turn();
  bool can_go_on() const;
  bool may_hold_output() const;
  void update_interest();
  void account();
  bool wants_input() const;
  void flush();
  void close_after_output(bool linger);
  void notify_gone();

  // connection_input.cc: heads and bodies
  void on_readable(std::uint32_t events);
  void receive();
  void discard_input();
  void serve_input();
  void read_head();
  void begin_exchange(RequestHead head);
  void next_request();
  bool drain_body();
  void pump_body();
  bool pump_body_once();
  bool decode_buffered(std::string& chunk);
  bool receive_body(std::string& chunk);
  bool decode_in_place(std::string& chunk);
  void fail_body(int status, const char* reason);

  // connection_output.cc: answers
  bool output_full() const;
  void begin_response(const ResponseHead& head, ResponseFraming framing,
                      std::optional<std::uint64_t> body_length);
  void finish_response();
  void refuse(int status, const char* reason);
  void pump_response();
  void on_chunk(Result<std::string> chunk);
  void end_of_source();

  ServerCore& core_;
  UniqueFd socket_;
  ClientAddress client_;

  Phase phase_ = Phase::Head;
  // Nothing is under way: all there is of this connection is its socket. The only member that a
  // thread which gives connections away may read of one that is not.
  std::atomic<bool> may_be_given_{false};
  std::size_t accounted_ = 0;  // bytes that the core knows to be buffered here
  bool in_turn_ = false;
  bool held_ = false;           // the output waits in the core's list
  bool wake_again_ = false;     // gave way to other connections with work left
  bool peer_finished_ = false;  // read to the end of what the client sent
  bool half_close_seen_ = false;
  bool input_unwanted_ = false;  // readable, but nobody asks: the socket is not watched for input
  bool must_linger_ = false;
  std::uint32_t watched_ = 0;        // events registered with the poller
  std::uint32_t read_deadline_ = 0;  // ticks; 0 is none
  std::uint32_t write_deadline_ = 0;

  InputBuffer input_;
  OutputBuffer output_;
  RequestHeadParser parser_;
  bool head_begun_ = false;  // some of its bytes have arrived
  bool head_waits_ = false;  // all buffered input was looked at, and it is not whole

  // The current request.
  RequestTraits traits_;
  bool keep_alive_ = true;
  bool expects_continue_ = false;
  bool body_taken_ = false;
  BodyDecoder body_;
  std::uint64_t body_bytes_ = 0;  // read or drained so far
  Exchange* exchange_ = nullptr;  // while the handler holds it
  RequestBody* reader_ = nullptr;
  ByteSource::ReadDone read_done_;
  bool pumping_body_ = false;
  bool body_goes_on_ = false;  // gave way to other connections while the body is being read
  std::move_only_function<void()> gone_;

  // Its answer.
  bool response_begun_ = false;
  ResponseFraming framing_ = ResponseFraming::Length;
  std::uint64_t response_left_ = 0;  // with a streamed Length
  std::unique_ptr<ByteSource> source_;
  bool source_pending_ = false;
};

}  // namespace atoll::http
