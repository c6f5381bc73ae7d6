// Method and path template ▶ handler. Templates are segments split on '/'; {name} takes any one
// non-empty segment. A literal segment wins over a parameter at the same place.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "async/task.h"
#include "management/api_error.h"
#include "management/call.h"

namespace atoll::management {

using Handler = std::function<Task<Answer<Response>>(Call&)>;

struct Route {
  Handler handler;
  std::size_t body_limit = 0;  // bytes
};

class Router {
 public:
  Router();
  ~Router();

  // Small JSON bodies unless told otherwise.
  static constexpr std::size_t kJsonBodyLimit = 1024 * 1024;

  // CHECKs that the template is new for that method and that its parameter names are consistent.
  void add(std::string_view method, std::string_view path_template, Handler handler,
           std::size_t body_limit = kJsonBodyLimit);

  // A member function of a resource; the resource must outlive the router's use.
  template <typename Resource>
  void add(std::string_view method, std::string_view path_template, Resource* resource,
           Task<Answer<Response>> (Resource::*member)(Call&),
           std::size_t body_limit = kJsonBodyLimit) {
    add(
        method, path_template, [resource, member](Call& call) { return (resource->*member)(call); },
        body_limit);
  }

  struct Match {
    const Route* route;
    Parameters parameters;  // each segment decoded once, after the split on raw '/'
  };
  // `path` is still encoded. Fails with 404/7003, 405/7001, or 400 for a broken escape.
  Answer<Match> find(std::string_view method, std::string_view path) const;

  // "GET /path/{template}", in the order they were added.
  const std::vector<std::string>& routes() const { return routes_; }

 private:
  struct Node;
  const Node* find_node(const Node& node, const std::vector<std::string>& segments,
                        std::size_t depth, Parameters& parameters) const;

  std::unique_ptr<Node> root_;
  std::vector<std::string> routes_;
};

}  // namespace atoll::management
