// What all connections of a server share. Internal to the server.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "async/byte_source.h"
#include "async/task.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "http/server/connection.h"
#include "http/server/handover.h"
#include "http/server/poller.h"
#include "http/server/server.h"
#include "http/server/upgraded_connection.h"

namespace atoll::http {

class ServerCore : public std::enable_shared_from_this<ServerCore> {
 public:
  ServerCore(asio::io_context& io, ServerLimits limits, RequestHandler& handler);
  void start();
  void stop();

  Result<void> listen(UniqueFd socket);
  void drain(std::move_only_function<void()> done);
  ServerStatus status() const;

  const ServerLimits& limits() const { return limits_; }
  RequestHandler& handler() { return handler_; }
  Poller& poller() { return *poller_; }
  bool draining() const { return draining_; }
  std::string_view date_line() const { return date_line_; }
  void count_request() { ++status_.requests; }

  // A connection holds so many bytes now instead of so many.
  void account(std::size_t before, std::size_t now) { buffered_ += now - before; }
  bool has_room_for(std::size_t bytes) const { return buffered_ + bytes <= limits_.buffered_bytes; }

  // Takes over a connection that speaks no HTTP any more; the caller buries what it was.
  std::unique_ptr<ByteChannel> adopt(UniqueFd socket, std::string input, OutputBuffer output);

  // Overwritten by the next connection that reads.
  std::span<char> read_buffer() { return {read_buffer_.get(), kReadBufferBytes}; }

  // Coarse time: a deadline is a tick that lies ahead, never 0.
  using Tick = std::uint32_t;
  Tick deadline_after(std::chrono::milliseconds delay) const;
  bool is_due(Tick deadline) const { return static_cast<std::int32_t>(tick_ - deadline) >= 0; }

  // True when the connection's output may stay unwritten until send_held(), which calls it back.
  bool hold(Connection& connection);
  void say_last_words(std::string_view response);
  void send_held();
  void send_held_if_due(std::chrono::steady_clock::time_point now);

  Result<void> share(HandoverQueue queue);
  // The next two run on another thread while the loop's own stands still.
  void help_out();
  void note_given(Connection& connection) { given_.push_back(&connection); }

  // Both destroy their object only when nothing of it can be on the call stack any more: in a later
  // turn of the event loop.
  void bury(Connection& connection);
  void bury(UpgradedConnection& connection);
  void retire(std::unique_ptr<ByteSource> source);

 private:
  static constexpr std::size_t kReadBufferBytes = 64 * 1024;

  class Listener final : public Pollable {
   public:
    enum class Kind : std::uint8_t { Socket, Queue };
    Listener(ServerCore& core, UniqueFd socket, Kind kind)
        : core_(core), socket_(std::move(socket)), kind_(kind) {}
    void on_ready(std::uint32_t) override {
      kind_ == Kind::Socket ? core_.accept_from(socket_.get()) : core_.take_from(socket_.get());
    }
    bool is_always_ready() const override { return true; }
    int fd() const { return socket_.get(); }

   private:
    ServerCore& core_;
    UniqueFd socket_;
    Kind kind_;
  };

  void after_each_ready(bool batch_is_over);
  void accept_from(int listening_fd);
  void take_from(int queue_out);
  void bury_given();
  void welcome(UniqueFd socket, ClientAddress client);
  void watch_listeners(std::uint32_t events);
  void start_ticking();
  void wait_for_tick();
  void on_tick();
  void refresh_date();
  void schedule_reaping();
  void close_idle_connections();
  void report_drained();
  std::size_t open_count() const { return connections_.size() + upgraded_.size(); }
  void connection_gone();

  asio::io_context& io_;
  const ServerLimits limits_;
  RequestHandler& handler_;
  std::shared_ptr<Poller> poller_;
  std::unique_ptr<char[]> read_buffer_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<std::unique_ptr<UpgradedConnection>> upgraded_;

  UniqueFd queue_in_;
  std::vector<Connection*> given_;  // gone to other processes; to be buried

  std::vector<Connection*> held_;
  std::chrono::steady_clock::time_point held_since_;
  bool sending_held_ = false;

  std::vector<std::unique_ptr<Pollable>> buried_;
  std::vector<std::unique_ptr<ByteSource>> retired_;
  bool reaping_scheduled_ = false;

  asio::steady_timer timer_;
  const std::chrono::milliseconds tick_length_;
  Tick tick_ = 1;
  bool ticking_ = false;
  std::time_t date_ = 0;
  std::string date_line_;

  bool accepting_ = true;
  bool draining_ = false;
  std::move_only_function<void()> drained_;
  ServerStatus status_;
  std::size_t buffered_ = 0;
};

}  // namespace atoll::http
