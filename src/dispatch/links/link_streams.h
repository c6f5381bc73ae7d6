// Bodies that cross a link, many at a time, each only as fast as its reader takes it.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <memory>

#include "async/byte_source.h"
#include "dispatch/links/link_wire.h"
#include "runtime/body_pipe.h"

namespace atoll::dispatch {

class LinkStreams {
 public:
  explicit LinkStreams(std::shared_ptr<LinkWire> wire);
  ~LinkStreams();

  // Sends what `source` gives; the number is for the other side.
  border::LinkNumber send(std::unique_ptr<ByteSource> source);
  // What the other side will send on the new number goes into `pipe`.
  border::LinkNumber receive_into(std::shared_ptr<runtime::BodyPipe> pipe);

  // Of a number that the other side made. False (null) when that number is taken: a violation.
  bool send_on(border::LinkNumber number, std::unique_ptr<ByteSource> source);
  std::unique_ptr<ByteSource> receive(border::LinkNumber number,
                                      std::optional<std::uint64_t> length);

  // Numbers that are over already are ignored. An error is a violation.
  Result<void> on_chunk(border::LinkChunk chunk);
  void on_end(border::LinkStreamEnd end);
  void on_cancel(border::LinkNumber number);
  // False: not a stream.
  bool on_credit(border::LinkNumber number, std::uint64_t bytes);

  // Nothing is on its way out.
  bool empty() const { return outgoing_.empty(); }
  // The other side is gone: readers get `why`, sources are let go.
  void close(const Error& why);

 private:
  class Outgoing;
  struct Incoming;
  class Reader;

  std::unique_ptr<ByteSource> make_reader(border::LinkNumber number,
                                          std::optional<std::uint64_t> length);

  std::shared_ptr<LinkWire> wire_;
  boost::unordered_flat_map<border::LinkNumber, std::shared_ptr<Outgoing>> outgoing_;
  // Weak: whoever reads holds it.
  boost::unordered_flat_map<border::LinkNumber, std::weak_ptr<Incoming>> incoming_;
};

}  // namespace atoll::dispatch
