// A client's connection after an upgrade: no HTTP any more, only bytes. Internal to the server.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/unique_fd.h"
#include "http/server/output_buffer.h"
#include "http/server/poller.h"
#include "http/websocket/byte_channel.h"

namespace atoll::http {

class ServerCore;

class UpgradedConnection final : public Pollable {
 public:
  // `watched`: the events that the socket is registered for. `input`: bytes that came with the
  // request. The poller has to be told of the new owner by start_watching().
  UpgradedConnection(ServerCore& core, UniqueFd socket, std::string input, OutputBuffer output);
  ~UpgradedConnection() override;
  void start_watching();

  // The end that is handed out; once.
  std::unique_ptr<ByteChannel> channel();

  // For the core.
  void on_ready(std::uint32_t events) override;
  void on_tick();
  void on_going_away();
  void close();  // tells the owner; the core destroys the object later
  std::size_t bytes_buffered() const { return input_.size() + output_.size(); }
  std::size_t slot = 0;

 private:
  class Channel;

  void on_readable();
  void give_input();
  void flush();
  void update_interest();
  void let_go();

  ServerCore& core_;
  UniqueFd socket_;
  std::string input_;
  OutputBuffer output_;
  Channel* channel_ = nullptr;
  ByteChannel::Owner* owner_ = nullptr;
  std::uint32_t watched_ = 0;
  std::uint32_t write_deadline_ = 0;  // ticks; 0 is none
  std::uint32_t end_deadline_ = 0;
  bool reading_ = true;
  bool was_blocked_ = false;
  bool finishing_ = false;
  bool lingering_ = false;
  bool broken_ = false;
};

}  // namespace atoll::http
