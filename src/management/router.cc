#include "management/router.h"

#include "base/encoding.h"

namespace atoll::management {
namespace {

std::vector<std::string_view> split_path(std::string_view path) {
  std::vector<std::string_view> segments;
  if (path.starts_with('/')) path.remove_prefix(1);
  while (true) {
    std::size_t slash = path.find('/');
    segments.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

bool is_parameter(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

}  // namespace

struct Router::Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
  std::unique_ptr<Node> parameter;
  std::string parameter_name;
  std::map<std::string, Route, std::less<>> methods;
};

Router::Router() : root_(std::make_unique<Node>()) {}
Router::~Router() = default;

void Router::add(std::string_view method, std::string_view path_template, Handler handler,
                 std::size_t body_limit) {
  Node* node = root_.get();
  for (std::string_view segment : split_path(path_template)) {
    std::unique_ptr<Node>* next = nullptr;
    if (is_parameter(segment)) {
      std::string_view name = segment.substr(1, segment.size() - 2);
      CHECK(node->parameter == nullptr || node->parameter_name == name);
      node->parameter_name = std::string(name);
      next = &node->parameter;
    } else {
      next = &node->literals[std::string(segment)];
    }
    if (*next == nullptr) *next = std::make_unique<Node>();
    node = next->get();
  }
  bool is_new =
      node->methods.emplace(std::string(method), Route{std::move(handler), body_limit}).second;
  CHECK(is_new);
  routes_.push_back(std::string(method) + " " + std::string(path_template));
}

const Router::Node* Router::find_node(const Node& node, const std::vector<std::string>& segments,
                                      std::size_t depth, Parameters& parameters) const {
  if (depth == segments.size()) return node.methods.empty() ? nullptr : &node;
  const std::string& segment = segments[depth];
  if (auto literal = node.literals.find(segment); literal != node.literals.end()) {
    if (const Node* found = find_node(*literal->second, segments, depth + 1, parameters)) {
      return found;
    }
  }
  if (node.parameter == nullptr || segment.empty()) return nullptr;
  parameters.push(node.parameter_name, segment);
  const Node* found = find_node(*node.parameter, segments, depth + 1, parameters);
  if (found == nullptr) parameters.pop();
  return found;
}

Answer<Router::Match> Router::find(std::string_view method, std::string_view path) const {
  constexpr std::size_t kMaxSegments = 16;
  std::vector<std::string> segments;
  for (std::string_view segment : split_path(path)) {
    std::optional<std::string> decoded = percent_decode(segment);
    if (!decoded) return fail(malformed("the path holds a broken percent escape"));
    segments.push_back(*std::move(decoded));
    if (segments.size() > kMaxSegments) break;
  }
  Match match{nullptr, {}};
  const Node* node =
      segments.size() > kMaxSegments ? nullptr : find_node(*root_, segments, 0, match.parameters);
  if (node == nullptr) {
    return fail(ApiError(404, codes::kUnknownPath,
                         "Could not route to " + std::string(path.substr(0, 200)) +
                             ", perhaps your object identifier is invalid?"));
  }
  auto route = node->methods.find(method);
  if (route == node->methods.end()) {
    return fail(ApiError(405, codes::kMethodNotAllowed,
                         std::string(method) + " method not allowed for this path"));
  }
  match.route = &route->second;
  return match;
}

}  // namespace atoll::management
