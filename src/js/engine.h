// V8 as this process uses it: initialised once, isolates made from the start-up snapshot.
//
// The snapshot file holds the source of the built-in JavaScript, the V8 blob made from it, and the
// source library (source_library.h). Every isolate shares the mapped source text; functions compile
// when first called.
#pragma once

#include <v8.h>

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "js/memory_account.h"
#include "js/native_function.h"

namespace atoll::js {

// An isolate with its one context, built-ins installed, no tenant code yet.
struct FreshIsolate {
  v8::Isolate* isolate = nullptr;
  v8::Global<v8::Context> context;
  v8::Global<v8::Object> builtins;  // what main.js returned: the functions C++ calls
  std::shared_ptr<MemoryAccount> account;
};

class Engine {
 public:
  // One per process, made on the thread that will run every isolate. `snapshot_path` is a file that
  // build_snapshot() wrote with the same natives and the same binary.
  static Result<std::unique_ptr<Engine>> start(const std::string& snapshot_path,
                                               std::vector<NativeTable> natives);
  // The same with the file opened already; `name` is for messages. No thread starts here.
  static Result<std::unique_ptr<Engine>> start(UniqueFd snapshot, const std::string& name,
                                               std::vector<NativeTable> natives);
  ~Engine();

  // Evaluates `source` and writes the snapshot file with the source library behind it. Of `natives`
  // the snapshot holds those that a first line "// natives: NAME NAME" lists, or without it all.
  // Starts and leaves V8 in a state that only permits ending the process.
  static Result<void> build_snapshot(const std::string& source, const std::string& library_pack,
                                     const std::string& snapshot_path,
                                     std::vector<NativeTable> natives);
  // Copies a snapshot file, with another source library.
  static Result<void> replace_library(const std::string& from, const std::string& to,
                                      const std::string& library_pack);

  struct IsolateLimits {
    std::size_t heap_bytes;      // of JavaScript objects
    std::size_t external_bytes;  // of buffers and WebAssembly memory
  };
  // About 1.5 ms of work.
  FreshIsolate new_isolate(IsolateLimits limits);

  // Runs one task that V8 posted for this isolate, if there is one: finalizers (the script's code),
  // results of background compilation. Call between turns, inside the isolate.
  bool pump(v8::Isolate* isolate);
  // Frees the isolate. Handles into it must be gone.
  void dispose(FreshIsolate&& fresh);

 private:
  struct State;
  explicit Engine(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace atoll::js
