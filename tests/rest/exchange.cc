#include "exchange.h"

#include <fstream>
#include <regex>
#include <stdexcept>

#include "base/json.h"

namespace atoll::rest_test {
namespace {

using management::Field;

struct Lines {
  std::vector<std::string> all;
  std::size_t at = 0;

  bool ended() const { return at == all.size(); }
  const std::string& peek() const { return all[at]; }
  bool at_marker() const {
    return ended() || peek().starts_with(">>> ") || peek().starts_with("<<< ");
  }
  [[noreturn]] void fail(const std::string& what) const {
    throw std::runtime_error("line " + std::to_string(at + 1) + ": " + what);
  }
};

Field read_field(const std::string& line) {
  std::size_t colon = line.find(':');
  return {management::lower_case(line.substr(0, colon)),
          std::string(management::trim(std::string_view(line).substr(colon + 1)))};
}

std::vector<Field> read_fields(Lines& lines) {
  std::vector<Field> fields;
  while (!lines.at_marker() && !lines.peek().empty()) {
    if (lines.peek().find(':') == std::string::npos) lines.fail("not a field");
    fields.push_back(read_field(lines.all[lines.at++]));
  }
  return fields;
}

std::string read_text(Lines& lines, std::string_view line_end) {
  std::vector<std::string> text;
  while (!lines.at_marker()) text.push_back(lines.all[lines.at++]);
  while (!text.empty() && text.back().empty()) text.pop_back();
  std::string joined;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i > 0) joined += line_end;
    joined += text[i];
  }
  return joined;
}

Exchange read_exchange(Lines& lines) {
  Exchange exchange;
  if (!lines.peek().starts_with(">>> ")) lines.fail("expected >>> and a title");
  exchange.line = static_cast<int>(lines.at + 1);
  exchange.title = lines.all[lines.at++].substr(4);
  if (lines.at_marker()) lines.fail("expected a request line");
  const std::string& request_line = lines.all[lines.at++];
  std::size_t space = request_line.find(' ');
  if (space == std::string::npos) lines.fail("expected METHOD path");
  exchange.request.method = request_line.substr(0, space);
  exchange.request.target = request_line.substr(space + 1);
  exchange.request.fields = read_fields(lines);
  if (!lines.at_marker()) ++lines.at;
  std::erase_if(exchange.request.fields, [](const Field& field) { return field.value == "none"; });
  bool is_form = false;
  for (const Field& field : exchange.request.fields) {
    if (field.name == "x-test-lines") is_form = field.value == "crlf";
  }
  exchange.request.body = read_text(lines, is_form ? "\r\n" : "\n");
  if (is_form) exchange.request.body += "\r\n";
  if (lines.ended() || !lines.peek().starts_with("<<< ")) lines.fail("expected <<< and a status");
  exchange.status = static_cast<unsigned>(std::stoul(lines.all[lines.at++].substr(4)));
  // Fields, then a blank line, then the body; without fields the body may follow at once.
  std::regex field("[a-z-]+: .*");
  if (!lines.at_marker() && std::regex_match(lines.peek(), field)) {
    exchange.expected_fields = read_fields(lines);
  }
  exchange.expected_body = read_text(lines, "\n");
  while (exchange.expected_body.starts_with('\n')) exchange.expected_body.erase(0, 1);
  return exchange;
}

bool matches_kind(const std::string& kind, const Json& value) {
  static const std::map<std::string, std::string> kText = {
      {"uuid", "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"},
      {"hex", "[0-9a-f]+"},
      {"hex32", "[0-9a-f]{32}"},
      {"time", "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z"}};
  if (kind == "any") return true;
  if (kind == "string") return value.is_string();
  if (kind == "text") return value.is_string() && !value.get<std::string>().empty();
  if (kind == "number") return value.is_number();
  auto pattern = kText.find(kind);
  return pattern != kText.end() && value.is_string() &&
         std::regex_match(value.get<std::string>(), std::regex(pattern->second));
}

std::string compare(const Json& pattern, const Json& value, const std::string& where,
                    Variables& variables);

std::string compare_text(const std::string& pattern, const Json& value, const std::string& where,
                         Variables& variables) {
  static const std::regex kWildcard("<(\\w+)(?::(\\w+))?>");
  static const std::regex kContains("<contains (.*)>");
  std::smatch parts;
  if (std::regex_match(pattern, parts, kContains)) {
    bool found = value.is_string() && value.get<std::string>().find(parts[1]) != std::string::npos;
    return found ? "" : where + ": " + dump_json(value) + " does not contain " + parts[1].str();
  }
  if (!std::regex_match(pattern, parts, kWildcard)) {
    return value == pattern ? "" : where + ": " + dump_json(value) + " is not " + pattern;
  }
  if (!matches_kind(parts[1], value)) {
    return where + ": " + dump_json(value) + " is not a " + parts[1].str();
  }
  if (parts[2].matched) {
    variables[parts[2]] = value.is_string() ? value.get<std::string>() : dump_json(value);
  }
  return "";
}

std::string compare_object(const Json& pattern, const Json& value, const std::string& where,
                           Variables& variables) {
  if (!value.is_object()) return where + ": " + dump_json(value) + " is not an object";
  for (const auto& [member, expected] : pattern.items()) {
    std::string place = where + "." + member;
    bool present = value.contains(member);
    if (expected == "<absent>") {
      if (present) return place + " is there";
      continue;
    }
    if (!present) return place + " is missing in " + dump_json(value);
    std::string problem = compare(expected, value[member], place, variables);
    if (!problem.empty()) return problem;
  }
  return "";
}

std::string compare_array(const Json& pattern, const Json& value, const std::string& where,
                          Variables& variables) {
  if (!value.is_array()) return where + ": " + dump_json(value) + " is not an array";
  bool open = !pattern.empty() && pattern.back() == "<more>";
  std::size_t size = pattern.size() - (open ? 1 : 0);
  if (value.size() < size || (!open && value.size() != size)) {
    return where + ": " + dump_json(value) + " does not have " + std::to_string(size) + " elements";
  }
  for (std::size_t i = 0; i < size; ++i) {
    std::string problem =
        compare(pattern[i], value[i], where + "[" + std::to_string(i) + "]", variables);
    if (!problem.empty()) return problem;
  }
  return "";
}

std::string compare(const Json& pattern, const Json& value, const std::string& where,
                    Variables& variables) {
  if (pattern.is_string()) {
    return compare_text(pattern.get<std::string>(), value, where, variables);
  }
  if (pattern.is_object()) return compare_object(pattern, value, where, variables);
  if (pattern.is_array()) return compare_array(pattern, value, where, variables);
  return pattern == value ? "" : where + ": " + dump_json(value) + " is not " + dump_json(pattern);
}

}  // namespace

std::vector<Exchange> read_exchanges(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot open " + path);
  Lines lines;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("# ")) lines.all.push_back(line);
  }
  std::vector<Exchange> exchanges;
  while (!lines.ended()) {
    if (lines.peek().empty()) {
      ++lines.at;
    } else {
      exchanges.push_back(read_exchange(lines));
    }
  }
  return exchanges;
}

std::string substitute(std::string text, const Variables& variables) {
  for (const auto& [name, value] : variables) {
    std::string mark = "{{" + name + "}}";
    for (std::size_t at = text.find(mark); at != std::string::npos;
         at = text.find(mark, at + value.size())) {
      text.replace(at, mark.size(), value);
    }
  }
  return text;
}

std::string mismatch(const std::string& pattern, const std::string& body, Variables& variables) {
  if (pattern.empty()) return "";
  if (pattern.front() != '{') return body == pattern ? "" : "the body is not the expected text";
  auto expected = parse_json(pattern);
  if (!expected) return "the expected body: " + expected.error().message();
  auto value = parse_json(body);
  if (!value) return "the body is not JSON";
  return compare(*expected, *value, "$", variables);
}

}  // namespace atoll::rest_test
