#include "fake_checker.h"

#include <regex>

#include "bundle/bundle.h"

namespace atoll::rest_test {
namespace {

void find_all(const std::string& text, const std::string& pattern,
              const std::function<void(const std::string&)>& found) {
  std::regex regex(pattern);
  for (std::sregex_iterator at(text.begin(), text.end(), regex), end; at != end; ++at) {
    found((*at)[1].str());
  }
}

}  // namespace

Task<Result<scripts::ScriptChecker::Outcome>> FakeChecker::check(Request request) {
  auto bundle = bundle::BundleView::parse(*request.bundle);
  CO_CHECK(bundle);
  std::string entry(bundle->entry().bytes.substr(0, 64 * 1024));
  Outcome outcome;
  outcome.startup_time_ms = 1;
  if (entry.find("SYNTAX_ERROR") != std::string::npos) {
    outcome.error = "Uncaught SyntaxError: Unexpected identifier\n  at " +
                    std::string(bundle->entry().name) + ":1:1";
    co_return outcome;
  }
  auto handler = [&](const std::string& name) { outcome.handlers.push_back(name); };
  if (bundle->entry().kind == bundle::ModuleKind::ServiceWorker) {
    find_all(entry, "addEventListener\\(\\s*[\"'](\\w+)", handler);
  } else if (std::regex_search(entry, std::regex("export default|export \\{[^}]*default"))) {
    find_all(entry, "\\b(fetch|scheduled|queue|tail|email)\\s*[(:]", handler);
  }
  find_all(entry, "export class (\\w+)",
           [&](const std::string& name) { outcome.named_handlers.push_back({name, {"fetch"}}); });
  co_return outcome;
}

}  // namespace atoll::rest_test
