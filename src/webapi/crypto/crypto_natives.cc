// The state of an unfinished digest lives in a Uint8Array, so nothing must be freed when it is
// dropped or its isolate is.
#include "webapi/crypto/digest.h"

#include "webapi/crypto/crypto_natives.h"

#include <openssl/crypto.h>

#include <cstring>

#include "base/check.h"
#include "base/random.h"
#include "webapi/crypto/checksum.h"
#include "webapi/crypto/paired_digest.h"

namespace atoll::webapi {
namespace {

constexpr int kSha256 = 2;  // of with_digest()

template <typename Use>
void with_digest(v8::Local<v8::Value> value, Use use) {
  const int number = value.As<v8::Int32>()->Value();
  switch (number) {
    case 5:
      return use(Crc32{});
    case 6:
      return use(Crc32c{});
    case 7:
      return use(Crc64Nvme{});
    default:
      webapi::with_digest(number, use);
  }
}

void return_buffer(const js::Arguments& arguments, std::string_view bytes) {
  v8::Local<v8::ArrayBuffer> buffer;
  if (js::new_array_buffer(arguments.GetIsolate(), bytes).ToLocal(&buffer))
    arguments.GetReturnValue().Set(buffer);
}

template <typename State>
State state_from(v8::Local<v8::Value> value) {
  auto bytes = js::bytes_of(value);
  CHECK(bytes && bytes->size() == sizeof(State));
  State state;
  std::memcpy(&state, bytes->data(), sizeof(State));
  return state;
}

void fill_random_bytes(const js::Arguments& arguments) {
  auto bytes = js::bytes_of(arguments[0]);
  CHECK(bytes);
  fill_random(bytes->data(), bytes->size());
}

void random_uuid_string(const js::Arguments& arguments) {
  arguments.GetReturnValue().Set(js::latin1_to_v8(arguments.GetIsolate(), random_uuid()));
}

// (number, data) → the digest, or a promise of it
void digest(const js::Arguments& arguments) {
  if (arguments[0].As<v8::Int32>()->Value() == kSha256 && digest_in_pair(arguments)) return;
  with_digest(arguments[0], [&](auto algorithm) {
    using Algorithm = decltype(algorithm);
    auto bytes = js::bytes_of(arguments[1]);
    CHECK(bytes);
    typename Algorithm::State state;
    unsigned char result[Algorithm::kSize];
    Algorithm::init(state);
    Algorithm::update(state, bytes->data(), bytes->size());
    Algorithm::finish(state, result);
    return_buffer(arguments, {reinterpret_cast<char*>(result), sizeof(result)});
  });
}

void digest_begin(const js::Arguments& arguments) {
  with_digest(arguments[0], [&](auto algorithm) {
    using Algorithm = decltype(algorithm);
    typename Algorithm::State state;
    std::memset(&state, 0, sizeof(state));
    Algorithm::init(state);
    v8::Local<v8::Uint8Array> view;
    if (js::new_uint8_array(arguments.GetIsolate(),
                            {reinterpret_cast<char*>(&state), sizeof(state)})
            .ToLocal(&view)) {
      arguments.GetReturnValue().Set(view);
    }
  });
}

void digest_update(const js::Arguments& arguments) {
  with_digest(arguments[0], [&](auto algorithm) {
    using Algorithm = decltype(algorithm);
    auto state = state_from<typename Algorithm::State>(arguments[1]);
    auto bytes = js::bytes_of(arguments[2]);
    CHECK(bytes);
    Algorithm::update(state, bytes->data(), bytes->size());
    std::memcpy(js::bytes_of(arguments[1])->data(), &state, sizeof(state));
  });
}

void digest_end(const js::Arguments& arguments) {
  with_digest(arguments[0], [&](auto algorithm) {
    using Algorithm = decltype(algorithm);
    auto state = state_from<typename Algorithm::State>(arguments[1]);
    unsigned char result[Algorithm::kSize];
    Algorithm::finish(state, result);
    return_buffer(arguments, {reinterpret_cast<char*>(result), sizeof(result)});
  });
}

void bytes_equal(const js::Arguments& arguments) {
  auto a = js::bytes_of(arguments[0]);
  auto b = js::bytes_of(arguments[1]);
  CHECK(a && b);
  if (a->size() != b->size()) return;
  arguments.GetReturnValue().Set(CRYPTO_memcmp(a->data(), b->data(), a->size()) == 0);
}

constexpr js::NativeFunction kNatives[] = {
    {"fillRandom", fill_random_bytes},
    {"randomUUID", random_uuid_string},
    {"digest", digest},
    {"digestBegin", digest_begin},
    {"digestUpdate", digest_update},
    {"digestEnd", digest_end},
    {"bytesEqual", bytes_equal},
};

}  // namespace

js::NativeTable crypto_natives() { return kNatives; }

}  // namespace atoll::webapi
