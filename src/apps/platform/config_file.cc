#include "apps/platform/config_file.h"

#include <algorithm>
#include <fstream>
#include <sstream>

// The library's parser asserts what some malformed texts do not hold; those are errors like others.
struct BrokenAssumption {};
#define TOML_ASSERT(expression) ((expression) ? void() : throw BrokenAssumption())
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

namespace atoll::platform {
namespace {

// TOML's own types become the text that a setting reads; a setting refuses what is not its kind.
Result<void> assign_value(const std::string& name, const toml::node& node, Settings& settings) {
  if (auto text = node.as_string()) return assign_setting(settings, name, text->get());
  if (auto number = node.as_integer()) {
    return assign_setting(settings, name, std::to_string(number->get()));
  }
  if (auto flag = node.as_boolean()) {
    return assign_setting(settings, name, flag->get() ? "true" : "false");
  }
  std::ostringstream kind;
  kind << node.type();
  return fail(
      invalid_input(name + ": a value of the kind " + kind.str() + " is not possible here"));
}

bool is_list(std::string_view name) {
  return std::ranges::any_of(all_settings(), [name](const Setting& setting) {
    return setting.list && setting.name == name;
  });
}

Result<void> assign_table(const std::string& prefix, const toml::table& table, Settings& settings) {
  for (const auto& [key, node] : table) {
    std::string name = prefix + std::string(key.str());
    if (auto inner = node.as_table(); inner && prefix.empty()) {
      TRY_VOID(assign_table(name + ".", *inner, settings));
    } else if (auto list = node.as_array(); list && is_list(name)) {
      for (const toml::node& element : *list) TRY_VOID(assign_value(name, element, settings));
    } else {
      TRY_VOID(assign_value(name, node, settings));
    }
  }
  return {};
}

}  // namespace

Result<void> read_config_file(const std::string& path, Settings& settings) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return fail(invalid_input(path + ": the configuration file cannot be read"));
  return read_config(text.str(), path, settings);
}

Result<void> read_config(std::string_view text, const std::string& path, Settings& settings) {
  toml::parse_result parsed;
  try {
    parsed = toml::parse(text, path);
  } catch (const BrokenAssumption&) {
    return fail(invalid_input(path + ": this is not TOML"));
  }
  if (!parsed) {
    const toml::parse_error& error = parsed.error();
    return fail(invalid_input(path + " line " + std::to_string(error.source().begin.line) + ": " +
                              std::string(error.description())));
  }
  auto assigned = assign_table("", parsed.table(), settings);
  if (!assigned) return fail(std::move(assigned.error()).while_doing(path));
  return {};
}

}  // namespace atoll::platform
