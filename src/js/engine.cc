#include "js/engine.h"

#include <fcntl.h>
#include <libplatform/libplatform.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <optional>
#include <set>
#include <span>

#include "base/check.h"
#include "js/buffer_allocator.h"
#include "js/lazy_property.h"
#include "js/named_natives.h"
#include "js/platform.h"
#include "js/shared_source.h"
#include "js/source_library.h"

namespace atoll::js {
namespace {

constexpr char kMagic[8] = {'a', 't', 'o', 'l', 'l', 's', 'n', '2'};

struct SnapshotHeader {
  char magic[8];
  std::uint64_t natives;  // fingerprint of their names and order
  std::uint64_t source_size;
  std::uint64_t blob_size;
  std::uint64_t library_size;
};

// Where the library begins in the file.
std::size_t library_start(const SnapshotHeader& header) {
  return (sizeof header + header.source_size + header.blob_size + 15) & ~std::size_t{15};
}

void write_library(std::ofstream& out, const SnapshotHeader& header, std::string_view pack) {
  std::size_t end = sizeof header + header.source_size + header.blob_size;
  constexpr char kPadding[16] = {};
  out.write(kPadding, static_cast<std::streamsize>(library_start(header) - end));
  out.write(pack.data(), static_cast<std::streamsize>(pack.size()));
}

// Why each flag: see docs/decisions/ on the engine.
constexpr const char* kFlags =
    "--no-turboshaft-loop-unrolling"  // without it some loops never see a termination request
    " --stack-size=864"
    " --no-harmony-temporal"
    " --js-source-phase-imports"
    " --single-threaded-gc"
    " --no-verify-snapshot-checksum";

std::uint64_t fingerprint(const std::vector<NativeTable>& natives) {
  std::uint64_t hash = 14695981039346656037ull;  // FNV-1a
  for (const NativeTable& table : natives) {
    for (const NativeFunction& native : table) {
      for (const char* c = native.name; *c != 0; ++c) {
        hash = (hash ^ static_cast<unsigned char>(*c)) * 1099511628211ull;
      }
      hash = (hash ^ 0xFF) * 1099511628211ull;
    }
  }
  return hash;
}

struct StartedPlatform {
  Platform platform;
};

// V8 would read /dev/urandom, and where files are out of reach make do with the clock.
bool read_entropy(unsigned char* buffer, size_t length) {
  while (length > 0) {
    ssize_t got = ::getrandom(buffer, length, 0);
    if (got < 0) return false;
    buffer += got;
    length -= static_cast<size_t>(got);
  }
  return true;
}

StartedPlatform* start_v8() {
  static StartedPlatform* started = [] {
    auto* made = new StartedPlatform{make_platform()};
    v8::V8::SetFlagsFromString(kFlags);
    v8::V8::SetEntropySource(read_entropy);
    v8::V8::InitializeICU();
    v8::V8::InitializePlatform(made->platform.platform.get());
    v8::V8::Initialize();
    return made;
  }();
  return started;
}

// V8 keeps the array's address for the isolate's life.
std::vector<std::intptr_t> external_references(const std::vector<NativeTable>& natives) {
  std::vector<std::intptr_t> references;
  for (const NativeTable& table : natives) {
    for (const NativeFunction& function : table) {
      references.push_back(reinterpret_cast<std::intptr_t>(function.callback));
    }
  }
  references.push_back(reinterpret_cast<std::intptr_t>(shared_source_resource()));
  references.push_back(0);
  return references;
}

// The names behind "// natives: " in the first line: those the built-ins hold from the start.
std::optional<std::set<std::string_view>> natives_held(std::string_view source) {
  constexpr std::string_view kPrefix = "// natives: ";
  if (!source.starts_with(kPrefix)) return std::nullopt;
  std::string_view rest = source.substr(kPrefix.size(), source.find('\n') - kPrefix.size());
  std::set<std::string_view> names;
  while (!rest.empty()) {
    std::string_view name = rest.substr(0, rest.find(' '));
    names.insert(name);
    rest.remove_prefix(std::min(name.size() + 1, rest.size()));
  }
  return names;
}

void install_natives(v8::Isolate* isolate, v8::Local<v8::Context> context,
                     v8::Local<v8::Object> target, const std::vector<NativeTable>& natives,
                     const std::optional<std::set<std::string_view>>& held) {
  for (const NativeTable& table : natives) {
    for (const NativeFunction& native : table) {
      if (held && !held->contains(native.name)) continue;
      v8::Local<v8::Function> function =
          make_native(context, native.name, native.callback).ToLocalChecked();
      target->Set(context, symbol_to_v8(isolate, native.name), function).Check();
    }
  }
}

std::string describe_exception(v8::Isolate* isolate, v8::Local<v8::Context> context,
                               v8::TryCatch& caught) {
  v8::String::Utf8Value text(isolate, caught.Exception());
  std::string message = *text ? *text : "unknown exception";
  if (!caught.Message().IsEmpty()) {
    message += " at built-ins " +
               std::to_string(caught.Message()->GetLineNumber(context).FromMaybe(0)) + ":" +
               std::to_string(caught.Message()->GetStartColumn(context).FromMaybe(0) + 1);
  }
  return message;
}

// Runs the bundle as the body of a function of `natives`; yields the object it returns.
Result<v8::Local<v8::Object>> evaluate_builtins(v8::Isolate* isolate,
                                                v8::Local<v8::Context> context,
                                                const std::vector<NativeTable>& natives,
                                                std::string_view source_text) {
  v8::TryCatch caught(isolate);
  v8::Local<v8::Object> natives_object = v8::Object::New(isolate);
  install_natives(isolate, context, natives_object, natives, natives_held(source_text));
  v8::Local<v8::String> text;
  CHECK(v8::String::NewExternalOneByte(isolate, shared_source_resource()).ToLocal(&text));
  v8::ScriptOrigin origin(symbol_to_v8(isolate, "atoll:builtins"));
  v8::ScriptCompiler::Source source(text, origin);
  v8::Local<v8::String> parameter = symbol_to_v8(isolate, "natives");
  v8::Local<v8::Function> function;
  v8::Local<v8::Value> argument = natives_object;
  v8::Local<v8::Value> returned;
  if (!v8::ScriptCompiler::CompileFunction(context, &source, 1, &parameter).ToLocal(&function) ||
      !function->Call(context, context->Global(), 1, &argument).ToLocal(&returned)) {
    return fail(internal_error(describe_exception(isolate, context, caught)));
  }
  if (!returned->IsObject()) return fail(internal_error("the built-ins returned no object"));
  v8::Local<v8::Value> install;
  v8::Local<v8::Value> global = context->Global();
  if (!returned.As<v8::Object>()
           ->Get(context, symbol_to_v8(isolate, "installGlobals"))
           .ToLocal(&install) ||
      !install->IsFunction() ||
      install.As<v8::Function>()->Call(context, returned, 1, &global).IsEmpty()) {
    return fail(internal_error("installGlobals: " + describe_exception(isolate, context, caught)));
  }
  return returned.As<v8::Object>();
}

// The library wants some values as they are before any script has run.
Result<void> capture_originals(v8::Isolate* isolate, v8::Local<v8::Context> context,
                               v8::Local<v8::Object> builtins) {
  const LibrarySource* source = find_library_source("atoll/capture_primordials");
  if (source == nullptr) return {};
  v8::TryCatch caught(isolate);
  // Not the shared text: the snapshot must not remember it.
  v8::ScriptCompiler::Source compiled(latin1_to_v8(isolate, source->text));
  v8::Local<v8::Function> capture;
  v8::Local<v8::Value> values;
  v8::Local<v8::Value> take;
  if (!v8::ScriptCompiler::CompileFunction(context, &compiled).ToLocal(&capture) ||
      !capture->Call(context, v8::Undefined(isolate), 0, nullptr).ToLocal(&values) ||
      !builtins->Get(context, symbol_to_v8(isolate, "setNodeOriginals")).ToLocal(&take) ||
      !take->IsFunction() ||
      take.As<v8::Function>()->Call(context, builtins, 1, &values).IsEmpty()) {
    return fail(internal_error("originals: " + describe_exception(isolate, context, caught)));
  }
  return {};
}

}  // namespace

struct Engine::State {
  std::vector<NativeTable> natives;
  std::vector<std::intptr_t> references;
  v8::StartupData blob{};
  StartedPlatform* started = nullptr;
};

Engine::Engine(std::unique_ptr<State> state) : state_(std::move(state)) {}
Engine::~Engine() = default;

Result<std::unique_ptr<Engine>> Engine::start(const std::string& snapshot_path,
                                              std::vector<NativeTable> natives) {
  UniqueFd file(::open(snapshot_path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return fail(errno_error("opening " + snapshot_path, errno));
  return start(std::move(file), snapshot_path, std::move(natives));
}

Result<std::unique_ptr<Engine>> Engine::start(UniqueFd file, const std::string& snapshot_path,
                                              std::vector<NativeTable> natives) {
  struct stat info{};
  if (::fstat(file.get(), &info) != 0) return fail(errno_error("reading " + snapshot_path, errno));
  auto size = static_cast<std::size_t>(info.st_size);
  void* mapped = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (mapped == MAP_FAILED) return fail(errno_error("mapping " + snapshot_path, errno));
  SnapshotHeader header{};
  const char* bytes = static_cast<const char*>(mapped);
  if (size >= sizeof header) std::memcpy(&header, bytes, sizeof header);
  if (std::memcmp(header.magic, kMagic, sizeof kMagic) != 0 ||
      header.natives != fingerprint(natives) ||
      library_start(header) + header.library_size != size) {
    return fail(internal_error(snapshot_path + " is not a snapshot of this build"));
  }
  set_shared_source({bytes + sizeof header, header.source_size});
  TRY(set_source_library({bytes + library_start(header), header.library_size}));

  auto state = std::make_unique<State>();
  state->started = start_v8();
  state->natives = std::move(natives);
  state->references = external_references(state->natives);
  set_named_natives(state->natives);
  state->blob.data = bytes + sizeof header + header.source_size;
  state->blob.raw_size = static_cast<int>(header.blob_size);
  if (!state->blob.IsValid()) {
    return fail(internal_error(snapshot_path + " was made by another engine"));
  }
  return std::unique_ptr<Engine>(new Engine(std::move(state)));
}

Result<void> Engine::build_snapshot(const std::string& source, const std::string& library_pack,
                                    const std::string& snapshot_path,
                                    std::vector<NativeTable> natives) {
  start_v8();
  // Aligned so that the blob behind it is, too.
  std::string padded = source;
  while (padded.size() % 16 != 0) padded.push_back('\n');
  set_shared_source(padded);
  TRY(set_source_library(library_pack));
  std::vector<std::intptr_t> references = external_references(natives);
  set_named_natives(natives);
  v8::Isolate::CreateParams params;
  params.array_buffer_allocator_shared =
      make_buffer_allocator(std::make_shared<MemoryAccount>(std::size_t{1} << 30));
  params.external_references = references.data();
  v8::StartupData blob{};
  {
    v8::SnapshotCreator creator(params);
    v8::Isolate* isolate = creator.GetIsolate();
    {
      v8::HandleScope handles(isolate);
      creator.SetDefaultContext(v8::Context::New(isolate));
      v8::Local<v8::Context> context = v8::Context::New(isolate);
      v8::Context::Scope entered(context);
      auto builtins = evaluate_builtins(isolate, context, natives, source);
      if (!builtins) return fail(std::move(builtins.error()));
      TRY(capture_originals(isolate, context, *builtins));
      context->SetEmbedderDataV2(1, *builtins);
      CHECK(creator.AddContext(context) == 0);
    }
    blob = creator.CreateBlob(v8::SnapshotCreator::FunctionCodeHandling::kKeep);
  }
  SnapshotHeader header{};
  std::memcpy(header.magic, kMagic, sizeof kMagic);
  header.natives = fingerprint(natives);
  header.source_size = padded.size();
  header.blob_size = static_cast<std::uint64_t>(blob.raw_size);
  header.library_size = library_pack.size();
  std::ofstream out(snapshot_path, std::ios::binary | std::ios::trunc);
  out.write(reinterpret_cast<const char*>(&header), sizeof header);
  out.write(padded.data(), static_cast<std::streamsize>(padded.size()));
  out.write(blob.data, blob.raw_size);
  write_library(out, header, library_pack);
  out.close();
  if (!out) return fail(internal_error("writing " + snapshot_path + " failed"));
  return {};
}

Result<void> Engine::replace_library(const std::string& from, const std::string& to,
                                     const std::string& library_pack) {
  SnapshotHeader header{};
  std::ifstream in(from, std::ios::binary);
  in.read(reinterpret_cast<char*>(&header), sizeof header);
  std::string rest(in ? header.source_size + header.blob_size : 0, '\0');
  in.read(rest.data(), static_cast<std::streamsize>(rest.size()));
  if (!in) return fail(internal_error("reading " + from + " failed"));
  header.library_size = library_pack.size();
  std::ofstream out(to, std::ios::binary | std::ios::trunc);
  out.write(reinterpret_cast<const char*>(&header), sizeof header);
  out.write(rest.data(), static_cast<std::streamsize>(rest.size()));
  write_library(out, header, library_pack);
  out.close();
  if (!out) return fail(internal_error("writing " + to + " failed"));
  return {};
}

FreshIsolate Engine::new_isolate(IsolateLimits limits) {
  FreshIsolate fresh;
  fresh.account = std::make_shared<MemoryAccount>(limits.external_bytes);
  v8::Isolate::CreateParams params;
  params.array_buffer_allocator_shared = make_buffer_allocator(fresh.account);
  params.external_references = state_->references.data();
  params.snapshot_blob = &state_->blob;
  params.allow_atomics_wait = false;
  params.constraints.set_max_old_generation_size_in_bytes(limits.heap_bytes);
  fresh.isolate = v8::Isolate::New(params);
  v8::Isolate* isolate = fresh.isolate;
  isolate->SetMicrotasksPolicy(v8::MicrotasksPolicy::kExplicit);
  isolate->SetAllowAtomicsWait(false);
  isolate->SetCaptureStackTraceForUncaughtExceptions(true, 10);
  v8::Isolate::Scope entered(isolate);
  v8::HandleScope handles(isolate);
  v8::Local<v8::Context> context =
      v8::Context::FromSnapshot(isolate, 0, {}, nullptr, {}, nullptr).ToLocalChecked();
  fresh.context.Reset(isolate, context);
  v8::Local<v8::Object> builtins = context->GetEmbedderDataV2(1).As<v8::Object>();
  fresh.builtins.Reset(isolate, builtins);
  v8::Local<v8::Value> lazy;
  if (builtins->Get(context, symbol_to_v8(isolate, "lazyProperties")).ToLocal(&lazy) &&
      lazy->IsArray()) {
    v8::Context::Scope in_context(context);
    define_lazy_properties(context, lazy.As<v8::Array>());
  }
  return fresh;
}

bool Engine::pump(v8::Isolate* isolate) {
  return v8::platform::PumpMessageLoop(state_->started->platform.pump, isolate);
}

void Engine::dispose(FreshIsolate&& fresh) {
  fresh.context.Reset();
  fresh.builtins.Reset();
  v8::platform::NotifyIsolateShutdown(state_->started->platform.pump, fresh.isolate);
  fresh.isolate->Dispose();
  fresh.isolate = nullptr;
}

}  // namespace atoll::js
