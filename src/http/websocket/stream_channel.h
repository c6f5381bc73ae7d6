// A WebSocket's bytes over a connection that we have opened.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>

#include "http/websocket/byte_channel.h"
#include "net/stream.h"

namespace atoll::http {

// `input`: what has already been read from the stream. The loop outlives the channel.
std::unique_ptr<ByteChannel> make_stream_channel(boost::asio::io_context& loop,
                                                 std::unique_ptr<net::Stream> stream,
                                                 std::string input);

}  // namespace atoll::http
