#include "sandbox/wall/layers.h"

namespace atoll::wall {
namespace {

struct Description {
  std::string_view name;
  std::string_view purpose;
};

constexpr Description kDescriptions[kLayerCount] = {
    {"no_new_privileges", "no program can raise its rights"},
    {"landlock", "no file, no TCP address, no signal to others"},
    {"seccomp", "only listed system calls"},
    {"capabilities", "no right of the superuser"},
    {"limits", "no core files, no files written, few threads"},
    {"descriptors", "nothing open but its own"},
    {"user", "a user of its own"},
    {"user_namespace", "rights end at the process"},
    {"mount_namespace", "an empty file system"},
    {"network_namespace", "no network device"},
    {"ipc_namespace", "no shared memory of others"},
    {"pid_namespace", "no other process is seen"},
};

}  // namespace

std::string_view layer_name(Layer layer) {
  return kDescriptions[static_cast<unsigned>(layer)].name;
}

std::string_view layer_purpose(Layer layer) {
  return kDescriptions[static_cast<unsigned>(layer)].purpose;
}

bool Layers::has_required() const {
  for (unsigned i = 0; i < kLayerCount; ++i) {
    auto layer = static_cast<Layer>(i);
    if (is_required(layer) && !has(layer)) return false;
  }
  return true;
}

std::string Layers::names() const {
  std::string all;
  for (unsigned i = 0; i < kLayerCount; ++i) {
    if (!has(static_cast<Layer>(i))) continue;
    if (!all.empty()) all += ' ';
    all += layer_name(static_cast<Layer>(i));
  }
  return all.empty() ? "none" : all;
}

}  // namespace atoll::wall
