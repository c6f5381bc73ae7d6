#include <cstdlib>
#include <memory>
#include <vector>

#include "webapi/structured_clone/structured_clone_natives.h"

namespace atoll::webapi {
namespace {

// The functions that structured_clone.js passes along, in this order.
class Hooks {
 public:
  Hooks(v8::Local<v8::Context> context, v8::Local<v8::Value> array) : context_(context) {
    if (array->IsArray()) array_ = array.As<v8::Array>();
  }

  bool present() const { return !array_.IsEmpty(); }

  v8::MaybeLocal<v8::Value> is_platform_object(v8::Local<v8::Value> object) {
    return call(0, object);
  }
  v8::MaybeLocal<v8::Value> write(v8::Local<v8::Value> object) { return call(1, object); }
  v8::MaybeLocal<v8::Value> read(v8::Local<v8::Value> plain) { return call(2, plain); }
  v8::MaybeLocal<v8::Value> make_error(v8::Local<v8::Value> message) { return call(3, message); }

 private:
  v8::MaybeLocal<v8::Value> call(std::uint32_t index, v8::Local<v8::Value> argument) {
    v8::Local<v8::Value> function;
    if (!array_->Get(context_, index).ToLocal(&function) || !function->IsFunction()) return {};
    return function.As<v8::Function>()->Call(context_, v8::Undefined(v8::Isolate::GetCurrent()), 1,
                                             &argument);
  }

  v8::Local<v8::Context> context_;
  v8::Local<v8::Array> array_;
};

// What one value may take in its serialised form, which no isolate's limit counts.
constexpr std::size_t kMostSerializedBytes = std::size_t{128} << 20;

// Shared buffers have no wire form; within one isolate both sides use the same memory. V8 hands
// them over in handle scopes that end before the other side reads.
using SharedBuffers = std::vector<v8::Global<v8::SharedArrayBuffer>>;

class Writer final : public v8::ValueSerializer::Delegate {
 public:
  Writer(v8::Isolate* isolate, v8::Local<v8::Context> context, Hooks& hooks, SharedBuffers* shared)
      : context_(context), hooks_(hooks), shared_(shared), serializer_(isolate, this) {
    plain_prototype_ = v8::Object::New(isolate)->GetPrototypeV2();
    serializer_.WriteHeader();
  }

  v8::ValueSerializer& serializer() { return serializer_; }

  void ThrowDataCloneError(v8::Local<v8::String> message) override {
    v8::Isolate* isolate = v8::Isolate::GetCurrent();
    v8::Local<v8::Value> error;
    if (!hooks_.present()) {
      error = v8::Exception::Error(message);
    } else if (!hooks_.make_error(message).ToLocal(&error)) {
      return;  // something else is pending already
    }
    isolate->ThrowException(error);
  }

  // Without memory V8 gives up with an error of its own.
  void* ReallocateBufferMemory(void* old, std::size_t size, std::size_t* actual_size) override {
    if (size > kMostSerializedBytes) return nullptr;
    *actual_size = size;
    return std::realloc(old, size);
  }

  void FreeBufferMemory(void* buffer) override { std::free(buffer); }

  bool HasCustomHostObject(v8::Isolate*) override { return hooks_.present(); }

  v8::Maybe<bool> IsHostObject(v8::Isolate*, v8::Local<v8::Object> object) override {
    v8::Local<v8::Value> prototype = object->GetPrototypeV2();
    if (prototype == plain_prototype_ || prototype->IsNull()) return v8::Just(false);
    v8::Local<v8::Value> answer;
    if (!hooks_.is_platform_object(object).ToLocal(&answer)) return v8::Nothing<bool>();
    return v8::Just(answer->IsTrue());
  }

  v8::Maybe<bool> WriteHostObject(v8::Isolate* isolate, v8::Local<v8::Object> object) override {
    if (!hooks_.present()) {
      ThrowDataCloneError(js::to_v8(isolate, "The object could not be cloned."));
      return v8::Nothing<bool>();
    }
    v8::Local<v8::Value> plain;
    if (!hooks_.write(object).ToLocal(&plain)) return v8::Nothing<bool>();
    return serializer_.WriteValue(context_, plain);
  }

  v8::Maybe<std::uint32_t> GetSharedArrayBufferId(
      v8::Isolate* isolate, v8::Local<v8::SharedArrayBuffer> buffer) override {
    if (shared_ == nullptr) {
      ThrowDataCloneError(js::to_v8(isolate, "A SharedArrayBuffer cannot leave its Worker."));
      return v8::Nothing<std::uint32_t>();
    }
    for (std::uint32_t i = 0; i < shared_->size(); ++i) {
      if ((*shared_)[i] == buffer) return v8::Just(i);
    }
    shared_->emplace_back(isolate, buffer);
    return v8::Just(static_cast<std::uint32_t>(shared_->size() - 1));
  }

 private:
  v8::Local<v8::Context> context_;
  Hooks& hooks_;
  SharedBuffers* shared_;
  v8::Local<v8::Value> plain_prototype_;
  v8::ValueSerializer serializer_;
};

class Reader final : public v8::ValueDeserializer::Delegate {
 public:
  Reader(v8::Isolate* isolate, v8::Local<v8::Context> context, Hooks& hooks,
         const SharedBuffers* shared, const std::uint8_t* data, std::size_t size)
      : context_(context),
        hooks_(hooks),
        shared_(shared),
        deserializer_(isolate, data, size, this) {}

  v8::ValueDeserializer& deserializer() { return deserializer_; }

  v8::MaybeLocal<v8::Value> read() {
    bool known_version = false;
    if (!deserializer_.ReadHeader(context_).To(&known_version) || !known_version) return {};
    return deserializer_.ReadValue(context_);
  }

  v8::MaybeLocal<v8::Object> ReadHostObject(v8::Isolate* isolate) override {
    v8::Local<v8::Value> plain;
    if (!deserializer_.ReadValue(context_).ToLocal(&plain)) return {};
    // V8 forbids JavaScript while it reads. The hook is ours and calls nothing of the tenant's.
    v8::Isolate::AllowJavascriptExecutionScope allow(isolate);
    v8::Local<v8::Value> object;
    if (!hooks_.present()) {
      js::throw_error(isolate, "The object could not be cloned.");
      return {};
    }
    if (!hooks_.read(plain).ToLocal(&object) || !object->IsObject()) return {};
    return object.As<v8::Object>();
  }

  v8::MaybeLocal<v8::SharedArrayBuffer> GetSharedArrayBufferFromId(v8::Isolate* isolate,
                                                                   std::uint32_t id) override {
    if (shared_ == nullptr || id >= shared_->size()) return {};
    // A buffer of its own on the same memory.
    if (copies_.size() < shared_->size()) copies_.resize(shared_->size());
    if (copies_[id].IsEmpty()) {
      auto memory = (*shared_)[id].Get(isolate)->GetBackingStore();
      copies_[id].Reset(isolate, v8::SharedArrayBuffer::New(isolate, std::move(memory)));
    }
    return copies_[id].Get(isolate);
  }

 private:
  v8::Local<v8::Context> context_;
  Hooks& hooks_;
  const SharedBuffers* shared_;
  SharedBuffers copies_;  // by the same numbers
  v8::ValueDeserializer deserializer_;
};

struct FreeMemory {
  void operator()(std::uint8_t* memory) const { std::free(memory); }
};

// What a serializer wrote.
struct Written {
  explicit Written(v8::ValueSerializer& serializer) {
    auto [memory, length] = serializer.Release();
    bytes.reset(memory);
    size = length;
  }

  std::unique_ptr<std::uint8_t, FreeMemory> bytes;
  std::size_t size;
};

// Takes the memory out of each buffer. False, with an exception pending, if one cannot give it.
bool detach(v8::Isolate* isolate, Writer& writer,
            const std::vector<v8::Local<v8::ArrayBuffer>>& buffers,
            std::vector<std::shared_ptr<v8::BackingStore>>& memory) {
  for (const v8::Local<v8::ArrayBuffer>& buffer : buffers) {
    if (buffer->WasDetached() || !buffer->IsDetachable()) {
      writer.ThrowDataCloneError(
          js::to_v8(isolate, "An ArrayBuffer is detached and could not be cloned."));
      return false;
    }
    memory.push_back(buffer->GetBackingStore());
    if (buffer->Detach(v8::Local<v8::Value>()).IsNothing()) return false;
  }
  return true;
}

void structured_clone(const js::Arguments& arguments) {
  v8::Isolate* isolate = arguments.GetIsolate();
  v8::Local<v8::Context> context = isolate->GetCurrentContext();
  Hooks hooks(context, arguments[2]);
  SharedBuffers shared;
  Writer writer(isolate, context, hooks, &shared);

  std::vector<v8::Local<v8::ArrayBuffer>> buffers;
  if (arguments[1]->IsArray()) {
    auto list = arguments[1].As<v8::Array>();
    for (std::uint32_t i = 0; i < list->Length(); ++i) {
      v8::Local<v8::Value> item;
      if (!list->Get(context, i).ToLocal(&item) || !item->IsArrayBuffer()) return;
      buffers.push_back(item.As<v8::ArrayBuffer>());
      writer.serializer().TransferArrayBuffer(i, buffers.back());
    }
  }
  if (writer.serializer().WriteValue(context, arguments[0]).IsNothing()) return;
  std::vector<std::shared_ptr<v8::BackingStore>> memory;
  if (!detach(isolate, writer, buffers, memory)) return;

  const Written written(writer.serializer());
  Reader reader(isolate, context, hooks, &shared, written.bytes.get(), written.size);
  for (std::uint32_t i = 0; i < memory.size(); ++i) {
    reader.deserializer().TransferArrayBuffer(i, v8::ArrayBuffer::New(isolate, memory[i]));
  }
  v8::Local<v8::Value> copy;
  if (reader.read().ToLocal(&copy)) arguments.GetReturnValue().Set(copy);
}

void serialize(const js::Arguments& arguments) {
  v8::Isolate* isolate = arguments.GetIsolate();
  v8::Local<v8::Context> context = isolate->GetCurrentContext();
  Hooks hooks(context, arguments[1]);
  Writer writer(isolate, context, hooks, nullptr);
  if (writer.serializer().WriteValue(context, arguments[0]).IsNothing()) return;
  const Written written(writer.serializer());
  v8::Local<v8::Uint8Array> bytes;
  if (js::new_uint8_array(isolate,
                          {reinterpret_cast<const char*>(written.bytes.get()), written.size})
          .ToLocal(&bytes)) {
    arguments.GetReturnValue().Set(bytes);
  }
}

void deserialize(const js::Arguments& arguments) {
  v8::Isolate* isolate = arguments.GetIsolate();
  v8::Local<v8::Context> context = isolate->GetCurrentContext();
  auto source = js::bytes_of(arguments[0]);
  if (!source) {
    js::throw_type_error(isolate,
                         "deserialize: the source is not an ArrayBuffer or a view of one.");
    return;
  }
  // A copy: a hook may run JavaScript that changes the buffer.
  const std::vector<std::uint8_t> bytes(source->begin(), source->end());
  Hooks hooks(context, arguments[1]);
  Reader reader(isolate, context, hooks, nullptr, bytes.data(), bytes.size());
  v8::Local<v8::Value> value;
  if (reader.read().ToLocal(&value)) arguments.GetReturnValue().Set(value);
}

constexpr js::NativeFunction kNatives[] = {
    {"structuredClone", structured_clone},
    {"serialize", serialize},
    {"deserialize", deserialize},
};

}  // namespace

js::NativeTable structured_clone_natives() { return kNatives; }

}  // namespace atoll::webapi
