// Source texts that isolates compile one by one when a Worker needs them: Node's library and our
// own modules for it. One mapping for the whole process: strings in V8 point into it, and so do
// code caches.
#pragma once

#include <v8-primitive.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace atoll::js {

struct LibrarySource {
  std::string_view text;        // ASCII
  std::string_view code_cache;  // what V8 made of it when the library was built; may be empty
  v8::String::ExternalOneByteStringResource* resource = nullptr;
};

// Call once, before the first isolate; the pack must outlive all of them. Fails for bytes that
// make_library_pack() did not make.
Result<void> set_source_library(std::string_view pack);

// Null for an unknown name. Valid for the life of the process.
const LibrarySource* find_library_source(std::string_view name);
// In the order of the pack.
std::vector<std::string_view> library_source_names();

struct PackedSource {
  std::string name;
  std::string text;
  std::string code_cache;
};
std::string make_library_pack(const std::vector<PackedSource>& sources);

}  // namespace atoll::js
