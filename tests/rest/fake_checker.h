// Stands in for the process that runs uploads: looks at the text of the entry instead of running
// it.
#pragma once

#include "scripts/script_checker.h"

namespace atoll::rest_test {

// Finds handlers of `export default { fetch(…) }`, `export class Name`, addEventListener("name").
// An entry with the text SYNTAX_ERROR fails to start.
class FakeChecker final : public scripts::ScriptChecker {
 public:
  Task<Result<Outcome>> check(Request request) override;
};

}  // namespace atoll::rest_test
