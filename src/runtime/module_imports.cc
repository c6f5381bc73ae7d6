// Imports that happen while code runs, and the phases of imports.
#include "js/native_function.h"
#include "runtime/code_generation.h"
#include "runtime/module_loader.h"
#include "runtime/module_name.h"

namespace atoll::runtime {
namespace {

// Data: [resolver, value]; fulfils with the value.
void fulfil(const v8::FunctionCallbackInfo<v8::Value>& info) {
  v8::Local<v8::Context> context = info.GetIsolate()->GetCurrentContext();
  v8::Local<v8::Array> what = info.Data().As<v8::Array>();
  v8::Local<v8::Value> resolver;
  v8::Local<v8::Value> value;
  if (what->Get(context, 0).ToLocal(&resolver) && what->Get(context, 1).ToLocal(&value)) {
    (void)resolver.As<v8::Promise::Resolver>()->Resolve(context, value);
  }
}

// Data: the resolver.
void refuse(const v8::FunctionCallbackInfo<v8::Value>& info) {
  v8::Local<v8::Context> context = info.GetIsolate()->GetCurrentContext();
  (void)info.Data().As<v8::Promise::Resolver>()->Reject(context, info[0]);
}

}  // namespace

v8::MaybeLocal<v8::Promise> ModuleLoader::resolved_promise(v8::Local<v8::Context> context) {
  v8::Local<v8::Promise::Resolver> resolver;
  if (!v8::Promise::Resolver::New(context).ToLocal(&resolver)) return {};
  if (resolver->Resolve(context, v8::Undefined(v8::Isolate::GetCurrent())).IsNothing()) return {};
  return resolver->GetPromise();
}

v8::Maybe<bool> ModuleLoader::instantiate(v8::Local<v8::Context> context,
                                          v8::Local<v8::Module> module) {
  return module->InstantiateModule(context, &ModuleLoader::resolve, &ModuleLoader::resolve_source);
}

bool ModuleLoader::accept_attributes(v8::Local<v8::FixedArray> attributes) {
  if (!options_.refuses_attributes || attributes.IsEmpty()) return true;
  // Keys and values, with a source offset behind each pair where the import is a static one.
  if (attributes->Length() == 0) return true;
  auto text = [&](int index) {
    return js::to_utf8(isolate_, attributes->Get(index).As<v8::Value>());
  };
  if (attributes->Length() <= 3 && text(0) == "type" && text(1) == "json") return true;
  js::throw_error(isolate_, "Unrecognized import attributes specified");
  return false;
}

v8::MaybeLocal<v8::Object> ModuleLoader::find_source(v8::Local<v8::Context> context,
                                                     std::string_view specifier,
                                                     std::string_view referrer) {
  const bundle::Module* source = locate(specifier, referrer);
  if (source == nullptr) {
    throw_missing(specifier, referrer, Import::Static);
    return {};
  }
  if (source->kind != bundle::ModuleKind::Wasm) {
    v8::Local<v8::String> message = js::to_v8(
        isolate_, "Source phase import not available for module: " + resource_name(source->name));
    isolate_->ThrowException(v8::Exception::SyntaxError(message));
    return {};
  }
  v8::Local<v8::WasmModuleObject> compiled;
  if (!compile_wasm(isolate_, source->bytes).ToLocal(&compiled)) return {};
  return compiled.As<v8::Object>();
}

v8::MaybeLocal<v8::Object> ModuleLoader::resolve_source(v8::Local<v8::Context> context,
                                                        v8::Local<v8::String> specifier,
                                                        v8::Local<v8::FixedArray>,
                                                        v8::Local<v8::Module> referrer) {
  ModuleLoader& loader = of(context);
  return loader.find_source(context, js::to_utf8(loader.isolate_, specifier),
                            loader.module_name(referrer->GetResourceName()));
}

v8::MaybeLocal<v8::Promise> ModuleLoader::import_dynamically(v8::Local<v8::Context> context,
                                                             v8::Local<v8::Data>,
                                                             v8::Local<v8::Value> resource_name,
                                                             v8::Local<v8::String> specifier,
                                                             v8::ModuleImportPhase phase,
                                                             v8::Local<v8::FixedArray> attributes) {
  v8::Isolate* isolate = of(context).isolate_;
  {
    v8::TryCatch caught(isolate);
    if (!of(context).accept_attributes(attributes)) {
      v8::Local<v8::Promise::Resolver> refused;
      if (caught.HasTerminated() || !v8::Promise::Resolver::New(context).ToLocal(&refused) ||
          refused->Reject(context, caught.Exception()).IsNothing()) {
        return {};
      }
      return refused->GetPromise();
    }
  }
  // As a microtask: now, the module asked for may itself be in the midst of its evaluation.
  v8::Local<v8::Value> what[] = {
      specifier, resource_name, v8::Boolean::New(isolate, phase == v8::ModuleImportPhase::kSource)};
  v8::Local<v8::Function> go_on;
  v8::Local<v8::Promise> begun;
  if (!v8::Function::New(context, &ModuleLoader::finish_dynamic_import,
                         v8::Array::New(isolate, what, 3))
           .ToLocal(&go_on) ||
      !resolved_promise(context).ToLocal(&begun)) {
    return {};
  }
  return begun->Then(context, go_on);
}

void ModuleLoader::finish_dynamic_import(const v8::FunctionCallbackInfo<v8::Value>& info) {
  v8::Isolate* isolate = info.GetIsolate();
  v8::Local<v8::Context> context = isolate->GetCurrentContext();
  ModuleLoader& loader = of(context);
  v8::Local<v8::Array> what = info.Data().As<v8::Array>();
  v8::Local<v8::Value> specifier;
  v8::Local<v8::Value> importer;
  v8::Local<v8::Value> only_source;
  if (!what->Get(context, 0).ToLocal(&specifier) || !what->Get(context, 1).ToLocal(&importer) ||
      !what->Get(context, 2).ToLocal(&only_source)) {
    return;
  }
  std::string name = js::to_utf8(isolate, specifier);
  std::string referrer = loader.module_name(importer);
  if (only_source->IsTrue()) {
    v8::Local<v8::Object> source;
    if (loader.find_source(context, name, referrer).ToLocal(&source)) {
      info.GetReturnValue().Set(source);
    }
    return;
  }
  v8::Local<v8::Module> module;
  v8::Local<v8::Value> evaluated;
  if (!loader.find(context, name, referrer, Import::Dynamic).ToLocal(&module) ||
      loader.instantiate(context, module).IsNothing() ||
      !loader.evaluate(context, module).ToLocal(&evaluated)) {
    return;
  }
  // Settles with the namespace once the module's own promise is fulfilled.
  v8::Local<v8::Promise::Resolver> result;
  if (!v8::Promise::Resolver::New(context).ToLocal(&result)) return;
  v8::Local<v8::Value> kept[] = {result, module->GetModuleNamespace()};
  v8::Local<v8::Function> on_fulfilled;
  v8::Local<v8::Function> on_rejected;
  if (!v8::Function::New(context, fulfil, v8::Array::New(isolate, kept, 2))
           .ToLocal(&on_fulfilled) ||
      !v8::Function::New(context, refuse, result).ToLocal(&on_rejected) ||
      evaluated.As<v8::Promise>()->Then(context, on_fulfilled, on_rejected).IsEmpty()) {
    return;
  }
  if (evaluated.As<v8::Promise>()->State() == v8::Promise::kPending &&
      !loader.options_.names_are_urls) {
    loader.unsettled_imports_.emplace_back(isolate, result);
  }
  info.GetReturnValue().Set(result->GetPromise());
}

void ModuleLoader::reject_unsettled_imports(v8::Local<v8::Context> context) {
  auto unsettled = std::exchange(unsettled_imports_, {});
  for (v8::Global<v8::Promise::Resolver>& kept : unsettled) {
    v8::Local<v8::Promise::Resolver> import = kept.Get(isolate_);
    if (import->GetPromise()->State() != v8::Promise::kPending) continue;
    (void)import->Reject(context, v8::Exception::Error(js::to_v8(
                                      isolate_, "Top-level await in module is unsettled.")));
  }
}

void ModuleLoader::fill_import_meta(v8::Local<v8::Context> context, v8::Local<v8::Module> module,
                                    v8::Local<v8::Object> meta) {
  ModuleLoader& loader = of(context);
  v8::Isolate* isolate = loader.isolate_;
  v8::Local<v8::Value> url = module->GetResourceName();
  bool is_main = loader.module_name(url) == loader.code_.bundle.entry().name;
  (void)meta->CreateDataProperty(context, js::symbol_to_v8(isolate, "url"), url);
  (void)meta->CreateDataProperty(context, js::symbol_to_v8(isolate, "main"),
                                 v8::Boolean::New(isolate, is_main));
}

}  // namespace atoll::runtime
