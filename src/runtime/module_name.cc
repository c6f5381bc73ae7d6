#include "runtime/module_name.h"

#include <vector>

namespace atoll::runtime {
namespace {

// False when a ".." had nothing to take away.
bool append_segments(std::vector<std::string_view>& path, std::string_view text) {
  bool inside = true;
  while (!text.empty()) {
    std::size_t slash = text.find('/');
    std::string_view segment = text.substr(0, slash);
    text = slash == std::string_view::npos ? std::string_view() : text.substr(slash + 1);
    if (segment.empty() || segment == ".") continue;
    if (segment == "..") {
      inside = inside && !path.empty();
      if (!path.empty()) path.pop_back();
    } else {
      path.push_back(segment);
    }
  }
  return inside;
}

}  // namespace

std::string resolve_module_name(std::string_view specifier, std::string_view referrer) {
  bool relative = specifier.starts_with("./") || specifier.starts_with("../");
  if (!relative && !specifier.starts_with('/')) return std::string(specifier);
  std::vector<std::string_view> path;
  std::size_t last_slash = referrer.rfind('/');
  if (relative && last_slash != std::string_view::npos) {
    append_segments(path, referrer.substr(0, last_slash));
  }
  append_segments(path, specifier);
  std::string name;
  for (std::string_view segment : path) {
    if (!name.empty()) name.push_back('/');
    name += segment;
  }
  return name;
}

bool leaves_the_bundle(std::string_view specifier, std::string_view referrer) {
  if (!specifier.starts_with("./") && !specifier.starts_with("../")) return false;
  std::vector<std::string_view> path;
  std::size_t last_slash = referrer.rfind('/');
  if (last_slash != std::string_view::npos) append_segments(path, referrer.substr(0, last_slash));
  return !append_segments(path, specifier);
}

}  // namespace atoll::runtime
