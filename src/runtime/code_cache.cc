#include "runtime/code_cache.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace atoll::runtime {
namespace {

// Finds damage, not forgery: whoever can write code caches may run code anyway.
std::uint64_t mix(std::uint64_t hash, std::string_view bytes) {
  constexpr std::uint64_t kMultiplier = 0x9E3779B97F4A7C15ull;
  auto add = [&hash](std::uint64_t word) {
    hash = (hash ^ word) * kMultiplier;
    hash ^= hash >> 32;
  };
  add(bytes.size());
  while (!bytes.empty()) {
    std::uint64_t word = 0;
    std::size_t size = std::min(bytes.size(), sizeof word);
    std::memcpy(&word, bytes.data(), size);
    add(word);
    bytes.remove_prefix(size);
  }
  return hash;
}

std::uint64_t seal_of(const bundle::BundleView& bundle, std::string_view content) {
  std::uint64_t hash = mix(0, content);
  for (const bundle::Module& module : bundle.modules()) {
    if (module.kind != bundle::ModuleKind::EsModule &&
        module.kind != bundle::ModuleKind::ServiceWorker) {
      continue;  // never cached, and maybe large
    }
    hash = mix(mix(hash, module.name), module.bytes);
  }
  return hash;
}

}  // namespace

// The seal, then a run of {u32 name size, name, u32 size, bytes}.
std::string seal_code_cache(const bundle::BundleView& bundle,
                            const std::vector<CachedModule>& modules) {
  std::string content;
  auto put = [&content](std::string_view part) {
    auto size = static_cast<std::uint32_t>(part.size());
    content.append(reinterpret_cast<const char*>(&size), sizeof size).append(part);
  };
  for (const CachedModule& module : modules) {
    put(module.name);
    put(module.bytes);
  }
  std::uint64_t seal = seal_of(bundle, content);
  return std::string(reinterpret_cast<const char*>(&seal), sizeof seal) + content;
}

std::vector<CachedModule> open_code_cache(const bundle::BundleView& bundle,
                                          std::string_view sealed) {
  std::uint64_t seal = 0;
  if (sealed.size() < sizeof seal) return {};
  std::memcpy(&seal, sealed.data(), sizeof seal);
  std::string_view rest = sealed.substr(sizeof seal);
  if (seal != seal_of(bundle, rest)) return {};
  auto take = [&rest]() -> std::string_view {
    std::uint32_t size = 0;
    if (rest.size() < sizeof size) return {};
    std::memcpy(&size, rest.data(), sizeof size);
    rest.remove_prefix(sizeof size);
    std::string_view part = rest.substr(0, size);
    rest.remove_prefix(part.size());
    return part;
  };
  std::vector<CachedModule> modules;
  while (!rest.empty()) {
    std::string_view name = take();
    modules.push_back({name, take()});
  }
  return modules;
}

}  // namespace atoll::runtime
