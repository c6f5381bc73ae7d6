#include "runtime/module_loader.h"

#include "base/check.h"
#include "js/native_function.h"
#include "runtime/code_generation.h"
#include "runtime/mapped_source.h"
#include "runtime/module_name.h"
#include "runtime/worker.h"

namespace atoll::runtime {
namespace {

constexpr std::string_view kWorkersModule = "cloudflare:workers";

// What the names of modules begin with where they are URLs.
constexpr std::string_view kBundleUrl = "file:///bundle/";

// Libraries patch what require() gives them; a module's namespace cannot be.
v8::MaybeLocal<v8::Value> changeable_copy(v8::Local<v8::Context> context,
                                          v8::Local<v8::Object> space) {
  v8::Local<v8::Object> copy = v8::Object::New(v8::Isolate::GetCurrent());
  v8::Local<v8::Array> names;
  if (!space->GetOwnPropertyNames(context).ToLocal(&names)) return {};
  for (std::uint32_t i = 0; i < names->Length(); ++i) {
    v8::Local<v8::Value> name;
    v8::Local<v8::Value> value;
    if (!names->Get(context, i).ToLocal(&name) || !space->Get(context, name).ToLocal(&value) ||
        copy->CreateDataProperty(context, name.As<v8::Name>(), value).IsNothing()) {
      return {};
    }
  }
  return copy.As<v8::Value>();
}

v8::Local<v8::String> default_name(v8::Isolate* isolate) {
  return js::symbol_to_v8(isolate, "default");
}

}  // namespace

ModuleLoader::ModuleLoader(v8::Isolate* isolate, const ScriptCode& code, Options options)
    : isolate_(isolate), code_(code), options_(options) {
  isolate->SetHostImportModuleWithPhaseDynamicallyCallback(&ModuleLoader::import_dynamically);
  if (options.names_are_urls) {
    isolate->SetHostInitializeImportMetaObjectCallback(&ModuleLoader::fill_import_meta);
  }
  if (code.code_cache) cached_ = open_code_cache(code.bundle, code.code_cache->bytes());
}

ModuleLoader::~ModuleLoader() = default;

std::string ModuleLoader::resource_name(std::string_view module) const {
  return options_.names_are_urls ? std::string(kBundleUrl) + std::string(module)
                                 : std::string(module);
}

std::string ModuleLoader::module_name(v8::Local<v8::Value> resource) const {
  if (resource.IsEmpty() || !resource->IsString()) return "";
  std::string name = js::to_utf8(isolate_, resource);
  if (options_.names_are_urls && name.starts_with(kBundleUrl)) name.erase(0, kBundleUrl.size());
  return name;
}

ModuleLoader& ModuleLoader::of(v8::Local<v8::Context> context) {
  return *static_cast<ModuleLoader*>(v8::Isolate::GetCurrent()->GetData(1));
}

v8::MaybeLocal<v8::Value> ModuleLoader::evaluate_entry(v8::Local<v8::Context> context,
                                                       v8::Local<v8::Object> workers_module,
                                                       v8::Local<v8::Function> node_module) {
  isolate_->SetData(1, this);
  workers_module_.Reset(isolate_, workers_module);
  node_module_.Reset(isolate_, node_module);
  const bundle::Module& entry = code_.bundle.entry();
  if (entry.kind == bundle::ModuleKind::ServiceWorker) return run_script(context, entry);

  v8::Local<v8::Module> module;
  if (!load(context, entry).ToLocal(&module)) return {};
  if (instantiate(context, module).IsNothing()) return {};
  v8::Local<v8::Value> evaluated;
  if (!module->Evaluate(context).ToLocal(&evaluated)) return {};
  isolate_->PerformMicrotaskCheckpoint();
  auto promise = evaluated.As<v8::Promise>();
  if (promise->State() == v8::Promise::kRejected) {
    isolate_->ThrowException(promise->Result());
    return {};
  }
  if (promise->State() == v8::Promise::kPending && !isolate_->IsExecutionTerminating()) {
    js::throw_error(isolate_, "Top-level await in module is unsettled.");
    return {};
  }
  if (isolate_->IsExecutionTerminating()) return {};
  return module->GetModuleNamespace();
}

v8::MaybeLocal<v8::Value> ModuleLoader::run_script(v8::Local<v8::Context> context,
                                                   const bundle::Module& source) {
  v8::ScriptOrigin origin(js::to_v8(isolate_, source.name));
  v8::ScriptCompiler::CachedData* cache = take_cache(source);
  v8::ScriptCompiler::Source compiled(source_text(source), origin, cache);
  v8::Local<v8::UnboundScript> unbound;
  if (!v8::ScriptCompiler::CompileUnboundScript(
           isolate_, &compiled,
           cache ? v8::ScriptCompiler::kConsumeCodeCache : v8::ScriptCompiler::kNoCompileOptions)
           .ToLocal(&unbound)) {
    return {};
  }
  if (cache == nullptr || cache->rejected) cache_rejected_ = true;
  script_.Reset(isolate_, unbound);
  if (unbound->BindToCurrentContext()->Run(context).IsEmpty()) return {};
  return v8::Undefined(isolate_);
}

const bundle::Module* ModuleLoader::locate(std::string_view specifier,
                                           std::string_view referrer) const {
  auto importable = [](const bundle::Module* module) {
    return module != nullptr && module->kind != bundle::ModuleKind::SourceMap;
  };
  const bundle::Module* exact = code_.bundle.find(specifier);
  bool relative = specifier.starts_with("./") || specifier.starts_with("../");
  if (!relative && importable(exact)) return exact;
  std::string resolved = resolve_module_name(specifier, referrer);
  const bundle::Module* found = code_.bundle.find(resolved);
  if (importable(found)) return found;
  found = code_.bundle.find("./" + resolved);
  if (importable(found)) return found;
  return importable(exact) ? exact : nullptr;
}

v8::MaybeLocal<v8::Module> ModuleLoader::find(v8::Local<v8::Context> context,
                                              std::string_view specifier, std::string_view referrer,
                                              Import import) {
  if (const bundle::Module* source = locate(specifier, referrer)) return load(context, *source);
  std::string name(specifier);
  auto known = loaded_.find(name);
  if (known != loaded_.end()) return known->second->module.Get(isolate_);
  if (specifier == kWorkersModule) {
    return make_builtin(context, name, workers_module_.Get(isolate_), false);
  }
  v8::Local<v8::Value> exports;
  if (!node_exports(context, specifier).ToLocal(&exports)) return {};
  if (exports->IsObject()) {
    // A module of Node's is its own default export.
    bool has_default = !specifier.starts_with("cloudflare:");
    return make_builtin(context, name, exports.As<v8::Object>(), has_default);
  }
  throw_missing(specifier, referrer, import);
  return {};
}

void ModuleLoader::throw_missing(std::string_view specifier, std::string_view referrer,
                                 Import import) const {
  if (options_.names_are_urls) {
    return js::throw_error(
        isolate_, "Module not found: " + resource_name(resolve_module_name(specifier, referrer)));
  }
  if (leaves_the_bundle(specifier, referrer)) {
    return js::throw_type_error(isolate_, "Invalid module specifier \"" + std::string(specifier) +
                                              "\".\n  imported from \"" + std::string(referrer) +
                                              "\".");
  }
  std::string message = "No such module \"" + std::string(specifier) + "\".";
  if (import == Import::Static && !referrer.empty())
    message += "\n  imported from \"" + std::string(referrer) + "\"";
  js::throw_error(isolate_, message);
}

v8::MaybeLocal<v8::Value> ModuleLoader::node_exports(v8::Local<v8::Context> context,
                                                     std::string_view specifier) {
  v8::Local<v8::Value> name = js::to_v8(isolate_, specifier);
  return node_module_.Get(isolate_)->Call(context, v8::Undefined(isolate_), 1, &name);
}

v8::MaybeLocal<v8::Module> ModuleLoader::make_builtin(v8::Local<v8::Context> context,
                                                      const std::string& specifier,
                                                      v8::Local<v8::Object> exports,
                                                      bool has_default) {
  v8::Local<v8::Array> names;
  if (!exports
           ->GetOwnPropertyNames(context, v8::PropertyFilter::ONLY_ENUMERABLE,
                                 v8::KeyConversionMode::kConvertToString)
           .ToLocal(&names)) {
    return {};
  }
  std::vector<v8::Local<v8::String>> export_names;
  if (has_default) export_names.push_back(default_name(isolate_));
  for (std::uint32_t i = 0; i < names->Length(); ++i) {
    v8::Local<v8::Value> name;
    if (!names->Get(context, i).ToLocal(&name)) return {};
    if (!name->IsString() || (has_default && name->StrictEquals(export_names[0]))) continue;
    export_names.push_back(name.As<v8::String>());
  }
  auto loaded = std::make_unique<Loaded>();
  loaded->value.Reset(isolate_, exports);
  loaded->has_default = has_default;
  v8::Local<v8::Module> module = v8::Module::CreateSyntheticModule(
      isolate_, js::to_v8(isolate_, specifier), {export_names.data(), export_names.size()},
      &ModuleLoader::evaluate_synthetic);
  loaded->module.Reset(isolate_, module);
  loaded_[specifier] = std::move(loaded);
  return module;
}

v8::MaybeLocal<v8::Module> ModuleLoader::load(v8::Local<v8::Context> context,
                                              const bundle::Module& source) {
  auto found = loaded_.find(std::string(source.name));
  if (found != loaded_.end()) return found->second->module.Get(isolate_);
  auto loaded = std::make_unique<Loaded>();
  loaded->source = &source;
  v8::Local<v8::Module> module;
  if (source.kind == bundle::ModuleKind::EsModule) {
    if (!compile(context, source).ToLocal(&module)) return {};
  } else {
    v8::Local<v8::String> names[] = {default_name(isolate_)};
    module =
        v8::Module::CreateSyntheticModule(isolate_, js::to_v8(isolate_, resource_name(source.name)),
                                          {names, 1}, &ModuleLoader::evaluate_synthetic);
  }
  loaded->module.Reset(isolate_, module);
  loaded_.emplace(std::string(source.name), std::move(loaded));
  return module;
}

v8::MaybeLocal<v8::Module> ModuleLoader::compile(v8::Local<v8::Context> context,
                                                 const bundle::Module& source) {
  v8::ScriptOrigin origin(js::to_v8(isolate_, resource_name(source.name)), 0, 0, false, -1, {},
                          false, false,
                          /*is_module=*/true);
  v8::ScriptCompiler::CachedData* cache = take_cache(source);
  v8::ScriptCompiler::Source compiled(source_text(source), origin, cache);
  v8::MaybeLocal<v8::Module> module = v8::ScriptCompiler::CompileModule(
      isolate_, &compiled,
      cache ? v8::ScriptCompiler::kConsumeCodeCache : v8::ScriptCompiler::kNoCompileOptions);
  if (cache == nullptr || cache->rejected) cache_rejected_ = true;
  return module;
}

v8::Local<v8::String> ModuleLoader::source_text(const bundle::Module& source) {
  v8::Local<v8::String> text;
  // Short texts are not worth a resource of their own.
  if (source.ascii && source.bytes.size() > 256 &&
      v8::String::NewExternalOneByte(isolate_, make_mapped_source(code_.mapping, source.bytes))
          .ToLocal(&text)) {
    return text;
  }
  return js::to_v8(isolate_, source.bytes);
}

ModuleLoader::Loaded* ModuleLoader::find_loaded(v8::Local<v8::Module> module) {
  auto found = loaded_.find(module_name(module->GetResourceName()));
  return found == loaded_.end() ? nullptr : found->second.get();
}

v8::MaybeLocal<v8::Module> ModuleLoader::resolve(v8::Local<v8::Context> context,
                                                 v8::Local<v8::String> specifier,
                                                 v8::Local<v8::FixedArray> attributes,
                                                 v8::Local<v8::Module> referrer) {
  ModuleLoader& loader = of(context);
  if (!loader.accept_attributes(attributes)) return {};
  return loader.find(context, js::to_utf8(loader.isolate_, specifier),
                     loader.module_name(referrer->GetResourceName()));
}

v8::MaybeLocal<v8::Value> ModuleLoader::evaluate(v8::Local<v8::Context> context,
                                                 v8::Local<v8::Module> module) {
  if (module->GetStatus() == v8::Module::kEvaluating) {  // V8 would end the process
    js::throw_error(isolate_, "Cannot require() the module \"" +
                                  module_name(module->GetResourceName()) +
                                  "\" while it is being evaluated.");
    return {};
  }
  return module->Evaluate(context);
}

v8::MaybeLocal<v8::Value> ModuleLoader::evaluate_synthetic(v8::Local<v8::Context> context,
                                                           v8::Local<v8::Module> module) {
  ModuleLoader& loader = of(context);
  v8::Isolate* isolate = loader.isolate_;
  Loaded* loaded = loader.find_loaded(module);
  CHECK(loaded != nullptr);
  if (loaded->source == nullptr) {
    v8::Local<v8::Object> exports = loaded->value.Get(isolate).As<v8::Object>();
    v8::Local<v8::String> default_export = default_name(isolate);
    v8::Local<v8::Array> names;
    if (loaded->has_default &&
        module->SetSyntheticModuleExport(isolate, default_export, exports).IsNothing()) {
      return {};
    }
    if (!exports
             ->GetOwnPropertyNames(context, v8::PropertyFilter::ONLY_ENUMERABLE,
                                   v8::KeyConversionMode::kConvertToString)
             .ToLocal(&names)) {
      return {};
    }
    for (std::uint32_t i = 0; i < names->Length(); ++i) {
      v8::Local<v8::Value> name;
      v8::Local<v8::Value> value;
      if (!names->Get(context, i).ToLocal(&name) || !name->IsString() ||
          (loaded->has_default && name->StrictEquals(default_export))) {
        continue;
      }
      v8::TryCatch caught(isolate);
      if (!exports->Get(context, name).ToLocal(&value)) {
        if (caught.HasTerminated()) {
          caught.ReThrow();
          return {};
        }
        value = v8::Undefined(isolate);  // a getter that refuses
      }
      // Refused for a name that appeared after the module was made.
      (void)module->SetSyntheticModuleExport(isolate, name.As<v8::String>(), value);
    }
    return resolved_promise(context).FromMaybe(v8::Local<v8::Promise>());
  }
  v8::Local<v8::Value> value;
  if (!loader.make_value(context, *loaded->source).ToLocal(&value)) return {};
  if (module->SetSyntheticModuleExport(isolate, default_name(isolate), value).IsNothing())
    return {};
  return resolved_promise(context).FromMaybe(v8::Local<v8::Promise>());
}

v8::MaybeLocal<v8::Value> ModuleLoader::make_value(v8::Local<v8::Context> context,
                                                   const bundle::Module& source) {
  switch (source.kind) {
    case bundle::ModuleKind::Text:
      return js::to_v8(isolate_, source.bytes);
    case bundle::ModuleKind::Data:
      return js::new_array_buffer(isolate_, source.bytes);
    case bundle::ModuleKind::Json:
      return v8::JSON::Parse(context, js::to_v8(isolate_, source.bytes));
    case bundle::ModuleKind::Wasm: {
      v8::Local<v8::WasmModuleObject> compiled;
      if (!compile_wasm(isolate_, source.bytes).ToLocal(&compiled)) return {};
      return compiled;
    }
    case bundle::ModuleKind::CommonJs:
    case bundle::ModuleKind::ServiceWorker:
      return require_common_js(context, source);
    case bundle::ModuleKind::EsModule:
    case bundle::ModuleKind::SourceMap:
      break;
  }
  return v8::Undefined(isolate_);
}

v8::MaybeLocal<v8::Value> ModuleLoader::require_common_js(v8::Local<v8::Context> context,
                                                          const bundle::Module& source) {
  v8::Local<v8::Module> as_module;
  if (!load(context, source).ToLocal(&as_module)) return {};
  Loaded& loaded = *loaded_[std::string(source.name)];
  v8::Local<v8::String> exports_name = js::symbol_to_v8(isolate_, "exports");
  if (!loaded.cjs_exports.IsEmpty()) {  // finished, or a cycle: what it has exported so far
    return loaded.cjs_exports.Get(isolate_)->Get(context, exports_name);
  }
  v8::Local<v8::Object> module = v8::Object::New(isolate_);
  v8::Local<v8::Object> exports = v8::Object::New(isolate_);
  // Not Set(): a setter on Object.prototype would run.
  if (module->CreateDataProperty(context, exports_name, exports).IsNothing()) return {};
  loaded.cjs_exports.Reset(isolate_, module);
  v8::Local<v8::String> name = js::to_v8(isolate_, source.name);
  v8::Local<v8::Function> require_function;
  if (!v8::Function::New(context, &ModuleLoader::require, name).ToLocal(&require_function))
    return {};
  v8::ScriptOrigin origin(js::to_v8(isolate_, resource_name(source.name)));
  v8::ScriptCompiler::Source compiled(source_text(source), origin);
  v8::Local<v8::String> parameters[] = {js::symbol_to_v8(isolate_, "module"), exports_name,
                                        js::symbol_to_v8(isolate_, "require")};
  v8::Local<v8::Function> body;
  v8::Local<v8::Value> arguments[] = {module, exports, require_function};
  if (!v8::ScriptCompiler::CompileFunction(context, &compiled, 3, parameters).ToLocal(&body) ||
      body->Call(context, exports, 3, arguments).IsEmpty()) {
    loaded.cjs_exports.Reset();
    return {};
  }
  return module->Get(context, exports_name);
}

void ModuleLoader::require(const v8::FunctionCallbackInfo<v8::Value>& info) {
  v8::Isolate* isolate = info.GetIsolate();
  if (!info[0]->IsString()) return js::throw_type_error(isolate, "require() needs a module name.");
  v8::Local<v8::Context> context = isolate->GetCurrentContext();
  v8::Local<v8::Value> value;
  if (of(context)
          .require_module(context, js::to_utf8(isolate, info[0]), js::to_utf8(isolate, info.Data()))
          .ToLocal(&value)) {
    info.GetReturnValue().Set(value);
  }
}

void ModuleLoader::require_from(const v8::FunctionCallbackInfo<v8::Value>& info) {
  v8::Isolate* isolate = info.GetIsolate();
  if (!info[0]->IsString() || !info[1]->IsString()) return;
  v8::Local<v8::Context> context = isolate->GetCurrentContext();
  v8::Local<v8::Value> value;
  if (of(context)
          .require_module(context, js::to_utf8(isolate, info[0]), js::to_utf8(isolate, info[1]))
          .ToLocal(&value)) {
    info.GetReturnValue().Set(value);
  }
}

v8::MaybeLocal<v8::Value> ModuleLoader::require_module(v8::Local<v8::Context> context,
                                                       const std::string& specifier,
                                                       const std::string& referrer) {
  const bundle::Module* source = locate(specifier, referrer);
  if (source != nullptr && source->kind == bundle::ModuleKind::CommonJs) {
    return require_common_js(context, *source);
  }
  if (source == nullptr && specifier != kWorkersModule) {
    v8::Local<v8::Value> exports;
    if (!node_exports(context, specifier).ToLocal(&exports)) return {};
    if (exports->IsObject()) return exports;
  }
  v8::Local<v8::Module> module;
  v8::Local<v8::Value> evaluated;
  if (!find(context, specifier, referrer).ToLocal(&module) ||
      instantiate(context, module).IsNothing() || !evaluate(context, module).ToLocal(&evaluated)) {
    return {};
  }
  auto outcome = evaluated.As<v8::Promise>();
  if (outcome->State() == v8::Promise::kRejected) {
    outcome->MarkAsHandled();
    isolate_->ThrowException(outcome->Result());
    return {};
  }
  if (outcome->State() == v8::Promise::kPending) {
    js::throw_error(isolate_, "Top-level await in module is not permitted at this time.");
    return {};
  }
  v8::Local<v8::Object> space = module->GetModuleNamespace().As<v8::Object>();
  bool is_value = source != nullptr && source->kind != bundle::ModuleKind::EsModule;
  if (is_value) return space->Get(context, default_name(isolate_));
  // Libraries compiled from modules to CommonJS mark themselves by the other name.
  v8::Local<v8::String> unwrap = js::symbol_to_v8(isolate_, "__cjsUnwrapDefault");
  bool by_flag = Worker::of(isolate_).flags().has_named("require_returns_default_export");
  if ((by_flag || space->HasOwnProperty(context, unwrap).FromMaybe(false)) &&
      space->HasOwnProperty(context, default_name(isolate_)).FromMaybe(false)) {
    return space->Get(context, default_name(isolate_));
  }
  return by_flag ? changeable_copy(context, space) : space.As<v8::Value>();
}

v8::ScriptCompiler::CachedData* ModuleLoader::take_cache(const bundle::Module& source) {
  for (const auto& [name, bytes] : cached_) {
    if (name == source.name) {
      return new v8::ScriptCompiler::CachedData(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                                static_cast<int>(bytes.size()));
    }
  }
  return nullptr;
}

std::string ModuleLoader::make_code_cache() {
  std::vector<std::unique_ptr<v8::ScriptCompiler::CachedData>> made;
  std::vector<CachedModule> modules;
  auto add = [&](std::string_view name, v8::ScriptCompiler::CachedData* data) {
    if (data == nullptr) return;
    made.emplace_back(data);
    modules.push_back(
        {name,
         {reinterpret_cast<const char*>(data->data), static_cast<std::size_t>(data->length)}});
  };
  if (!script_.IsEmpty()) {
    add(code_.bundle.entry().name, v8::ScriptCompiler::CreateCodeCache(script_.Get(isolate_)));
  }
  for (auto& [name, loaded] : loaded_) {
    v8::Local<v8::Module> module = loaded->module.Get(isolate_);
    if (module->IsSourceTextModule()) {
      add(name, v8::ScriptCompiler::CreateCodeCache(module->GetUnboundModuleScript()));
    }
  }
  return seal_code_cache(code_.bundle, modules);
}

}  // namespace atoll::runtime
