// The two directions of a net::Stream as byte sources, which a link can carry.
#pragma once

#include <memory>

#include "async/byte_source.h"
#include "net/stream.h"

namespace atoll::dispatch {

// What arrives on the stream. Each direction keeps the stream; it closes when both are over.
std::unique_ptr<ByteSource> bytes_from(std::shared_ptr<net::Stream> stream);
// Writes what the source gives, then tells the other side that this was all.
void bytes_into(std::unique_ptr<ByteSource> source, std::shared_ptr<net::Stream> stream);

}  // namespace atoll::dispatch
