#include "management/resources/kv_namespaces.h"

#include <algorithm>

namespace atoll::management {
namespace {

Json namespace_view(const scripts::KvNamespace& kv) {
  return {{"id", kv.id}, {"title", kv.title}, {"supports_url_encoding", true}};
}

ApiError title_error(Error error) {
  if (error.kind() == ErrorKind::Conflict) {
    return {400, codes::kKvTitleTaken,
            "A namespace with this account ID and title already exists."};
  }
  return ApiError(std::move(error));
}

ApiError namespace_missing() { return {404, codes::kKvNamespaceMissing, "Namespace not found"}; }

}  // namespace

Task<Answer<scripts::KvNamespace>> load_kv_namespace(scripts::Registry& registry, Call& call) {
  auto found = co_await registry.kv_namespaces.find(call.parameter("account_id"),
                                                    call.parameter("namespace_id"));
  CO_CHECK(found);
  if (!*found) co_return fail(namespace_missing());
  co_return **std::move(found);
}

void KvNamespaces::add_routes(Router& router) {
  using R = KvNamespaces;
  router.add("GET", kKvCollection, this, &R::list);
  router.add("POST", kKvCollection, this, &R::create);
  router.add("GET", kKvNamespace, this, &R::get);
  router.add("PUT", kKvNamespace, this, &R::rename);
  router.add("DELETE", kKvNamespace, this, &R::remove);
}

Task<Answer<Response>> KvNamespaces::list(Call& call) {
  auto page = read_page_query(call.query);
  CO_CHECK(page);
  using Order = scripts::KvNamespaces::Order;
  Order order = call.query.text("order") == "title" ? Order::ByTitle : Order::ById;
  auto all = co_await pieces_.registry.kv_namespaces.list(call.parameter("account_id"), order);
  CO_CHECK(all);
  if (call.query.text("direction") == "desc") std::reverse(all->begin(), all->end());
  Json rows = Json::array();
  for (const scripts::KvNamespace& kv : *all) rows.push_back(namespace_view(kv));
  co_return page_of(rows, *page);
}

Task<Answer<Response>> KvNamespaces::create(Call& call) {
  auto body = json_object_body(call);
  CO_CHECK(body);
  auto title = required_string(*body, "title");
  CO_CHECK(title);
  auto created = co_await pieces_.registry.kv_namespaces.create(call.parameter("account_id"),
                                                                *std::move(title));
  if (!created) co_return fail(title_error(std::move(created.error())));
  co_return ok(namespace_view(*created));
}

Task<Answer<Response>> KvNamespaces::get(Call& call) {
  auto kv = co_await load_kv_namespace(pieces_.registry, call);
  CO_CHECK(kv);
  co_return ok(namespace_view(*kv));
}

Task<Answer<Response>> KvNamespaces::rename(Call& call) {
  auto kv = co_await load_kv_namespace(pieces_.registry, call);
  CO_CHECK(kv);
  auto body = json_object_body(call);
  CO_CHECK(body);
  auto title = required_string(*body, "title");
  CO_CHECK(title);
  auto renamed =
      co_await pieces_.registry.kv_namespaces.rename(kv->account_id, kv->id, *std::move(title));
  if (!renamed) co_return fail(title_error(std::move(renamed.error())));
  co_return ok(namespace_view(*renamed));
}

Task<Answer<Response>> KvNamespaces::remove(Call& call) {
  auto kv = co_await load_kv_namespace(pieces_.registry, call);
  CO_CHECK(kv);
  auto removed = co_await pieces_.registry.kv_namespaces.remove(kv->account_id, kv->id);
  CO_CHECK(removed);
  co_return ok(nullptr);
}

}  // namespace atoll::management
