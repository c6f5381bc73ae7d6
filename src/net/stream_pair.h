// Two streams that are connected with each other inside of this process: what is written to one is
// read from the other. For connections between Workers, which never become sockets.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <utility>

#include "net/stream.h"

namespace atoll::net {

// What one end may be ahead of the other before its writes wait.
inline constexpr std::size_t kPairBufferBytes = 64u << 10;

// `loop` outlives both. Destroying an end is the end of what the other reads, after what was
// written, and makes writes of the other fail.
std::pair<std::unique_ptr<Stream>, std::unique_ptr<Stream>> make_stream_pair(
    boost::asio::io_context& loop);

}  // namespace atoll::net
