// atoll-host: started by the supervisor only. `--build-snapshot` and `--eval` serve the build and
// the developer.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>

#include "apps/isolate_host/isolate_host.h"
#include "apps/isolate_host/natives.h"
#include "apps/isolate_host/start_up.h"
#include "js/engine.h"
#include "js/source_library.h"
#include "nodeapi/library_natives.h"

namespace atoll::host {
namespace {

std::string read_file(const char* path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

int build_snapshot(const char* source_path, const char* library_path, const char* snapshot_path) {
  auto built = js::Engine::build_snapshot(read_file(source_path), read_file(library_path),
                                          snapshot_path, all_natives());
  if (built) return 0;
  std::fprintf(stderr, "atoll-host: %s\n", built.error().message().c_str());
  return 1;
}

// Loads all of the library once and keeps what V8 compiled.
int cache_library(const char* from, const char* to) {
  auto engine = js::Engine::start(from, all_natives());
  if (!engine) {
    std::fprintf(stderr, "atoll-host: %s\n", engine.error().message().c_str());
    return 1;
  }
  js::FreshIsolate fresh = (*engine)->new_isolate({512u << 20, 512u << 20});
  v8::Isolate::Scope entered(fresh.isolate);
  v8::HandleScope handles(fresh.isolate);
  auto cached = nodeapi::compile_library(fresh.isolate, fresh.context.Get(fresh.isolate),
                                         fresh.builtins.Get(fresh.isolate));
  if (cached) {
    auto written = js::Engine::replace_library(from, to, js::make_library_pack(*cached));
    if (written) return 0;
    std::fprintf(stderr, "atoll-host: %s\n", written.error().message().c_str());
    return 1;
  }
  std::fprintf(stderr, "atoll-host: %s\n", cached.error().message().c_str());
  return 1;
}

int evaluate(const char* snapshot_path, const char* script_path) {
  auto engine = js::Engine::start(snapshot_path, all_natives());
  if (!engine) {
    std::fprintf(stderr, "atoll-host: %s\n", engine.error().message().c_str());
    return 1;
  }
  js::FreshIsolate fresh = (*engine)->new_isolate({128u << 20, 128u << 20});
  v8::Isolate* isolate = fresh.isolate;
  v8::Isolate::Scope entered(isolate);
  v8::HandleScope handles(isolate);
  v8::Local<v8::Context> context = fresh.context.Get(isolate);
  v8::Context::Scope in_context(context);
  v8::TryCatch caught(isolate);
  v8::Local<v8::Script> script;
  v8::Local<v8::Value> value;
  if (!v8::Script::Compile(context, js::to_v8(isolate, read_file(script_path))).ToLocal(&script) ||
      !script->Run(context).ToLocal(&value)) {
    v8::String::Utf8Value text(isolate, caught.StackTrace(context).FromMaybe(caught.Exception()));
    std::fprintf(stderr, "%s\n", *text ? *text : "exception");
    return 1;
  }
  isolate->PerformMicrotaskCheckpoint();
  v8::String::Utf8Value text(isolate, value);
  std::printf("%s\n", *text ? *text : "");
  return 0;
}

int serve(Sandbox sandbox) {
  auto started = start_up(sandbox);
  if (!started) {
    std::fprintf(stderr, "atoll-host: %s\n", started.error().message().c_str());
    return 1;
  }
  return IsolateHost::serve(UniqueFd(border::kBorderDescriptor), std::move(started->engine),
                            started->walls);
}

}  // namespace
}  // namespace atoll::host

extern "C" int atoll_host_main(int argc, char** argv, char**) {
  std::string mode = argc > 1 ? argv[1] : "";
  int status = 2;
  if (mode == "--build-snapshot" && argc == 5) {
    status = atoll::host::build_snapshot(argv[2], argv[3], argv[4]);
  } else if (mode == "--cache-library" && argc == 4) {
    status = atoll::host::cache_library(argv[2], argv[3]);
  } else if (mode == "--eval" && argc == 4) {
    status = atoll::host::evaluate(argv[2], argv[3]);
  } else if (::fcntl(atoll::border::kBorderDescriptor, F_GETFD) >= 0) {
    bool unsafe = mode == atoll::border::kNoSandboxArgument;
    status = atoll::host::serve(unsafe ? atoll::host::Sandbox::Off : atoll::host::Sandbox::On);
  } else {
    std::fputs("atoll-host is started by atoll serve\n", stderr);
  }
  std::fflush(nullptr);
  _exit(status);
}
