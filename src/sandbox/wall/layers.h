// The layers of the second wall, as sets that fit into a message.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace atoll::wall {

enum class Layer : std::uint8_t {
  NoNewPrivileges,
  Landlock,
  Seccomp,
  Capabilities,
  Limits,
  Descriptors,
  User,  // a user of its own, not the supervisor's
  UserNamespace,
  MountNamespace,  // with an empty root
  NetworkNamespace,
  IpcNamespace,
  PidNamespace,
};
inline constexpr unsigned kLayerCount = 12;

std::string_view layer_name(Layer layer);
// What it is for, in a few words for people.
std::string_view layer_purpose(Layer layer);
// Without these no tenant code runs, unless the owner says so.
constexpr bool is_required(Layer layer) {
  return layer == Layer::NoNewPrivileges || layer == Layer::Landlock || layer == Layer::Seccomp;
}

class Layers {
 public:
  Layers() = default;
  explicit Layers(std::uint32_t bits) : bits_(bits & ((1u << kLayerCount) - 1)) {}

  void add(Layer layer) { bits_ |= 1u << static_cast<unsigned>(layer); }
  void add(Layers more) { bits_ |= more.bits_; }
  bool has(Layer layer) const { return (bits_ >> static_cast<unsigned>(layer) & 1) != 0; }
  bool complete() const { return bits_ == (1u << kLayerCount) - 1; }
  bool has_required() const;
  std::uint32_t bits() const { return bits_; }
  // "no_new_privileges landlock seccomp …"; "none".
  std::string names() const;

 private:
  std::uint32_t bits_ = 0;
};

}  // namespace atoll::wall
