#include "management/upload/bracket_fields.h"

#include <array>
#include <charconv>
#include <span>

namespace atoll::management {
namespace {

using Path = std::span<const std::string>;  // "" stands for []

constexpr std::size_t kMaxDepth = 24;

constexpr auto kBooleans = std::to_array<std::string_view>(
    {"logpush", "enabled", "keep_assets", "invocation_logs", "persist", "raw", "previews_enabled",
     "redact_query_string", "run_worker_first", "trusted_workers", "green_compute"});
constexpr auto kNumbers =
    std::to_array<std::string_view>({"cpu_ms", "subrequests", "head_sampling_rate", "limit",
                                     "period", "delivery_delay", "max_delay"});

template <typename List>
bool contains(const List& list, std::string_view name) {
  for (std::string_view entry : list) {
    if (entry == name) return true;
  }
  return false;
}

Json typed_leaf(Path path, std::string_view value) {
  std::string_view member;
  for (const std::string& key : path) {
    if (key == "json" || key == "props") return std::string(value);
    if (!key.empty()) member = key;
  }
  if (contains(kBooleans, member) && (value == "true" || value == "false")) return value == "true";
  if (contains(kNumbers, member)) {
    double number = 0;
    auto [end, problem] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (problem == std::errc() && end == value.data() + value.size()) {
      auto whole = static_cast<std::int64_t>(number);
      if (number > -9e15 && number < 9e15 && static_cast<double>(whole) == number) return whole;
      return number;
    }
  }
  return std::string(value);
}

// Puts `leaf` at `path` below `node`. False, without a change, when something is there already.
bool put(Json& node, Path path, const Json& leaf) {
  if (path.empty()) {
    if (!node.is_null()) return false;
    node = leaf;
    return true;
  }
  Path rest = path.subspan(1);
  if (path.front().empty()) {
    if (node.is_null()) node = Json::array();
    if (!node.is_array()) return false;
    if (!rest.empty() && !node.empty() && put(node.back(), rest, leaf)) return true;
    node.push_back(nullptr);
    return put(node.back(), rest, leaf);
  }
  if (node.is_null()) node = Json::object();
  if (!node.is_object()) return false;
  auto member = node.find(path.front());
  if (member != node.end()) return put(*member, rest, leaf);
  return put(node[path.front()], rest, leaf);
}

Result<std::vector<std::string>> split_brackets(std::string_view field) {
  std::vector<std::string> path;
  std::string_view rest = field.substr(field.find('['));
  while (!rest.empty()) {
    std::size_t close = rest.find(']');
    if (rest.front() != '[' || close == std::string_view::npos) {
      return fail(
          invalid_input("form field \"" + std::string(field) + "\" has unmatched brackets"));
    }
    path.emplace_back(rest.substr(1, close - 1));
    rest.remove_prefix(close + 1);
    if (path.size() > kMaxDepth) {
      return fail(invalid_input("form field \"" + std::string(field.substr(0, 64)) +
                                "…\" is nested too deeply"));
    }
  }
  return path;
}

}  // namespace

bool BracketFields::belongs(std::string_view field, std::string_view root) {
  return field.size() > root.size() && field.starts_with(root) && field[root.size()] == '[';
}

Result<void> BracketFields::add(std::string_view field, std::string_view value) {
  std::vector<std::string> path = TRY(split_brackets(field));
  if (path.front().empty() || !put(value_, path, typed_leaf(path, value))) {
    return fail(
        invalid_input("form field \"" + std::string(field) + "\" contradicts an earlier field"));
  }
  return {};
}

}  // namespace atoll::management
