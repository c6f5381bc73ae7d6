#include "management/resources/user_scripts.h"

#include "management/resources/script_place.h"
#include "management/resources/script_views.h"

namespace atoll::management {
namespace {

constexpr std::string_view kCollection =
    "/accounts/{account_id}/workers/dispatch/namespaces/{dispatch_namespace}/scripts";

Answer<scripts::TagFilter> read_filter(const Query& query) {
  auto filter = scripts::TagFilter::parse(query.text("tags"));
  if (!filter) return fail(malformed(filter.error().message()));
  return *std::move(filter);
}

}  // namespace

void UserScripts::add_routes(Router& router) {
  using R = UserScripts;
  router.add("GET", kCollection, this, &R::list);
  router.add("DELETE", kCollection, this, &R::delete_matching);
  router.add("GET", kUserScript, this, &R::get);
  router.add("GET", std::string(kUserScript) + "/bindings", this, &R::bindings);
}

Task<Answer<Response>> UserScripts::list(Call& call) {
  auto scope = co_await locate_scope(pieces_.registry, call);
  CO_CHECK(scope);
  auto filter = read_filter(call.query);
  CO_CHECK(filter);
  auto limit = read_limit(call.query, 1, 1000);
  CO_CHECK(limit);
  auto after = read_cursor(call.query);
  CO_CHECK(after);
  auto page = co_await pieces_.registry.scripts.list(
      *scope, scripts::Scripts::Query{*std::move(filter), *std::move(after), *limit});
  CO_CHECK(page);
  Json rows = Json::array();
  for (const scripts::Script& script : page->scripts) rows.push_back(script_record(script));
  std::string cursor = page->complete || page->scripts.empty()
                           ? std::string()
                           : make_cursor(page->scripts.back().name);
  Json info = {{"count", rows.size()}, {"cursor", cursor}};
  co_return ok(std::move(rows), std::move(info));
}

Task<Answer<Response>> UserScripts::delete_matching(Call& call) {
  auto scope = co_await locate_scope(pieces_.registry, call);
  CO_CHECK(scope);
  auto filter = read_filter(call.query);
  CO_CHECK(filter);
  if (filter->empty()) {
    co_return fail(malformed("Deleting scripts needs a `tags` filter, such as ?tags=beta:yes"));
  }
  auto names = co_await pieces_.registry.scripts.delete_all(*scope, *std::move(filter));
  CO_CHECK(names);
  co_return ok({{"count", names->size()}, {"scripts", *names}});
}

Task<Answer<Response>> UserScripts::get(Call& call) {
  auto script = co_await load_script(pieces_.registry, call);
  CO_CHECK(script);
  co_return ok({{"dispatch_namespace", call.parameter("dispatch_namespace")},
                {"created_on", format_rfc3339(script->created_on)},
                {"modified_on", format_rfc3339(script->modified_on)},
                {"script", script_record(*script)}});
}

Task<Answer<Response>> UserScripts::bindings(Call& call) {
  auto address = co_await locate_script(pieces_.registry, call);
  CO_CHECK(address);
  auto state = co_await pieces_.registry.scripts.load_state(address->scope, address->name);
  CO_CHECK(state);
  if (!*state) co_return fail(address->missing());
  auto shown = co_await pieces_.targets.show((*state)->latest.version.content.bindings);
  CO_CHECK(shown);
  co_return ok(*std::move(shown));
}

}  // namespace atoll::management
