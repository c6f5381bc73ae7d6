#include "apps/isolate_host/natives.h"

#include "js/named_natives.h"
#include "nodeapi/library_natives.h"
#include "runtime/natives/natives.h"
#include "webapi/compression/compression_natives.h"
#include "webapi/console/console_natives.h"
#include "webapi/crypto/crypto_natives.h"
#include "webapi/crypto/subtle_natives.h"
#include "webapi/encoding/encoding_natives.h"
#include "webapi/structured_clone/structured_clone_natives.h"
#include "webapi/url/url_natives.h"

namespace atoll::host {

std::vector<js::NativeTable> all_natives() {
  // One a line, so that additions do not meet.
  // clang-format off
  return {
      runtime::body_natives(),
      runtime::exchange_natives(),
      runtime::kv_natives(),
      runtime::loader_natives(),
      runtime::rpc_natives(),
      runtime::scheduling_natives(),
      runtime::socket_natives(),
      webapi::compression_natives(),
      webapi::console_natives(),
      webapi::crypto_natives(),
      webapi::subtle_natives(),
      webapi::encoding_natives(),
      webapi::structured_clone_natives(),
      webapi::url_natives(),
      nodeapi::library_natives(),
      js::named_natives(),
      runtime::websocket_natives(),
  };
  // clang-format on
}

}  // namespace atoll::host
