// WebSockets whose two parties are in different hosts: whole messages, with back-pressure.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <memory>

#include "dispatch/links/link_wire.h"
#include "runtime/web_socket.h"

namespace atoll::dispatch {

class LinkSockets {
 public:
  explicit LinkSockets(std::shared_ptr<LinkWire> wire) : wire_(std::move(wire)) {}

  // Takes the end that the other side's party is to get; the number is for the other side.
  border::LinkNumber send(std::unique_ptr<runtime::WebSocketEnd> end);
  // The end for this side's party, of a number that the other side made. Null: a violation.
  std::unique_ptr<runtime::WebSocketEnd> receive(border::LinkNumber number);

  Result<void> on_message(border::LinkSocketMessage message);
  void on_credit(border::LinkNumber number, std::uint64_t bytes);
  bool empty() const { return bridges_.empty(); }
  void close();

 private:
  class Bridge;
  void add(border::LinkNumber number, std::unique_ptr<runtime::WebSocketEnd> end);

  std::shared_ptr<LinkWire> wire_;
  boost::unordered_flat_map<border::LinkNumber, std::shared_ptr<Bridge>> bridges_;
};

}  // namespace atoll::dispatch
