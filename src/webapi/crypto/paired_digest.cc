#include "webapi/crypto/paired_digest.h"

#include <chrono>
#include <span>
#include <string>
#include <utility>

#include "runtime/worker.h"
#include "webapi/crypto/digest.h"
#include "webapi/crypto/sha256_pair.h"

namespace atoll::webapi {
namespace {

using runtime::Invocation;
using runtime::Worker;

// Short ones are not worth the detour; long ones would hold more memory than they are worth.
constexpr std::size_t kLeastBytes = 128u << 10;
constexpr std::size_t kMostBytes = 2u << 20;
// After so many that nobody met, digests wait no more until several come at once again.
constexpr int kPatience = 2;

// The digest that waits, of this host. It is computed at the latest when the events that had
// arrived by then have been dealt with.
struct WaitingRoom {
  Worker::Pending pending;
  const Worker* worker = nullptr;  // whose it is; null: nobody waits
  std::string bytes;               // keeps its memory
  std::uint64_t number = 0;        // of the waiting one
  int lonely = 0;                  // so many in a row met nobody
  bool is_round = false;           // a digest was asked for, and the events of then go on
};

WaitingRoom& waiting_room() {
  static WaitingRoom room;
  return room;
}

std::span<const std::uint8_t> bytes_in(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// `cpu`: what it has cost outside of a turn.
void settle(WaitingRoom& room, const std::uint8_t* digest, std::chrono::nanoseconds cpu) {
  room.worker = nullptr;
  Worker::settle(std::exchange(room.pending, {}),
                 [cpu, digest = std::string(reinterpret_cast<const char*>(digest), 32)](
                     v8::Local<v8::Context>, Invocation& invocation) -> v8::MaybeLocal<v8::Value> {
                   invocation.cpu += cpu;
                   v8::Local<v8::ArrayBuffer> buffer;
                   if (!js::new_array_buffer(v8::Isolate::GetCurrent(), digest).ToLocal(&buffer)) {
                     return {};
                   }
                   return buffer.As<v8::Value>();
                 });
}

void compute_alone(std::uint64_t number) {
  WaitingRoom& room = waiting_room();
  room.is_round = false;
  if (room.worker == nullptr || room.number != number) return;
  ++room.lonely;
  if (room.pending.worker.expired()) {
    room.worker = nullptr;
    return;
  }
  auto began = std::chrono::steady_clock::now();
  SHA256_CTX state;
  std::uint8_t digest[32];
  Sha256::init(state);
  Sha256::update(state, room.bytes.data(), room.bytes.size());
  Sha256::finish(state, digest);
  settle(room, digest, std::chrono::steady_clock::now() - began);
}

}  // namespace

bool digest_in_pair(const js::Arguments& arguments) {
  auto bytes = js::bytes_of(arguments[1]);
  if (!bytes || bytes->size() < kLeastBytes || bytes->size() > kMostBytes || !can_pair_sha256()) {
    return false;
  }
  Worker& worker = Worker::of(arguments.GetIsolate());
  Invocation* invocation = worker.current();
  if (invocation == nullptr) return false;
  WaitingRoom& room = waiting_room();
  std::span<const std::uint8_t> given(bytes->data(), bytes->size());
  if (room.worker != nullptr) {
    if (room.worker != &worker || room.pending.worker.expired()) return false;
    Sha256Pair pair = sha256_pair(bytes_in(room.bytes), given);
    room.lonely = 0;
    settle(room, pair.first, {});
    v8::Local<v8::ArrayBuffer> buffer;
    if (js::new_array_buffer(arguments.GetIsolate(),
                             {reinterpret_cast<const char*>(pair.second), 32})
            .ToLocal(&buffer)) {
      arguments.GetReturnValue().Set(buffer);
    }
    return true;
  }
  bool others_came = std::exchange(room.is_round, true);
  if (others_came) room.lonely = 0;
  bool waits = room.lonely < kPatience;
  std::uint64_t number = ++room.number;
  if (!others_came || waits) {
    worker.host().timers.start(std::chrono::milliseconds(0), [number] { compute_alone(number); });
  }
  if (!waits) return false;
  auto started = worker.start_pending(*invocation);
  if (!started) return true;
  room.bytes.assign(reinterpret_cast<const char*>(given.data()), given.size());
  room.pending = started->pending;
  room.worker = &worker;
  arguments.GetReturnValue().Set(started->promise);
  return true;
}

}  // namespace atoll::webapi
