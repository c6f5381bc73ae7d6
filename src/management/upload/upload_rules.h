// What uploads may hold here: sizes, counts, and which features this release can honour.
#pragma once

#include <cstddef>

namespace atoll::management {

struct UploadRules {
  std::size_t max_code_bytes = 64 * 1024 * 1024;  // all modules, without source maps
  std::size_t max_form_bytes = 100 * 1024 * 1024;
  std::size_t max_variable_bytes = 5 * 1024;  // of one text, JSON or secret binding
  std::size_t max_variables = 128;            // text, JSON and secrets together
  std::size_t max_bindings = 1000;
  unsigned max_cpu_ms = 300'000;

  // Off: uploads that need the feature are refused rather than run without it.
  bool outbound_workers = true;
  bool cron_triggers = false;
};

}  // namespace atoll::management
