// atoll: the supervisor and the command line. No V8 in here; tenant code runs in atoll-host.
#include <cstdio>

#include "apps/cli/command_line.h"
#include "apps/platform/doctor.h"
#include "apps/platform/platform.h"

int main(int count, char** arguments) {
  auto line = atoll::cli::parse_command_line(count, arguments);
  if (!line) {
    atoll::platform::print_refusal(line.error());
    return atoll::platform::kCannotStart;
  }
  if (line->action == atoll::cli::Action::Print) {
    std::fputs(line->text.c_str(), stdout);
    return 0;
  }
  if (line->action == atoll::cli::Action::Doctor) return atoll::platform::doctor();
  return atoll::platform::serve(std::move(line->settings));
}
