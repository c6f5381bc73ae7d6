// A connected stream socket as a Stream.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>

#include "base/unique_fd.h"
#include "net/stream.h"

namespace atoll::net {

class TcpStream final : public Stream {
 public:
  // `socket` is connected (TCP, or a Unix pair in tests); it is made non-blocking here. `loop`
  // outlives the stream.
  TcpStream(boost::asio::io_context& loop, UniqueFd socket);
  ~TcpStream() override;

  void read(ReadDone done) override;
  void cancel_read() override;
  void write(std::string bytes, Done done) override;
  void shutdown_write(Done done) override;
  const std::string& protocol() const override;

 private:
  class Connection;
  std::shared_ptr<Connection> connection_;
};

// What a broken connection is called towards tenant code.
Error connection_lost();

}  // namespace atoll::net
