#include "apps/cli/command_line.h"

#include <CLI/CLI.hpp>
#include <utility>
#include <vector>

#include "apps/platform/config_file.h"
#include "apps/platform/platform.h"

namespace atoll::cli {
namespace {

struct NamedOption {
  const char* flag;
  const char* setting;
  const char* value;
  const char* help;
  bool list = false;  // may be given more than once
};

constexpr NamedOption kOptions[] = {
    {"--data", "data", "DIR", "the folder that holds everything; made when absent"},
    {"--http", "http", "ADDR:PORT", "where Workers answer; port 0 picks a free one"},
    {"--api", "api", "ADDR:PORT", "where the management API answers, under /client/v4"},
    {"--domain", "domain", "DOMAIN", "account-level Workers answer at <script>.DOMAIN"},
    {"--hosts", "hosts", "N", "isolate hosts; 0 is one per core"},
    {"--bootstrap-account", "bootstrap_account", "ID", "an account that shall exist"},
    {"--bootstrap-token", "bootstrap_token", "TOKEN", "an API token that shall act for it"},
    {"--log-level", "log.level", "LEVEL", "debug, info, warn or error"},
    {"--log-format", "log.format", "FORMAT", "json, text, or auto: text on a terminal"},
    {"--log-file", "log.file", "FILE", "instead of standard error"},
    {"--egress-allow", "egress.allow", "CIDR",
     "addresses that Workers may reach besides public ones", true},
    {"--egress-deny", "egress.deny", "CIDR", "addresses that Workers may not reach", true},
    {"--ca-file", "egress.ca_file", "FILE", "certificates that TLS to the outside trusts"},
};

struct Given {
  std::string config;
  std::vector<std::vector<std::string>> values{std::size(kOptions)};
  std::vector<std::string> set;
  bool no_sandbox = false;
};

void describe_serve(CLI::App& serve, Given& given) {
  serve.add_option("--config", given.config, "a TOML file with the same settings; options win")
      ->type_name("FILE");
  for (std::size_t i = 0; i < std::size(kOptions); ++i) {
    CLI::Option* option = serve.add_option(kOptions[i].flag, given.values[i], kOptions[i].help)
                              ->type_name(kOptions[i].value)
                              ->allow_extra_args(false);
    if (!kOptions[i].list) option->expected(1);
  }
  serve.add_option("--set", given.set, "any setting by its name, for example limits.cpu_ms=50")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  serve.add_flag("--unsafe-no-sandbox", given.no_sandbox,
                 "run Workers without the kernel's protection; never for strangers' code");
  std::string names = "Settings: ";
  std::size_t width = names.size();
  for (const auto& setting : platform::all_settings()) {
    if (width + setting.name.size() > 90) {
      names += "\n  ";
      width = 2;
    }
    names += setting.name + " ";
    width += setting.name.size() + 1;
  }
  serve.footer(names);
}

Result<platform::Settings> settings_from(const CLI::App& serve, const Given& given) {
  platform::Settings settings;
  if (!given.config.empty()) TRY_VOID(platform::read_config_file(given.config, settings));
  for (const std::string& assignment : given.set) {
    std::size_t equals = assignment.find('=');
    if (equals == std::string::npos) {
      return fail(invalid_input("--set " + assignment + ": expected NAME=VALUE"));
    }
    TRY_VOID(platform::assign_setting(settings, assignment.substr(0, equals),
                                      assignment.substr(equals + 1)));
  }
  for (std::size_t i = 0; i < std::size(kOptions); ++i) {
    for (const std::string& value : given.values[i]) {
      TRY_VOID(platform::assign_setting(settings, kOptions[i].setting, value));
    }
  }
  if (given.no_sandbox) settings.unsafe_no_sandbox = true;
  return settings;
}

}  // namespace

Result<CommandLine> parse_command_line(int count, const char* const* arguments) {
  CLI::App app("Atoll runs the code of a product's customers.", "atoll");
  app.require_subcommand(1);
  Given given;
  CLI::App* serve = app.add_subcommand("serve", "Run the platform.");
  describe_serve(*serve, given);
  CLI::App* version = app.add_subcommand("version", "Print the version.");
  CLI::App* doctor = app.add_subcommand(
      "doctor", "Tell which layers of the sandbox this machine has; 1 when a required one lacks.");
  CommandLine line;
  try {
    app.parse(count, arguments);
  } catch (const CLI::CallForHelp&) {
    return CommandLine{Action::Print, (serve->parsed() ? serve : &app)->help(), {}};
  } catch (const CLI::ParseError& error) {
    return fail(invalid_input(std::string(error.what()) + " (see atoll --help)"));
  }
  if (version->parsed()) {
    return CommandLine{Action::Print, std::string("atoll ") + platform::kVersion + "\n", {}};
  }
  if (doctor->parsed()) return CommandLine{Action::Doctor, {}, {}};
  line.settings = TRY(settings_from(*serve, given));
  return line;
}

}  // namespace atoll::cli
