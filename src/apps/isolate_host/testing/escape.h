// What native code inside an isolate host would try first, had it broken V8: each attempt asks the
// kernel directly, as such code would.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace atoll::host {

struct Attempt {
  std::string name;
  // What the system call gave: negative is -errno, anything else means that it worked.
  std::function<long()> run;
};

// Those that must fail.
std::vector<Attempt> file_attempts();
std::vector<Attempt> socket_attempts();
std::vector<Attempt> process_attempts();
std::vector<Attempt> kernel_attempts();
// Those that must end the process.
std::vector<Attempt> treason_attempts();

}  // namespace atoll::host
