// The modules of a bundle inside one isolate: compiled, linked by exact name, evaluated.
#pragma once

#include <v8.h>

#include <boost/unordered/unordered_flat_map.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "runtime/code_cache.h"
#include "runtime/script.h"

namespace atoll::runtime {

class ModuleLoader {
 public:
  struct Options {
    bool names_are_urls = false;      // file:///bundle/<name>, in stacks and import.meta.url
    bool refuses_attributes = false;  // `with {…}` of an import, but for the type of JSON
  };
  ModuleLoader(v8::Isolate* isolate, const ScriptCode& code, Options options);
  ~ModuleLoader();

  // Evaluates the entry module. The value is its namespace, or undefined for a service-worker
  // script. JavaScript exceptions stay pending for the caller's TryCatch with an empty result.
  // `workers_module`: the object whose own properties "cloudflare:workers" exports.
  // `node_module`: (name) → the exports of a module of Node's, or undefined.
  v8::MaybeLocal<v8::Value> evaluate_entry(v8::Local<v8::Context> context,
                                           v8::Local<v8::Object> workers_module,
                                           v8::Local<v8::Function> node_module);

  // (specifier, referrer): require() of a module that is named like `referrer`.
  static void require_from(const v8::FunctionCallbackInfo<v8::Value>& info);

  // Imports that were begun in handlers must be done when the microtasks are: what is left waits
  // for something that does not come, and is rejected here. Rejecting makes microtasks.
  bool has_unsettled_imports() const { return !unsettled_imports_.empty(); }
  void reject_unsettled_imports(v8::Local<v8::Context> context);

  std::string make_code_cache();
  bool cache_rejected() const { return cache_rejected_; }

 private:
  struct Loaded {
    const bundle::Module* source = nullptr;  // null for built-in modules
    v8::Global<v8::Module> module;
    v8::Global<v8::Object> cjs_exports;  // CommonJS: `module`, once required
    v8::Global<v8::Value> value;         // built-in: the exports
    bool has_default = false;            // built-in: `value` is the default export, too
    bool evaluating = false;
  };

  static ModuleLoader& of(v8::Local<v8::Context> context);
  static v8::MaybeLocal<v8::Module> resolve(v8::Local<v8::Context> context,
                                            v8::Local<v8::String> specifier,
                                            v8::Local<v8::FixedArray> attributes,
                                            v8::Local<v8::Module> referrer);
  static v8::MaybeLocal<v8::Object> resolve_source(v8::Local<v8::Context> context,
                                                   v8::Local<v8::String> specifier,
                                                   v8::Local<v8::FixedArray> attributes,
                                                   v8::Local<v8::Module> referrer);
  static v8::MaybeLocal<v8::Promise> import_dynamically(v8::Local<v8::Context> context,
                                                        v8::Local<v8::Data> host_options,
                                                        v8::Local<v8::Value> resource_name,
                                                        v8::Local<v8::String> specifier,
                                                        v8::ModuleImportPhase phase,
                                                        v8::Local<v8::FixedArray> attributes);
  static void finish_dynamic_import(const v8::FunctionCallbackInfo<v8::Value>& info);
  static void fill_import_meta(v8::Local<v8::Context> context, v8::Local<v8::Module> module,
                               v8::Local<v8::Object> meta);
  static v8::MaybeLocal<v8::Value> evaluate_synthetic(v8::Local<v8::Context> context,
                                                      v8::Local<v8::Module> module);
  static void require(const v8::FunctionCallbackInfo<v8::Value>& info);
  v8::MaybeLocal<v8::Value> require_module(v8::Local<v8::Context> context,
                                           const std::string& specifier,
                                           const std::string& referrer);

  static v8::MaybeLocal<v8::Promise> resolved_promise(v8::Local<v8::Context> context);
  v8::Maybe<bool> instantiate(v8::Local<v8::Context> context, v8::Local<v8::Module> module);
  // The compiled but not instantiated module that `import source` asks for; WebAssembly only.
  v8::MaybeLocal<v8::Object> find_source(v8::Local<v8::Context> context, std::string_view specifier,
                                         std::string_view referrer);
  // The name of a module in stacks and origins, and back.
  std::string resource_name(std::string_view module) const;
  std::string module_name(v8::Local<v8::Value> resource) const;
  // Throws and is false when the import has attributes that mean nothing.
  bool accept_attributes(v8::Local<v8::FixedArray> attributes);
  // The message names the importer where that is not the code which gets the error.
  enum class Import { Static, Dynamic };
  void throw_missing(std::string_view specifier, std::string_view referrer, Import import) const;

  // Throws and is empty when there is none.
  v8::MaybeLocal<v8::Module> find(v8::Local<v8::Context> context, std::string_view specifier,
                                  std::string_view referrer, Import import = Import::Static);
  // A module that the platform brings: `exports` is what it exports by name.
  v8::MaybeLocal<v8::Module> make_builtin(v8::Local<v8::Context> context,
                                          const std::string& specifier,
                                          v8::Local<v8::Object> exports, bool has_default);
  // Undefined when Node has no such module, or not for this Worker.
  v8::MaybeLocal<v8::Value> node_exports(v8::Local<v8::Context> context,
                                         std::string_view specifier);
  const bundle::Module* locate(std::string_view specifier, std::string_view referrer) const;
  v8::MaybeLocal<v8::Module> load(v8::Local<v8::Context> context, const bundle::Module& source);
  // Throws when the module's evaluation is under way.
  v8::MaybeLocal<v8::Value> evaluate(v8::Local<v8::Context> context, v8::Local<v8::Module> module);
  v8::MaybeLocal<v8::Module> compile(v8::Local<v8::Context> context, const bundle::Module& source);
  v8::MaybeLocal<v8::Value> make_value(v8::Local<v8::Context> context,
                                       const bundle::Module& source);
  v8::MaybeLocal<v8::Value> require_common_js(v8::Local<v8::Context> context,
                                              const bundle::Module& source);
  v8::MaybeLocal<v8::Value> run_script(v8::Local<v8::Context> context,
                                       const bundle::Module& source);
  v8::Local<v8::String> source_text(const bundle::Module& source);
  v8::ScriptCompiler::CachedData* take_cache(const bundle::Module& source);
  Loaded* find_loaded(v8::Local<v8::Module> module);

  v8::Isolate* isolate_;
  const ScriptCode& code_;
  const Options options_;
  std::vector<v8::Global<v8::Promise::Resolver>> unsettled_imports_;
  v8::Global<v8::Object> workers_module_;
  v8::Global<v8::Function> node_module_;
  v8::Global<v8::UnboundScript> script_;  // service-worker format
  // Keyed by module name; Loaded must not move while V8 calls back.
  boost::unordered_flat_map<std::string, std::unique_ptr<Loaded>> loaded_;
  std::vector<CachedModule> cached_;
  bool cache_rejected_ = false;
};

}  // namespace atoll::runtime
