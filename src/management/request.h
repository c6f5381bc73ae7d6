// What arrived and what goes back, free of any HTTP library.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace atoll::management {

struct Field {
  std::string name;  // lower case
  std::string value;
};

struct Request {
  std::string method;  // upper case: GET
  std::string target;  // origin form: /client/v4/user?page=1
  std::vector<Field> fields;
  std::string body;

  std::string_view path() const;  // still percent-encoded
  // The first field of that (lower case) name; empty where there is none.
  std::string_view field(std::string_view name) const;
};

// The parameters behind '?', decoded as forms are: '+' is a space, %XX a byte. A broken escape is
// kept as it stands.
class Query {
 public:
  explicit Query(std::string_view target);

  // The first value of that name.
  std::optional<std::string> find(std::string_view name) const;
  std::string text(std::string_view name, std::string_view fallback = {}) const;
  bool is_true(std::string_view name) const;  // "true" or "1"

 private:
  std::vector<std::pair<std::string, std::string>> parameters_;
};

struct Response {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::vector<Field> fields;
  std::string body;
};

// The media type alone, in lower case: "multipart/form-data" of "Multipart/Form-Data; boundary=x".
std::string media_type(std::string_view content_type);
// A parameter of a field such as Content-Type or Content-Disposition, quotes removed.
std::optional<std::string> header_parameter(std::string_view value, std::string_view name);

std::string lower_case(std::string_view text);
std::string_view trim(std::string_view text);  // spaces and tabs

}  // namespace atoll::management
