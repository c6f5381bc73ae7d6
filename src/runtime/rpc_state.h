// What an invocation has to do with remote procedure calls: the objects it has given out, those it
// has got, and the calls it answers.
#pragma once

#include <v8.h>

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <variant>

#include "runtime/rpc.h"

namespace atoll::runtime {

class LoadedWorker;

struct RpcState {
  // An object of this invocation that others can call.
  struct Export {
    v8::Global<v8::Object> entry;  // an Entry of webapi/rpc/
    bool wants_release = false;    // JavaScript is to hear when nobody holds it any more
    // It came out of a call that began this invocation, or of one made on such an object: as long
    // as the caller holds it, the invocation goes on. What was given out as an argument does not
    // count, so that no two invocations keep each other.
    bool of_session = false;
  };

  // A call that this invocation answers.
  struct Incoming {
    std::unique_ptr<RpcReturn> back;
    bool of_session = false;
    bool begins = false;  // the call that the invocation was made for
    std::variant<std::monostate, RpcResult, Failure> ready;  // once JavaScript has answered
  };

  // A pipe whose reader is a stream of this invocation and whose writer is given away.
  struct Reverse {
    std::shared_ptr<BodyPipe> given;  // null once it has gone
    std::weak_ptr<BodyPipe> pipe;
  };

  // A dynamic Worker that this invocation has looked at, and can provide the code of.
  struct Loading {
    std::string name;
    std::shared_ptr<LoadedWorker> worker;
    v8::Global<v8::Function> get_code;
    bool asked = false;
  };

  boost::unordered_flat_map<std::int32_t, Loading> loading;
  boost::unordered_flat_map<std::int32_t, Export> exports;
  boost::unordered_flat_map<std::int32_t, std::shared_ptr<RpcCapability>> imports;
  boost::unordered_flat_map<std::int32_t, Incoming> incoming;
  boost::unordered_flat_map<std::int32_t, Reverse> reverse;
  std::uint32_t held = 0;             // exports of the session
  std::uint32_t session_calls = 0;    // incoming ones of the session
  std::uint64_t bytes_under_way = 0;  // in arguments of calls that are not answered yet
};

}  // namespace atoll::runtime
