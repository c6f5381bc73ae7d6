#include "management/upload/code.h"

#include <algorithm>
#include <set>

#include "base/encoding.h"
#include "bundle/bundle.h"
#include "crypto/digest.h"

namespace atoll::management {
namespace {

using bundle::ModuleKind;
using scripts::CodeFormat;

std::string in_quotes(std::string_view text) {
  return "\"" + std::string(text.substr(0, 200)) + "\"";
}

// Callers that build forms by hand often leave the type out.
std::string_view type_by_extension(std::string_view name) {
  auto ends = [&](std::string_view extension) { return name.ends_with(extension); };
  if (ends(".js") || ends(".mjs")) return "application/javascript+module";
  if (ends(".cjs")) return "application/javascript";
  if (ends(".wasm")) return "application/wasm";
  if (ends(".txt") || ends(".html") || ends(".sql")) return "text/plain";
  if (ends(".json")) return "application/json";
  if (ends(".map")) return "application/source-map";
  if (ends(".py")) return "text/x-python";
  return "application/octet-stream";
}

bool is_plain_javascript(std::string_view type) {
  return type == "application/javascript" || type == "text/javascript" ||
         type == "application/x-javascript" || type == "application/node";
}

bool is_module_javascript(std::string_view type) {
  return type == "application/javascript+module" || type == "text/javascript+module";
}

// The entry is often labelled wrongly: what it is follows from the
// metadata, as long as the label does not say something altogether different.
Answer<ModuleKind> entry_kind(const std::string& name, std::string_view type, CodeFormat format) {
  if (!is_plain_javascript(type) && !is_module_javascript(type) &&
      type != "application/octet-stream" && !type.empty()) {
    return fail(refused("The entry " + in_quotes(name) + " has content type " + in_quotes(type) +
                        ", which is not JavaScript"));
  }
  return format == CodeFormat::Modules ? ModuleKind::EsModule : ModuleKind::ServiceWorker;
}

Answer<ModuleKind> module_kind(const std::string& name, std::string_view type) {
  if (is_module_javascript(type)) return ModuleKind::EsModule;
  if (is_plain_javascript(type)) return ModuleKind::CommonJs;
  if (type == "application/wasm") return ModuleKind::Wasm;
  if (type == "text/plain") return ModuleKind::Text;
  if (type == "application/octet-stream") return ModuleKind::Data;
  if (type == "application/json") return ModuleKind::Json;
  if (type == "application/source-map") return ModuleKind::SourceMap;
  return fail(refused("Module " + in_quotes(name) + " has content type " + in_quotes(type) +
                      ", which is not a supported module type"));
}

Answer<bundle::Module> read_module(const UploadPart& part, const std::string& name, bool is_entry,
                                   CodeFormat format) {
  std::string type = media_type(part.content_type);
  if (type.empty() && !is_entry) type = std::string(type_by_extension(name));
  if (type == "text/x-python" || type == "text/x-python-requirement") {
    return fail(
        refused("Module " + in_quotes(name) + " is Python; Python Workers are not supported"));
  }
  bundle::Module module;
  module.name = name;
  module.bytes = part.bytes;
  module.kind = is_entry ? TRY(entry_kind(name, type, format)) : TRY(module_kind(name, type));
  if (module.kind == ModuleKind::Json) {
    if (auto value = parse_json(part.bytes); !value) {
      return fail(refused("JSON module " + in_quotes(name) + ": " + value.error().message()));
    }
  }
  return module;
}

Answer<void> check_size(const std::vector<bundle::Module>& modules, const UploadRules& rules) {
  std::size_t total = 0;
  for (const bundle::Module& module : modules) {
    if (module.kind != ModuleKind::SourceMap) total += module.bytes.size();
  }
  if (total <= rules.max_code_bytes) return {};
  return fail(ApiError(413, codes::kTooLarge,
                       "The script is " + std::to_string(total) + " bytes; the limit is " +
                           std::to_string(rules.max_code_bytes) + " bytes"));
}

}  // namespace

std::string canonical_module_name(std::string_view name) {
  while (name.starts_with("./")) name.remove_prefix(2);
  return std::string(name);
}

Answer<EntryPart> read_entry(const Json& metadata) {
  const Json& main = json_member(metadata, "main_module");
  const Json& body = json_member(metadata, "body_part");
  if (!main.is_null() && !body.is_null()) {
    return fail(refused("metadata has both main_module and body_part"));
  }
  const Json& entry = main.is_null() ? body : main;
  if (entry.is_null()) {
    return fail(
        refused("metadata names no main_module (ES modules) or body_part (service worker)"));
  }
  if (!entry.is_string() || entry.get_ref<const std::string&>().empty()) {
    return fail(malformed("metadata main_module or body_part must be a part's name"));
  }
  return EntryPart{entry.get<std::string>(),
                   main.is_null() ? CodeFormat::ServiceWorker : CodeFormat::Modules};
}

Answer<UploadedCode> build_code(const std::vector<UploadPart>& parts, const EntryPart& entry,
                                const UploadRules& rules) {
  std::vector<std::string> names;  // what the modules' names point into
  names.reserve(parts.size());
  std::vector<bundle::Module> modules;
  modules.reserve(parts.size());
  std::set<std::string_view> seen;
  std::string entry_name = canonical_module_name(entry.name);
  bool has_entry = false;
  for (const UploadPart& part : parts) {
    const std::string& name = names.emplace_back(canonical_module_name(part.name));
    if (!seen.insert(name).second) {
      return fail(refused("Module " + in_quotes(name) + " was uploaded twice"));
    }
    bool is_entry = name == entry_name;
    modules.push_back(TRY(read_module(part, name, is_entry, entry.format)));
    if (is_entry) std::swap(modules.front(), modules.back());
    has_entry = has_entry || is_entry;
  }
  if (!has_entry) {
    return fail(
        refused("No such module " + in_quotes(entry.name) + ": the form has no part of that name"));
  }
  TRY_VOID(check_size(modules, rules));
  auto encoded = bundle::Bundle::encode(modules);
  if (!encoded) return fail(refused(encoded.error().message()));
  UploadedCode code;
  code.bundle = std::make_shared<const std::string>(*std::move(encoded));
  code.etag = crypto::sha256_hex(*code.bundle);
  code.main_module = std::move(entry_name);
  code.format = entry.format;
  return code;
}

}  // namespace atoll::management
