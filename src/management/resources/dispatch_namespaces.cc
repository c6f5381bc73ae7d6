#include "management/resources/dispatch_namespaces.h"

namespace atoll::management {
namespace {

constexpr std::string_view kCollection = "/accounts/{account_id}/workers/dispatch/namespaces";
constexpr std::string_view kOne =
    "/accounts/{account_id}/workers/dispatch/namespaces/{dispatch_namespace}";

ApiError missing(const std::string& name) {
  return {404, codes::kNamespaceMissing,
          "Dispatch namespace \"" + name.substr(0, 100) + "\" does not exist in this account"};
}

ApiError taken(const std::string& name) {
  return {409, codes::kNamespaceTaken,
          "A dispatch namespace named \"" + name.substr(0, 100) + "\" already exists"};
}

ApiError bad_name(Error error) { return malformed(error.message()); }

}  // namespace

void DispatchNamespaces::add_routes(Router& router) {
  using R = DispatchNamespaces;
  router.add("GET", kCollection, this, &R::list);
  router.add("POST", kCollection, this, &R::create);
  router.add("GET", kOne, this, &R::get);
  router.add("PUT", kOne, this, &R::change);
  router.add("PATCH", kOne, this, &R::change);
  router.add("DELETE", kOne, this, &R::remove);
}

Task<Answer<scripts::DispatchNamespace>> DispatchNamespaces::load(Call& call) {
  const std::string& name = call.parameter("dispatch_namespace");
  auto found =
      co_await pieces_.registry.dispatch_namespaces.find(call.parameter("account_id"), name);
  CO_CHECK(found);
  if (!*found) co_return fail(missing(name));
  co_return **std::move(found);
}

Task<Answer<Json>> DispatchNamespaces::view(const scripts::DispatchNamespace& dispatch_namespace) {
  auto count = co_await pieces_.registry.dispatch_namespaces.count_scripts(dispatch_namespace.id);
  CO_CHECK(count);
  Json view = Json::object();
  view["namespace_id"] = dispatch_namespace.id;
  view["namespace_name"] = dispatch_namespace.name;
  view["script_count"] = *count;
  view["trusted_workers"] = dispatch_namespace.trusted_workers;
  for (const char* direction : {"inbound", "outbound"}) {
    const Json& worker = json_member(dispatch_namespace.configuration, direction);
    if (!worker.is_null()) view[direction] = worker;
  }
  view["created_on"] = format_rfc3339(dispatch_namespace.created_on);
  view["created_by"] = dispatch_namespace.created_by;
  view["modified_on"] = format_rfc3339(dispatch_namespace.modified_on);
  view["modified_by"] = dispatch_namespace.modified_by;
  co_return view;
}

Task<Answer<Response>> DispatchNamespaces::list(Call& call) {
  auto all = co_await pieces_.registry.dispatch_namespaces.list(call.parameter("account_id"));
  CO_CHECK(all);
  Json rows = Json::array();
  for (const scripts::DispatchNamespace& one : *all) {
    auto shown = co_await view(one);
    CO_CHECK(shown);
    rows.push_back(*std::move(shown));
  }
  // Callers that do not page expect everything in one answer.
  bool pages = call.query.find("page") || call.query.find("per_page");
  if (!pages) {
    std::size_t count = rows.size();
    PageQuery whole{1, std::max<std::size_t>(count, 1)};
    co_return ok(std::move(rows), page_info(whole, count, count));
  }
  auto page = read_page_query(call.query, 100);
  CO_CHECK(page);
  co_return page_of(rows, *page);
}

// Answers with the existing one when the name is taken: a deploy creates a namespace once for each
// binding that names it. `?strict=true` asks for the conflict.
Task<Answer<Response>> DispatchNamespaces::create(Call& call) {
  auto body = json_object_body(call);
  CO_CHECK(body);
  auto name = required_string(*body, "name");
  CO_CHECK(name);
  auto valid = scripts::check_dispatch_namespace_name(*name);
  if (!valid) co_return fail(bad_name(std::move(valid.error())));
  auto created = co_await pieces_.registry.dispatch_namespaces.create(
      call.parameter("account_id"), *name, call.identity.token.user);
  CO_CHECK(created);
  if (created->existed && call.query.is_true("strict")) co_return fail(taken(*name));
  auto shown = co_await view(created->dispatch_namespace);
  CO_CHECK(shown);
  co_return ok(*std::move(shown));
}

Task<Answer<Response>> DispatchNamespaces::get(Call& call) {
  auto found = co_await load(call);
  CO_CHECK(found);
  auto shown = co_await view(*found);
  CO_CHECK(shown);
  co_return ok(*std::move(shown));
}

// `null` takes the Worker away.
Task<Answer<void>> DispatchNamespaces::read_control(std::string account_id, const Json& body,
                                                    Json& configuration) {
  for (const char* direction : {"inbound", "outbound"}) {
    if (!body.contains(direction)) continue;
    const Json& asked = body[direction];
    Json& worker = configuration[direction];
    if (asked.is_null()) continue;
    std::string service = json_string(asked, "service");
    const Json& entrypoint = json_member(asked, "entrypoint");
    if (service.empty() || (!entrypoint.is_null() && !entrypoint.is_string())) {
      co_return fail(malformed(std::string("`") + direction +
                               "` must be null or {service, entrypoint?}, both strings"));
    }
    auto script = co_await pieces_.registry.scripts.find({account_id, ""}, service);
    CO_CHECK(script);
    if (!*script) {
      co_return fail(refused(std::string("`") + direction + "` names the Worker \"" +
                             service.substr(0, 100) + "\", which this account does not have"));
    }
    worker = {{"service", std::move(service)}};
    if (entrypoint.is_string()) worker["entrypoint"] = entrypoint;
  }
  co_return Answer<void>();
}

// PUT and PATCH alike: members that are absent keep their value.
Task<Answer<Response>> DispatchNamespaces::change(Call& call) {
  auto body = json_object_body(call);
  CO_CHECK(body);
  const Json& name = json_member(*body, "name");
  const Json& trusted = json_member(*body, "trusted_workers");
  if (!name.is_null() && !name.is_string()) co_return fail(malformed("`name` must be a string"));
  if (!trusted.is_null() && !trusted.is_boolean()) {
    co_return fail(malformed("`trusted_workers` must be true or false"));
  }
  Json control = Json::object();
  auto read = co_await read_control(call.parameter("account_id"), *body, control);
  CO_CHECK(read);
  if (name.is_string()) {
    auto valid = scripts::check_dispatch_namespace_name(name.get_ref<const std::string&>());
    if (!valid) co_return fail(bad_name(std::move(valid.error())));
  }
  auto edit = [&](scripts::DispatchNamespace& edited) -> Result<void> {
    if (name.is_string()) edited.name = name.get<std::string>();
    if (trusted.is_boolean()) edited.trusted_workers = trusted.get<bool>();
    for (const auto& [direction, worker] : control.items()) {
      edited.configuration.erase(direction);
      if (!worker.is_null()) edited.configuration[direction] = worker;
    }
    return {};
  };
  const std::string& old_name = call.parameter("dispatch_namespace");
  auto updated = co_await pieces_.registry.dispatch_namespaces.update(
      call.parameter("account_id"), old_name, call.identity.token.user, edit);
  if (!updated && updated.error().kind() == ErrorKind::NotFound) co_return fail(missing(old_name));
  if (!updated && updated.error().kind() == ErrorKind::Conflict) {
    co_return fail(taken(json_string(*body, "name")));
  }
  CO_CHECK(updated);
  auto shown = co_await view(*updated);
  CO_CHECK(shown);
  co_return ok(*std::move(shown));
}

// A namespace that still has scripts goes only with ?force=true, and takes them with it.
Task<Answer<Response>> DispatchNamespaces::remove(Call& call) {
  auto found = co_await load(call);
  CO_CHECK(found);
  if (call.query.is_true("force")) {
    auto deleted = co_await pieces_.registry.scripts.delete_all(
        scripts::Scope{found->account_id, found->id}, scripts::TagFilter());
    CO_CHECK(deleted);
  }
  auto removed =
      co_await pieces_.registry.dispatch_namespaces.remove(found->account_id, found->name);
  if (!removed && removed.error().kind() == ErrorKind::Conflict) {
    co_return fail(ApiError(409, codes::kNamespaceTaken,
                            "Dispatch namespace \"" + found->name +
                                "\" still has scripts; delete them first, or use ?force=true"));
  }
  CO_CHECK(removed);
  co_return ok(nullptr);
}

}  // namespace atoll::management
