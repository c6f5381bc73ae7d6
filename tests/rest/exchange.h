// The exchanges of a .rest file and the patterns their answers must match. The format is described
// in README.md.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "management/request.h"

namespace atoll::rest_test {

struct Exchange {
  std::string title;
  int line = 0;
  management::Request request;  // {{variables}} still in place
  unsigned status = 0;
  std::vector<management::Field> expected_fields;
  std::string expected_body;  // empty: anything
};

using Variables = std::map<std::string, std::string>;

// Throws std::runtime_error naming the line of a malformed file.
std::vector<Exchange> read_exchanges(const std::string& path);

std::string substitute(std::string text, const Variables& variables);

// Empty when `body` matches `pattern`, else what differs. Captures go into `variables`.
std::string mismatch(const std::string& pattern, const std::string& body, Variables& variables);

}  // namespace atoll::rest_test
