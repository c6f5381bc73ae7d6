// Natives that read the bodies of received messages and write bodies chunk by chunk.
#include <boost/asio/post.hpp>
#include <cstring>

#include "async/string_source.h"
#include "http/codec/text_scan.h"
#include "runtime/message_coding.h"
#include "runtime/natives/invocation_access.h"
#include "runtime/natives/natives.h"
#include "runtime/watched_source.h"

namespace atoll::runtime {
namespace {

// Beside the isolate's memory limit.
constexpr std::size_t kMaxBufferedBody = std::size_t{512} << 20;
// After so many decoded bytes others get their turn.
constexpr std::size_t kDecodedAtOnce = std::size_t{1} << 20;

v8::MaybeLocal<v8::Value> chunk_value(v8::Isolate* isolate, std::string_view chunk) {
  if (chunk.empty()) return v8::Null(isolate).As<v8::Value>();
  v8::Local<v8::Uint8Array> array;
  if (!js::new_uint8_array(isolate, chunk).ToLocal(&array)) return {};
  return array.As<v8::Value>();
}

enum class WholeAs { Buffer, Text };

v8::MaybeLocal<v8::Value> whole_value(v8::Isolate* isolate, std::string_view bytes, WholeAs as) {
  if (as == WholeAs::Text) {
    if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
    v8::Local<v8::String> text;
    if (v8::String::NewFromUtf8(isolate, bytes.data(), v8::NewStringType::kNormal,
                                static_cast<int>(bytes.size()))
            .ToLocal(&text)) {
      return text.As<v8::Value>();
    }
    js::throw_range_error(isolate, "The body is too long for a string.");
    return {};
  }
  v8::Local<v8::ArrayBuffer> buffer;
  if (!js::new_array_buffer(isolate, bytes).ToLocal(&buffer)) return {};
  return buffer.As<v8::Value>();
}

void message_headers(const js::Arguments& info) {
  Caller caller = require_invocation(info);
  if (!caller) return;
  Message* message = require_message(caller, info, info[0]);
  if (message == nullptr) return;
  v8::Isolate* isolate = info.GetIsolate();
  std::vector<v8::Local<v8::Value>> flat;
  flat.reserve(message->headers.size() * 2);
  std::string lower;
  for (auto [name, value] : message->headers) {
    lower.assign(name);
    for (char& c : lower) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    }
    flat.push_back(js::symbol_to_v8(isolate, lower));
    flat.push_back(js::to_v8(isolate, value));
  }
  info.GetReturnValue().Set(v8::Array::New(isolate, flat.data(), flat.size()));
}

// One header without making a list of all: its values joined, or null.
void message_header(const js::Arguments& info) {
  Caller caller = require_invocation(info);
  if (!caller) return;
  Message* message = require_message(caller, info, info[0]);
  if (message == nullptr) return;
  std::string wanted = text_argument(info, 1);
  std::string joined;
  bool found = false;
  for (auto [name, value] : message->headers) {
    if (!http::equals_ignoring_case(name, wanted)) continue;
    if (found) joined += ", ";
    joined += value;
    found = true;
  }
  if (!found) return info.GetReturnValue().SetNull();
  info.GetReturnValue().Set(js::to_v8(info.GetIsolate(), joined));
}

void body_length(const js::Arguments& info) {
  Caller caller = require_invocation(info);
  if (!caller) return;
  Message* message = require_message(caller, info, info[0]);
  if (message == nullptr) return;
  double length = -1;
  if (message->coding) {
    // Nobody knows before it is decoded.
  } else if (auto* bytes = std::get_if<std::string>(&message->body)) {
    length = static_cast<double>(bytes->size());
  } else if (auto* source = std::get_if<std::unique_ptr<ByteSource>>(&message->body)) {
    if (*source && (*source)->length()) length = static_cast<double>(*(*source)->length());
  } else {
    length = 0;
  }
  info.GetReturnValue().Set(length);
}

// A body that will not come: lost on the way, or malformed.
v8::Local<v8::Value> read_error(Worker& worker, v8::Local<v8::Context> context,
                                const Error& error) {
  bool is_lost = error.kind() == ErrorKind::Unavailable;
  return worker.make_error(context, is_lost ? "Error" : "TypeError", error.message());
}

// Scripts read bodies without their coding.
void decode(const Caller& caller, Message& message) {
  if (!message.coding || message.reading) return;
  message.body = recoded(std::move(message.body), std::exchange(message.coding, std::nullopt),
                         std::nullopt, caller.worker->account());
}

// What a pending read tells JavaScript.
Worker::MakeValue read_result(Worker& worker, MessageId id, Result<std::string> chunk) {
  return [&worker, id, chunk = std::move(chunk)](
             v8::Local<v8::Context> context,
             Invocation& invocation) mutable -> v8::MaybeLocal<v8::Value> {
    v8::Isolate* isolate = worker.isolate();
    Message* message = invocation.find_message(id);
    if (message != nullptr) {
      message->reading = false;
      if (!chunk || chunk->empty()) message->body = std::monostate();
    }
    if (!chunk) {
      isolate->ThrowException(read_error(worker, context, chunk.error()));
      return {};
    }
    return chunk_value(isolate, *chunk);
  };
}

void body_read(const js::Arguments& info) {
  Caller caller = require_invocation(info);
  if (!caller) return;
  Message* message = require_message(caller, info, info[0]);
  if (message == nullptr) return;
  v8::Isolate* isolate = info.GetIsolate();
  v8::Local<v8::Value> value;
  decode(caller, *message);
  if (auto* bytes = std::get_if<std::string>(&message->body)) {
    std::string chunk = std::move(*bytes);
    message->body = std::monostate();
    if (chunk_value(isolate, chunk).ToLocal(&value)) info.GetReturnValue().Set(value);
    return;
  }
  auto* source = std::get_if<std::unique_ptr<ByteSource>>(&message->body);
  if (source == nullptr || *source == nullptr) return info.GetReturnValue().SetNull();
  if (message->reading) return js::throw_type_error(isolate, "This body is already being read.");
  auto started = caller.worker->start_pending(*caller.invocation);
  if (!started) return;
  message->reading = true;
  info.GetReturnValue().Set(started->promise);
  (*source)->read([worker = caller.worker, pending = started->pending,
                   id = message->id](Result<std::string> chunk) {
    if (pending.worker.expired()) return;
    Worker::settle(pending, read_result(*worker, id, std::move(chunk)));
  });
}

// Collects a source until its end. Decoding may be much work for few bytes received, so it is
// charged to the invocation and lets others have the loop in between.
struct Collection {
  ~Collection() { release(); }

  // What is held counts against the isolate's memory until JavaScript has it.
  bool charge(std::size_t size) {
    if (!account->charge(size)) return false;
    charged += size;
    return true;
  }
  void release() { account->release(std::exchange(charged, 0)); }

  Worker::Pending pending;
  Worker* worker;
  MessageId message;
  WholeAs as;
  std::unique_ptr<ByteSource> source;
  std::shared_ptr<js::MemoryAccount> account;
  std::size_t charged = 0;
  std::string bytes;
  bool is_decoded = false;
  std::size_t at_last_break = 0;    // bytes.size() then
  std::chrono::nanoseconds cpu{0};  // of decoding
};

void finish_collection(std::shared_ptr<Collection> collection, std::optional<Error> error) {
  if (collection->pending.worker.expired()) return;
  Worker::settle(
      collection->pending,
      [collection, error = std::move(error)](v8::Local<v8::Context> context,
                                             Invocation& invocation) -> v8::MaybeLocal<v8::Value> {
        Worker& worker = *collection->worker;
        invocation.cpu += collection->cpu;
        collection->release();
        if (error) {
          worker.isolate()->ThrowException(read_error(worker, context, *error));
          return {};
        }
        return whole_value(worker.isolate(), collection->bytes, collection->as);
      });
}

bool add_chunk(Collection& collection, std::string chunk) {
  if (collection.bytes.size() + chunk.size() > kMaxBufferedBody || !collection.charge(chunk.size()))
    return false;
  collection.bytes.empty() ? collection.bytes = std::move(chunk) : collection.bytes.append(chunk);
  return true;
}

void collect(std::shared_ptr<Collection> collection) {
  // Sources may answer at once or later; a loop instead of recursion keeps the stack flat.
  auto answered_inside = std::make_shared<bool>(true);
  auto began = std::chrono::steady_clock::now();
  while (*answered_inside) {
    *answered_inside = false;
    if (collection->is_decoded &&
        collection->bytes.size() - collection->at_last_break > kDecodedAtOnce) {
      collection->at_last_break = collection->bytes.size();
      boost::asio::post(collection->worker->host().scheduler.loop(), [collection] {
        if (!collection->pending.worker.expired()) collect(collection);
      });
      break;
    }
    auto inside = std::make_shared<bool>(true);
    collection->source->read([collection, answered_inside, inside](Result<std::string> chunk) {
      if (!chunk) return finish_collection(collection, std::move(chunk.error()));
      if (chunk->empty()) return finish_collection(collection, std::nullopt);
      if (!add_chunk(*collection, std::move(*chunk))) {
        return finish_collection(
            collection, Error(ErrorKind::LimitReached, "The body is too large to be buffered."));
      }
      if (*inside) {
        *answered_inside = true;
      } else {
        collect(collection);
      }
    });
    *inside = false;
  }
  if (collection->is_decoded) collection->cpu += std::chrono::steady_clock::now() - began;
}

void body_read_all(const js::Arguments& info) {
  Caller caller = require_invocation(info);
  if (!caller) return;
  Message* message = require_message(caller, info, info[0]);
  if (message == nullptr) return;
  v8::Isolate* isolate = info.GetIsolate();
  WholeAs as = int_argument(info, 1) == 1 ? WholeAs::Text : WholeAs::Buffer;
  v8::Local<v8::Value> value;
  bool is_coded = message->coding.has_value();
  decode(caller, *message);
  auto* source = std::get_if<std::unique_ptr<ByteSource>>(&message->body);
  if (source == nullptr || *source == nullptr) {
    std::string bytes;
    if (auto* held = std::get_if<std::string>(&message->body)) bytes = std::move(*held);
    message->body = std::monostate();
    if (whole_value(isolate, bytes, as).ToLocal(&value)) info.GetReturnValue().Set(value);
    return;
  }
  if (message->reading) return js::throw_type_error(isolate, "This body is already being read.");
  auto started = caller.worker->start_pending(*caller.invocation);
  if (!started) return;
  info.GetReturnValue().Set(started->promise);
  auto collection = std::make_shared<Collection>();
  collection->pending = started->pending;
  collection->worker = caller.worker;
  collection->account = caller.worker->account();
  collection->message = message->id;
  collection->as = as;
  collection->source = std::move(*source);
  collection->is_decoded = is_coded;
  message->body = std::monostate();
  collect(std::move(collection));
}

void body_cancel(const js::Arguments& info) {
  // Cancelling is always allowed: a stream may be collected after its request.
  Invocation* invocation = Worker::of(info.GetIsolate()).current();
  if (invocation == nullptr) return;
  Message* message = invocation->find_message(int_argument(info, 0));
  if (message != nullptr && !message->reading) message->body = std::monostate();
}

// (message, length): the body is about to go another way than through JavaScript, its length known
// or -1. → promise: true when it has been read to its end, false when the reader has given it up.
// Until then the invocation goes on, as with a body that JavaScript sends.
void body_watch(const js::Arguments& info) {
  Caller caller = require_invocation(info);
  if (!caller) return;
  Message* message = require_message(caller, info, info[0]);
  if (message == nullptr) return;
  if (message->reading) {
    return js::throw_type_error(info.GetIsolate(), "This body is already being read.");
  }
  auto started = caller.worker->start_pending(*caller.invocation);
  if (!started) return;
  info.GetReturnValue().Set(started->promise);
  std::int32_t sink = caller.worker->next_id();
  caller.invocation->sinks[sink] = BodyPipe::make(std::nullopt);
  std::optional<std::uint64_t> length;
  if (number_argument(info, 1) >= 0) length = static_cast<std::uint64_t>(number_argument(info, 1));
  std::unique_ptr<ByteSource> source;
  if (auto* held = std::get_if<std::unique_ptr<ByteSource>>(&message->body)) {
    source = std::move(*held);
  } else if (auto* bytes = std::get_if<std::string>(&message->body)) {
    source = std::make_unique<StringSource>(std::move(*bytes));
  }
  if (source == nullptr) source = std::make_unique<StringSource>(std::string());
  message->body = std::make_unique<WatchedSource>(
      std::move(source), length,
      [worker = caller.worker, pending = started->pending, sink](Result<bool> how) {
        if (pending.worker.expired()) return;
        Worker::settle(
            pending,
            [worker, sink, how = std::move(how)](
                v8::Local<v8::Context> context,
                Invocation& invocation) -> v8::MaybeLocal<v8::Value> {
              invocation.sinks.erase(sink);
              if (how) return v8::Boolean::New(worker->isolate(), *how).As<v8::Value>();
              worker->isolate()->ThrowException(read_error(*worker, context, how.error()));
              return {};
            });
      });
}

std::shared_ptr<BodyPipe> require_sink(const Caller& caller, const js::Arguments& info) {
  auto found = caller.invocation->sinks.find(int_argument(info, 0));
  if (found == caller.invocation->sinks.end()) {
    throw_other_request(info.GetIsolate());
    return nullptr;
  }
  return found->second;
}

void open_sink(const js::Arguments& info) {
  Caller caller = require_invocation(info);
  if (!caller) return;
  double length = number_argument(info, 0);
  std::optional<std::uint64_t> promised;
  if (info[0]->IsNumber() && length >= 0) promised = static_cast<std::uint64_t>(length);
  std::int32_t id = caller.worker->next_id();
  caller.invocation->sinks[id] = BodyPipe::make(promised);
  info.GetReturnValue().Set(id);
}

void sink_write(const js::Arguments& info) {
  Caller caller = require_invocation(info);
  if (!caller) return;
  std::shared_ptr<BodyPipe> sink = require_sink(caller, info);
  if (sink == nullptr) return;
  v8::Isolate* isolate = info.GetIsolate();
  auto bytes = js::bytes_of(info[1]);
  if (!bytes) return js::throw_type_error(isolate, "This ReadableStream did not return bytes.");
  if (sink->cancelled()) return js::throw_error(isolate, sink->cancelled()->message());
  if (sink->reader_gone()) return js::throw_type_error(isolate, "The response body was cancelled.");
  std::string chunk(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  // The reader may act at once, and must not do so inside this turn.
  bool go_on = sink->write(caller.worker->host().scheduler, std::move(chunk));
  if (go_on) return;
  auto started = caller.worker->start_pending(*caller.invocation);
  if (!started) return;
  info.GetReturnValue().Set(started->promise);
  sink->on_drained = [worker = caller.worker, pending = started->pending,
                      pipe = std::weak_ptr(sink)](bool still_wanted) {
    if (pending.worker.expired()) return;
    std::string why;
    if (auto alive = pipe.lock(); alive && alive->cancelled()) why = alive->cancelled()->message();
    Worker::settle(pending,
                   [worker, still_wanted, why = std::move(why)](
                       v8::Local<v8::Context> context, Invocation&) -> v8::MaybeLocal<v8::Value> {
                     if (still_wanted) return v8::Undefined(worker->isolate()).As<v8::Value>();
                     if (!why.empty()) {
                       worker->isolate()->ThrowException(worker->make_error(context, "Error", why));
                       return {};
                     }
                     worker->isolate()->ThrowException(worker->make_error(
                         context, "TypeError", "The response body was cancelled."));
                     return {};
                   });
  };
}

void end_sink(const js::Arguments& info, std::optional<Error> error) {
  Worker& worker = Worker::of(info.GetIsolate());
  Invocation* invocation = worker.current();
  if (invocation == nullptr) return;
  auto found = invocation->sinks.find(int_argument(info, 0));
  if (found == invocation->sinks.end()) return;
  std::shared_ptr<BodyPipe> sink = std::move(found->second);
  invocation->sinks.erase(found);
  worker.touch(*invocation);
  worker.host().scheduler.run([sink, error = std::move(error)]() mutable {
    if (error) {
      sink->abort(*std::move(error));
    } else {
      sink->close();
    }
  });
}

void sink_close(const js::Arguments& info) { end_sink(info, std::nullopt); }

void sink_abort(const js::Arguments& info) {
  end_sink(info, Error(ErrorKind::Unavailable, text_argument(info, 1)));
}

constexpr js::NativeFunction kNatives[] = {
    {"messageHeaders", message_headers}, {"messageHeader", message_header},
    {"bodyLength", body_length},         {"bodyRead", body_read},
    {"bodyReadAll", body_read_all},      {"bodyCancel", body_cancel},
    {"bodyWatch", body_watch},           {"openSink", open_sink},
    {"sinkWrite", sink_write},           {"sinkClose", sink_close},
    {"sinkAbort", sink_abort},
};

}  // namespace

js::NativeTable body_natives() { return kNatives; }

}  // namespace atoll::runtime
