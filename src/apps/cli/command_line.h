// What was asked for on the command line.
#pragma once

#include <string>

#include "apps/platform/settings.h"
#include "base/result.h"

namespace atoll::cli {

enum class Action {
  Serve,
  Doctor,
  Print,  // help or version: `text`, and an end with 0
};

struct CommandLine {
  Action action = Action::Serve;
  std::string text;
  platform::Settings settings;  // defaults, then the configuration file, then the options
};

// InvalidInput: one line that names the option or setting that is wrong.
Result<CommandLine> parse_command_line(int count, const char* const* arguments);

}  // namespace atoll::cli
