// One request on its way through a handler. It lives in the caller's frame until the handler is
// done, so coroutines may take it by reference.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "management/identity.h"
#include "management/request.h"

namespace atoll::management {

class Parameters {
 public:
  void push(std::string name, std::string value) {
    values_.emplace_back(std::move(name), std::move(value));
  }
  void pop() { values_.pop_back(); }
  const std::string* find(std::string_view name) const {
    for (const auto& [key, value] : values_) {
      if (key == name) return &value;
    }
    return nullptr;
  }

 private:
  std::vector<std::pair<std::string, std::string>> values_;
};

struct Call {
  Request request;
  Query query;
  Parameters parameters;
  Identity identity;

  // A parameter of the route's template.
  const std::string& parameter(std::string_view name) const {
    const std::string* value = parameters.find(name);
    CHECK(value != nullptr);
    return *value;
  }
};

}  // namespace atoll::management
