// A version's code as one immutable byte string: what the blob store keeps and what an isolate host
// maps. Reading it copies nothing; a host that maps a bundle shares its pages with all others.
//
// Layout, all integers little-endian and all gaps zero:
//   header (16 bytes)   "ATOLLBN1", u32 module count, u32 total size
//   table (20 bytes per module)   u32 name offset, u32 name size, u32 offset, u32 size,
//                       u8 kind, u8 flags, u16 zero
//   names, one after the other, then each module's bytes at the next multiple of 8
// There is one valid encoding of a list of modules: equal code gives equal bytes, hence one blob.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace atoll::bundle {

enum class ModuleKind : std::uint8_t {
  EsModule = 1,
  CommonJs,
  ServiceWorker,
  Text,
  Data,
  Json,
  Wasm,
  SourceMap,  // for the module whose name is this one's without ".map"; not importable
};

std::string_view module_kind_name(ModuleKind kind);  // "es_module", …

struct Module {
  std::string_view name;
  ModuleKind kind = ModuleKind::EsModule;
  std::string_view bytes;
  // Every byte is below 0x80, so that V8 may use the bytes in place as a one-byte string. encode()
  // works it out; parse() believes the bundle, so as not to touch pages that will not be used.
  bool ascii = false;
};

inline constexpr std::size_t kMaxModules = 10'000;
inline constexpr std::size_t kMaxModuleNameBytes = 1024;
inline constexpr std::size_t kModuleAlignment = 8;

class Bundle {
 public:
  // The first module is the entry: an EsModule, CommonJs or ServiceWorker. InvalidInput names the
  // module that is wrong: none at all, too many, two of one name, an empty, too long or non-UTF-8
  // name, no entry; LimitReached when the whole would exceed 4 GiB.
  static Result<std::string> encode(const std::vector<Module>& modules);
};

class BundleView {
 public:
  // Checks everything but the modules' contents; InvalidInput tells what is corrupt. The view and
  // its modules point into `bytes`, which must outlive them.
  static Result<BundleView> parse(std::string_view bytes);

  const Module& entry() const { return modules_.front(); }
  const std::vector<Module>& modules() const { return modules_; }  // as encoded, entry first

  // The module of exactly that name, or null.
  const Module* find(std::string_view name) const;

 private:
  std::vector<Module> modules_;
};

}  // namespace atoll::bundle
