#include "management/resources/absent_features.h"

#include "management/resources/script_place.h"

namespace atoll::management {

void AbsentFeatures::add_routes(Router& router) {
  using R = AbsentFeatures;
  std::string account = "/accounts/{account_id}";
  router.add("GET", account + "/workers/durable_objects/namespaces", this, &R::empty_page);
  router.add("GET", account + "/queues", this, &R::empty_page);
  router.add("POST", account + "/queues", this, &R::refuse);
  router.add("GET", account + "/d1/database", this, &R::empty_page);
  router.add("POST", account + "/d1/database", this, &R::refuse);
  router.add("GET", account + "/d1/database/{database_id}", this, &R::no_database);
  router.add("GET", account + "/r2/buckets", this, &R::empty_buckets);
  router.add("POST", account + "/r2/buckets", this, &R::refuse);
  router.add("GET", account + "/r2/buckets/{bucket_name}", this, &R::no_bucket);
  add_for_scripts(router, "POST", "/assets-upload-session", this, &R::refuse, 8 * 1024 * 1024);
  add_for_scripts(router, "POST", "/tails", this, &R::refuse);
  add_for_scripts(router, "GET", "/tails", this, &R::empty_page);
}

Task<Answer<Response>> AbsentFeatures::empty_page(Call& call) {
  auto page = read_page_query(call.query);
  CO_CHECK(page);
  co_return page_of(Json::array(), *page);
}

Task<Answer<Response>> AbsentFeatures::empty_buckets(Call& call) {
  co_return ok({{"buckets", Json::array()}});
}

Task<Answer<Response>> AbsentFeatures::no_bucket(Call& call) {
  co_return fail(ApiError(404, 10006, "The specified bucket does not exist."));
}

Task<Answer<Response>> AbsentFeatures::no_database(Call& call) {
  co_return fail(ApiError(
      404, 7404,
      "The database " + call.parameter("database_id").substr(0, 64) + " could not be found"));
}

Task<Answer<Response>> AbsentFeatures::refuse(Call& call) {
  std::string path(call.request.path().substr(0, 300));
  std::string_view product = path.find("/queues") != std::string::npos  ? "Queues"
                             : path.find("/d1/") != std::string::npos   ? "D1 databases"
                             : path.find("/r2/") != std::string::npos   ? "R2 buckets"
                             : path.ends_with("/assets-upload-session") ? "Static assets"
                                                                        : "Live tails";
  co_return fail(ApiError(400, codes::kUnsupported,
                          std::string(product) + " are not supported by this server yet"));
}

}  // namespace atoll::management
