// zlib behind permessage-deflate.
#pragma once

#include "http/websocket/message_compression.h"

namespace atoll::http {

// Has no state: one serves all WebSockets of a program, for as long as it runs.
MessageCompression& zlib_message_compression();

}  // namespace atoll::http
