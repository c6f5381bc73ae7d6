// Natives behind env.MY_KV. Arguments were checked by the built-in JavaScript.
#include <cmath>

#include "runtime/natives/invocation_access.h"
#include "runtime/natives/natives.h"

namespace atoll::runtime {
namespace {

enum class ValueAs { Text, Buffer };

void throw_kv_error(Worker& worker, v8::Local<v8::Context> context, const char* operation,
                    const Error& error) {
  std::string message = std::string("KV ") + operation + " failed: " + error.message();
  worker.isolate()->ThrowException(worker.make_error(context, "Error", message));
}

v8::Local<v8::Value> metadata_value(v8::Isolate* isolate, const std::string& metadata) {
  if (metadata.empty()) return v8::Undefined(isolate);
  return js::to_v8(isolate, metadata);
}

// null, or [value, metadata].
v8::MaybeLocal<v8::Value> entry_value(v8::Isolate* isolate, const std::optional<KvEntry>& entry,
                                      ValueAs as) {
  if (!entry) return v8::Null(isolate).As<v8::Value>();
  v8::Local<v8::Value> value;
  if (as == ValueAs::Text) {
    value = js::to_v8(isolate, entry->value);
  } else {
    v8::Local<v8::ArrayBuffer> buffer;
    if (!js::new_array_buffer(isolate, entry->value).ToLocal(&buffer)) return {};
    value = buffer;
  }
  v8::Local<v8::Value> pair[] = {value, metadata_value(isolate, entry->metadata)};
  return v8::Array::New(isolate, pair, 2).As<v8::Value>();
}

using Entries = std::vector<std::optional<KvEntry>>;

// Starts a KV operation: `begin` is given the callback to answer with.
template <typename T, typename Begin, typename MakeValue>
void run_operation(const js::Arguments& info, const char* operation, Begin begin,
                   MakeValue make_value) {
  v8::TryCatch caught(info.GetIsolate());
  Caller caller = require_invocation(info);
  if (!caller || !count_subrequest(caller, info)) return return_rejection(info, caught);
  auto started = caller.worker->start_pending(*caller.invocation);
  if (!started) return return_rejection(info, caught);
  info.GetReturnValue().Set(started->promise);
  begin(*caller.worker, [worker = caller.worker, pending = started->pending, operation,
                         make_value](Result<T> answer) mutable {
    if (pending.worker.expired()) return;
    Worker::settle(
        pending,
        [worker, operation, make_value, answer = std::move(answer)](
            v8::Local<v8::Context> context, Invocation&) mutable -> v8::MaybeLocal<v8::Value> {
          if (!answer) {
            throw_kv_error(*worker, context, operation, answer.error());
            return {};
          }
          return make_value(worker->isolate(), context, answer);
        });
  });
}

std::uint64_t handle_argument(const js::Arguments& info) {
  return static_cast<std::uint64_t>(number_argument(info, 0));
}

// (handle, key, kind)
void kv_get(const js::Arguments& info) {
  ValueAs as = int_argument(info, 2) == 1 ? ValueAs::Buffer : ValueAs::Text;
  std::vector<std::string> keys{text_argument(info, 1)};
  run_operation<Entries>(
      info, "GET",
      [&](Worker& worker, auto done) {
        worker.host().kv.get(handle_argument(info), std::move(keys), std::move(done));
      },
      [as](v8::Isolate* isolate, v8::Local<v8::Context>, Result<Entries>& entries) {
        return entry_value(isolate, entries->front(), as);
      });
}

// (handle, keys)
void kv_get_many(const js::Arguments& info) {
  std::vector<std::string> keys;
  v8::Local<v8::Context> context = info.GetIsolate()->GetCurrentContext();
  if (info[1]->IsArray()) {
    auto array = info[1].As<v8::Array>();
    for (std::uint32_t i = 0; i < array->Length(); ++i) {
      v8::Local<v8::Value> key;
      if (!array->Get(context, i).ToLocal(&key)) return;
      keys.push_back(key->IsString() ? js::to_utf8(info.GetIsolate(), key) : std::string());
    }
  }
  run_operation<Entries>(
      info, "GET",
      [&](Worker& worker, auto done) {
        worker.host().kv.get(handle_argument(info), std::move(keys), std::move(done));
      },
      [](v8::Isolate* isolate, v8::Local<v8::Context>,
         Result<Entries>& entries) -> v8::MaybeLocal<v8::Value> {
        std::vector<v8::Local<v8::Value>> values;
        for (const auto& entry : *entries) {
          v8::Local<v8::Value> value;
          if (!entry_value(isolate, entry, ValueAs::Text).ToLocal(&value)) return {};
          values.push_back(value);
        }
        return v8::Array::New(isolate, values.data(), values.size()).As<v8::Value>();
      });
}

v8::MaybeLocal<v8::Value> nothing(v8::Isolate* isolate, v8::Local<v8::Context>, Result<void>&) {
  return v8::Undefined(isolate).As<v8::Value>();
}

// (handle, key, value, expirationSeconds | NaN, metadataJson | undefined)
void kv_put(const js::Arguments& info) {
  KvEntry entry;
  if (auto bytes = js::bytes_of(info[2])) {
    entry.value.assign(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  } else {
    entry.value = text_argument(info, 2);
  }
  double expiration = number_argument(info, 3);
  if (info[3]->IsNumber() && !std::isnan(expiration)) {
    entry.expires_at_seconds = static_cast<std::int64_t>(expiration);
  }
  entry.metadata = text_argument(info, 4);
  run_operation<void>(
      info, "PUT",
      [&](Worker& worker, auto done) {
        worker.host().kv.write(handle_argument(info), text_argument(info, 1), std::move(entry),
                               std::move(done));
      },
      nothing);
}

void kv_delete(const js::Arguments& info) {
  run_operation<void>(
      info, "DELETE",
      [&](Worker& worker, auto done) {
        worker.host().kv.write(handle_argument(info), text_argument(info, 1), std::nullopt,
                               std::move(done));
      },
      nothing);
}

v8::MaybeLocal<v8::Value> page_value(v8::Isolate* isolate, v8::Local<v8::Context> context,
                                     Result<KvPage>& page) {
  std::vector<v8::Local<v8::Value>> keys;
  for (const KvListedKey& key : page->keys) {
    v8::Local<v8::Object> listed = v8::Object::New(isolate);
    auto set = [&](const char* name, v8::Local<v8::Value> value) {
      (void)listed->CreateDataProperty(context, js::symbol_to_v8(isolate, name), value);
    };
    set("name", js::to_v8(isolate, key.name));
    if (key.expires_at_seconds) {
      set("expiration", v8::Number::New(isolate, static_cast<double>(*key.expires_at_seconds)));
    }
    if (!key.metadata.empty()) set("metadata", js::to_v8(isolate, key.metadata));
    keys.push_back(listed);
  }
  // A listing goes on after its last key.
  std::string cursor = page->complete || page->keys.empty() ? "" : page->keys.back().name;
  v8::Local<v8::Object> value = v8::Object::New(isolate);
  auto set = [&](const char* name, v8::Local<v8::Value> member) {
    (void)value->CreateDataProperty(context, js::symbol_to_v8(isolate, name), member);
  };
  set("keys", v8::Array::New(isolate, keys.data(), keys.size()));
  set("cursor", js::to_v8(isolate, cursor));
  return value.As<v8::Value>();
}

// (handle, prefix, limit, cursor)
void kv_list(const js::Arguments& info) {
  run_operation<KvPage>(
      info, "LIST",
      [&](Worker& worker, auto done) {
        worker.host().kv.list(handle_argument(info), text_argument(info, 1), text_argument(info, 3),
                              static_cast<unsigned>(number_argument(info, 2)), std::move(done));
      },
      page_value);
}

constexpr js::NativeFunction kNatives[] = {
    {"kvGet", kv_get},       {"kvGetMany", kv_get_many}, {"kvPut", kv_put},
    {"kvDelete", kv_delete}, {"kvList", kv_list},
};

}  // namespace

js::NativeTable kv_natives() { return kNatives; }

}  // namespace atoll::runtime
