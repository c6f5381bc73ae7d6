#include <cstdint>
#include <cstring>
#include <map>
#include <memory>

#include "js/source_library.h"

namespace atoll::js {
namespace {

class LibraryText final : public v8::String::ExternalOneByteStringResource {
 public:
  explicit LibraryText(std::string_view text) : text_(text) {}
  const char* data() const override { return text_.data(); }
  size_t length() const override { return text_.size(); }
  void Dispose() override {}  // lives as long as the process

 private:
  std::string_view text_;
};

struct Library {
  std::map<std::string_view, LibrarySource> sources;
  std::vector<std::string_view> names;
  std::vector<std::unique_ptr<LibraryText>> texts;
};

Library& library() {
  static Library& instance = *new Library;
  return instance;
}

}  // namespace

// A run of three parts for each source, each {u32 size, bytes}: name, text, code cache. Code caches
// begin at multiples of 16 within the pack.
Result<void> set_source_library(std::string_view pack) {
  Library& made = library();
  std::size_t at = 0;
  bool valid = true;
  auto take = [&]() -> std::string_view {
    std::uint32_t size = 0;
    if (pack.size() - at < sizeof size) {
      valid = false;
      return {};
    }
    std::memcpy(&size, pack.data() + at, sizeof size);
    at += sizeof size;
    if (pack.size() - at < size) {
      valid = false;
      return {};
    }
    std::string_view part = pack.substr(at, size);
    at += size;
    return part;
  };
  while (valid && at < pack.size()) {
    std::string_view name = take();
    std::string_view text = take();
    at = std::min((at + 15) & ~std::size_t{15}, pack.size());
    std::string_view cache = take();
    at = std::min((at + 15) & ~std::size_t{15}, pack.size());
    if (!valid) break;
    made.texts.push_back(std::make_unique<LibraryText>(text));
    made.sources[name] = {text, cache.size() > 12 ? cache.substr(12) : std::string_view(),
                          made.texts.back().get()};
    made.names.push_back(name);
  }
  if (!valid) return fail(internal_error("the source library is damaged"));
  return {};
}

std::string make_library_pack(const std::vector<PackedSource>& sources) {
  std::string pack;
  auto put = [&pack](std::string_view part) {
    auto size = static_cast<std::uint32_t>(part.size());
    pack.append(reinterpret_cast<const char*>(&size), sizeof size).append(part);
  };
  auto align = [&pack] { pack.resize((pack.size() + 15) & ~std::size_t{15}, '\0'); };
  for (const PackedSource& source : sources) {
    put(source.name);
    put(source.text);
    align();
    // Twelve bytes of padding behind the size put the cache itself on a multiple of 16.
    put(std::string(12, '\0') + source.code_cache);
    align();
  }
  return pack;
}

const LibrarySource* find_library_source(std::string_view name) {
  auto found = library().sources.find(name);
  return found == library().sources.end() ? nullptr : &found->second;
}

std::vector<std::string_view> library_source_names() { return library().names; }

}  // namespace atoll::js
