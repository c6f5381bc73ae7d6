#include "management/request.h"

#include <algorithm>

#include "base/encoding.h"

namespace atoll::management {
namespace {

std::string form_decode(std::string_view text) {
  std::string spaced(text);
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  return percent_decode(spaced).value_or(std::string(text));
}

// One parameter value: a quoted string or a token. Moves `rest` behind it.
std::optional<std::string> take_parameter_value(std::string_view& rest) {
  std::string value;
  if (!rest.starts_with('"')) {
    std::size_t end = std::min(rest.find(';'), rest.size());
    value = std::string(trim(rest.substr(0, end)));
    rest.remove_prefix(end);
    return value;
  }
  // Form encoders leave a backslash alone unless it escapes a quote, so only \" is an escape.
  for (std::size_t i = 1; i < rest.size(); ++i) {
    if (rest[i] == '\\' && i + 1 < rest.size() && rest[i + 1] == '"') {
      value.push_back('"');
      ++i;
    } else if (rest[i] == '"') {
      rest.remove_prefix(i + 1);
      return value;
    } else {
      value.push_back(rest[i]);
    }
  }
  return std::nullopt;
}

}  // namespace

std::string_view Request::path() const {
  return std::string_view(target).substr(0, std::min(target.find('?'), target.size()));
}

std::string_view Request::field(std::string_view name) const {
  for (const Field& field : fields) {
    if (field.name == name) return field.value;
  }
  return {};
}

Query::Query(std::string_view target) {
  std::size_t mark = target.find('?');
  if (mark == std::string_view::npos) return;
  std::string_view rest = target.substr(mark + 1);
  while (!rest.empty()) {
    std::string_view pair = rest.substr(0, std::min(rest.find('&'), rest.size()));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    if (pair.empty()) continue;
    std::size_t equals = std::min(pair.find('='), pair.size());
    parameters_.emplace_back(form_decode(pair.substr(0, equals)),
                             form_decode(pair.substr(std::min(equals + 1, pair.size()))));
  }
}

std::optional<std::string> Query::find(std::string_view name) const {
  for (const auto& [key, value] : parameters_) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::string Query::text(std::string_view name, std::string_view fallback) const {
  return find(name).value_or(std::string(fallback));
}

bool Query::is_true(std::string_view name) const {
  std::string value = text(name);
  return value == "true" || value == "1";
}

std::string media_type(std::string_view content_type) {
  return lower_case(
      trim(content_type.substr(0, std::min(content_type.find(';'), content_type.size()))));
}

std::optional<std::string> header_parameter(std::string_view value, std::string_view name) {
  std::size_t semicolon = value.find(';');
  while (semicolon != std::string_view::npos) {
    std::string_view rest = value.substr(semicolon + 1);
    std::size_t end = rest.find_first_of("=;");
    if (end == std::string_view::npos) return std::nullopt;
    if (rest[end] == ';') {
      semicolon += 1 + end;
      continue;
    }
    std::string key = lower_case(trim(rest.substr(0, end)));
    rest.remove_prefix(end + 1);
    while (rest.starts_with(' ') || rest.starts_with('\t')) rest.remove_prefix(1);
    std::optional<std::string> found = take_parameter_value(rest);
    if (!found) return std::nullopt;
    if (key == name) return found;
    std::size_t next = rest.find(';');
    if (next == std::string_view::npos) return std::nullopt;
    semicolon = value.size() - rest.size() + next;
  }
  return std::nullopt;
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::string_view trim(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

}  // namespace atoll::management
