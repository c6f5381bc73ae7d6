#include "nodeapi/library_natives.h"

#include <map>
#include <memory>
#include <span>
#include <vector>

#include "js/lazy_property.h"
#include "js/named_natives.h"
#include "nodeapi/binding.h"

namespace atoll::nodeapi {
namespace {

struct Collection {
  v8::Isolate* isolate = nullptr;
  std::map<std::string, v8::Global<v8::Function>> functions;
};
std::unique_ptr<Collection> g_collection;  // only while the library is built

// What a source of the library sees besides the globals of the language.
constexpr const char* kNodeParameters[] = {"exports", "require",         "module",
                                           "process", "internalBinding", "primordials"};
constexpr const char* kPartParameters[] = {"natives", "outer"};

// The function whose body the source is; nothing when there is no such source.
void compile(const js::Arguments& info, const std::string& name, const std::string& origin_name,
             std::span<const char* const> parameter_names) {
  v8::Isolate* isolate = info.GetIsolate();
  const js::LibrarySource* found = js::find_library_source(name);
  if (found == nullptr) return;
  v8::Local<v8::Context> context = isolate->GetCurrentContext();
  v8::Local<v8::String> text;
  if (!v8::String::NewExternalOneByte(isolate, found->resource).ToLocal(&text)) return;
  v8::ScriptOrigin origin(js::to_v8(isolate, origin_name));
  v8::ScriptCompiler::CachedData* cache = nullptr;
  if (!found->code_cache.empty()) {
    cache = new v8::ScriptCompiler::CachedData(
        reinterpret_cast<const std::uint8_t*>(found->code_cache.data()),
        static_cast<int>(found->code_cache.size()));
  }
  v8::ScriptCompiler::Source source(text, origin, cache);
  std::vector<v8::Local<v8::String>> parameters;
  for (const char* parameter : parameter_names) {
    parameters.push_back(js::symbol_to_v8(isolate, parameter));
  }
  v8::Local<v8::Function> function;
  if (!v8::ScriptCompiler::CompileFunction(
           context, &source, parameters.size(), parameters.data(), 0, nullptr,
           cache ? v8::ScriptCompiler::kConsumeCodeCache : v8::ScriptCompiler::kNoCompileOptions)
           .ToLocal(&function)) {
    return;
  }
  if (g_collection && g_collection->isolate == isolate) {
    g_collection->functions[name].Reset(isolate, function);
  }
  info.GetReturnValue().Set(function);
}

// (name) → function, or undefined when Node's library has no such source.
void library_function(const js::Arguments& info) {
  if (!info[0]->IsString()) return;
  std::string name = js::to_utf8(info.GetIsolate(), info[0]);
  compile(info, name, "node:" + name, kNodeParameters);
}

// (name) → the function that makes a lazy part of the built-ins.
void part_function(const js::Arguments& info) {
  std::string name = js::to_utf8(info.GetIsolate(), info[0]);
  compile(info, "part/" + name, "atoll:builtins/" + name, kPartParameters);
}

// (name) → object of native functions, or undefined.
void native_binding(const js::Arguments& info) {
  v8::Isolate* isolate = info.GetIsolate();
  if (!info[0]->IsString()) return;
  std::string name = js::to_utf8(isolate, info[0]);
  v8::Local<v8::Context> context = isolate->GetCurrentContext();
  for (const Binding* binding : all_bindings()) {
    if (binding->name != name) continue;
    // Without a prototype: a setter on Object.prototype must not get to see it.
    v8::Local<v8::Object> object = v8::Object::New(isolate, v8::Null(isolate), nullptr, nullptr, 0);
    for (const js::NativeFunction& native : binding->functions) {
      v8::Local<v8::Function> function;
      if (!js::make_native(context, native.name, native.callback).ToLocal(&function) ||
          !set_value(context, object, native.name, function)) {
        return;
      }
    }
    if (binding->extend != nullptr && !binding->extend(context, object)) return;
    return info.GetReturnValue().Set(object);
  }
}

// ([object, name, function that gives the value, enumerable, …])
void define_lazy(const js::Arguments& info) {
  if (!info[0]->IsArray()) return;
  js::define_lazy_properties(info.GetIsolate()->GetCurrentContext(), info[0].As<v8::Array>());
}

constexpr js::NativeFunction kNatives[] = {
    {"defineLazy", define_lazy},
    {"nodeLibraryFunction", library_function},
    {"partFunction", part_function},
    {"nodeBinding", native_binding},
};

}  // namespace

js::NativeTable library_natives() { return kNatives; }

Result<std::vector<js::PackedSource>> compile_library(v8::Isolate* isolate,
                                                      v8::Local<v8::Context> context,
                                                      v8::Local<v8::Object> builtins) {
  g_collection = std::make_unique<Collection>();
  g_collection->isolate = isolate;
  v8::Context::Scope in_context(context);
  v8::TryCatch caught(isolate);
  auto call = [&](const char* name) {
    v8::Local<v8::Value> load;
    return builtins->Get(context, js::symbol_to_v8(isolate, name)).ToLocal(&load) &&
           load->IsFunction() &&
           !load.As<v8::Function>()->Call(context, builtins, 0, nullptr).IsEmpty();
  };
  if (!call("loadEveryPart") || !call("loadWholeNodeLibrary")) {
    v8::Local<v8::Value> stack = v8::Undefined(isolate);
    (void)caught.StackTrace(context).ToLocal(&stack);
    v8::String::Utf8Value text(isolate, stack);
    return fail(internal_error(std::string("loading the library: ") + (*text ? *text : "?")));
  }
  std::vector<js::PackedSource> sources;
  for (std::string_view name : js::library_source_names()) {
    js::PackedSource packed{
        std::string(name), std::string(js::find_library_source(name)->text), {}};
    auto compiled = g_collection->functions.find(packed.name);
    if (compiled != g_collection->functions.end()) {
      std::unique_ptr<v8::ScriptCompiler::CachedData> cache(
          v8::ScriptCompiler::CreateCodeCacheForFunction(
              compiled->second.Get(g_collection->isolate)));
      if (cache) {
        packed.code_cache.assign(reinterpret_cast<const char*>(cache->data),
                                 static_cast<std::size_t>(cache->length));
      }
    }
    sources.push_back(std::move(packed));
  }
  g_collection.reset();
  return std::move(sources);
}

}  // namespace atoll::nodeapi
