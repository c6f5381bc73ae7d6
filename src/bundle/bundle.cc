#include "bundle/bundle.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "base/encoding.h"

namespace atoll::bundle {
namespace {

constexpr std::string_view kMagic = "ATOLLBN1";
constexpr std::size_t kHeaderBytes = 16;
constexpr std::size_t kEntryBytes = 20;
constexpr std::uint8_t kAsciiFlag = 1;

std::size_t aligned(std::size_t offset) {
  return (offset + kModuleAlignment - 1) / kModuleAlignment * kModuleAlignment;
}

void append_u32(std::string& out, std::size_t value) {
  for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>(value >> shift));
}

std::size_t read_u32(std::string_view bytes, std::size_t at) {
  std::size_t value = 0;
  for (int i = 3; i >= 0; --i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

bool is_ascii(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) { return (c & 0x80) == 0; });
}

bool may_be_entry(ModuleKind kind) {
  return kind == ModuleKind::EsModule || kind == ModuleKind::CommonJs ||
         kind == ModuleKind::ServiceWorker;
}

Error corrupt(const std::string& what) { return invalid_input("the bundle is corrupt: " + what); }

Result<void> check_modules(const std::vector<Module>& modules) {
  if (modules.empty()) return fail(invalid_input("a bundle needs at least one module"));
  if (modules.size() > kMaxModules) {
    return fail(
        invalid_input("a bundle holds at most " + std::to_string(kMaxModules) + " modules"));
  }
  std::vector<std::string_view> names;
  names.reserve(modules.size());
  for (const Module& module : modules) {
    if (module.name.empty()) return fail(invalid_input("a module has an empty name"));
    if (module.name.size() > kMaxModuleNameBytes) {
      return fail(invalid_input("the module name " + std::string(module.name.substr(0, 64)) +
                                "… is longer than " + std::to_string(kMaxModuleNameBytes) +
                                " bytes"));
    }
    if (!is_valid_utf8(module.name) || module.name.find('\0') != module.name.npos) {
      return fail(invalid_input("a module name is not UTF-8 text"));
    }
    names.push_back(module.name);
  }
  std::sort(names.begin(), names.end());
  auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice != names.end()) {
    return fail(invalid_input("two modules are named " + std::string(*twice)));
  }
  if (!may_be_entry(modules.front().kind)) {
    return fail(invalid_input("the entry module " + std::string(modules.front().name) +
                              " is not JavaScript"));
  }
  return {};
}

}  // namespace

std::string_view module_kind_name(ModuleKind kind) {
  switch (kind) {
    case ModuleKind::EsModule:
      return "es_module";
    case ModuleKind::CommonJs:
      return "common_js";
    case ModuleKind::ServiceWorker:
      return "service_worker";
    case ModuleKind::Text:
      return "text";
    case ModuleKind::Data:
      return "data";
    case ModuleKind::Json:
      return "json";
    case ModuleKind::Wasm:
      return "wasm";
    case ModuleKind::SourceMap:
      return "source_map";
  }
  return "unknown";
}

Result<std::string> Bundle::encode(const std::vector<Module>& modules) {
  TRY_VOID(check_modules(modules));
  std::size_t names_at = kHeaderBytes + kEntryBytes * modules.size();
  std::size_t end = names_at;
  for (const Module& module : modules) end += module.name.size();
  for (const Module& module : modules) end = aligned(end) + module.bytes.size();
  if (end > std::numeric_limits<std::uint32_t>::max()) {
    return fail(Error(ErrorKind::LimitReached, "the code is larger than 4 GiB"));
  }

  std::string out;
  out.reserve(end);
  out += kMagic;
  append_u32(out, modules.size());
  append_u32(out, end);
  std::size_t name_at = names_at;
  std::size_t bytes_at = names_at;
  for (const Module& module : modules) bytes_at += module.name.size();
  for (const Module& module : modules) {
    bytes_at = aligned(bytes_at);
    append_u32(out, name_at);
    append_u32(out, module.name.size());
    append_u32(out, bytes_at);
    append_u32(out, module.bytes.size());
    out.push_back(static_cast<char>(module.kind));
    out.push_back(static_cast<char>(is_ascii(module.bytes) ? kAsciiFlag : 0));
    out.append(2, '\0');
    name_at += module.name.size();
    bytes_at += module.bytes.size();
  }
  for (const Module& module : modules) out += module.name;
  for (const Module& module : modules) {
    out.append(aligned(out.size()) - out.size(), '\0');
    out += module.bytes;
  }
  return out;
}

Result<BundleView> BundleView::parse(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes || !bytes.starts_with(kMagic)) {
    return fail(corrupt("it does not start like one"));
  }
  std::size_t count = read_u32(bytes, 8);
  if (read_u32(bytes, 12) != bytes.size()) return fail(corrupt("its size is not the stated one"));
  if (count == 0 || count > kMaxModules || kHeaderBytes + kEntryBytes * count > bytes.size()) {
    return fail(corrupt("its module count is impossible"));
  }

  // Only the layout that encode() makes is accepted, so every offset has one legal value and no
  // two modules can overlap.
  std::size_t name_at = kHeaderBytes + kEntryBytes * count;
  BundleView view;
  view.modules_.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    std::size_t entry = kHeaderBytes + kEntryBytes * i;
    std::size_t name_size = read_u32(bytes, entry + 4);
    unsigned kind = static_cast<unsigned char>(bytes[entry + 16]);
    unsigned flags = static_cast<unsigned char>(bytes[entry + 17]);
    if (read_u32(bytes, entry) != name_at || name_size > bytes.size() - name_at) {
      return fail(corrupt("a module name lies outside it"));
    }
    if (kind < static_cast<unsigned>(ModuleKind::EsModule) ||
        kind > static_cast<unsigned>(ModuleKind::SourceMap) || flags > kAsciiFlag ||
        bytes[entry + 18] != 0 || bytes[entry + 19] != 0) {
      return fail(corrupt("a module is of an unknown kind"));
    }
    view.modules_.push_back(
        {bytes.substr(name_at, name_size), static_cast<ModuleKind>(kind), {}, flags == kAsciiFlag});
    name_at += name_size;
  }

  std::size_t end = name_at;
  for (std::size_t i = 0; i < count; ++i) {
    std::size_t entry = kHeaderBytes + kEntryBytes * i;
    std::size_t at = aligned(end);
    std::size_t size = read_u32(bytes, entry + 12);
    if (read_u32(bytes, entry + 8) != at || at > bytes.size() || size > bytes.size() - at) {
      return fail(corrupt("a module lies outside it"));
    }
    if (bytes.substr(end, at - end).find_first_not_of('\0') != bytes.npos) {
      return fail(corrupt("a gap is not empty"));
    }
    view.modules_[i].bytes = bytes.substr(at, size);
    end = at + size;
  }
  if (end != bytes.size()) return fail(corrupt("bytes follow the last module"));
  if (auto checked = check_modules(view.modules_); !checked) {
    return fail(corrupt(checked.error().message()));
  }
  return view;
}

const Module* BundleView::find(std::string_view name) const {
  for (const Module& module : modules_) {
    if (module.name == name) return &module;
  }
  return nullptr;
}

}  // namespace atoll::bundle
