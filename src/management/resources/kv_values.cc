#include "management/resources/kv_values.h"

#include "management/multipart.h"
#include "management/resources/kv_namespaces.h"
#include "management/resources/kv_rules.h"
#include "management/upload/bracket_fields.h"

namespace atoll::management {
namespace {

struct WrittenValue {
  std::string value;
  std::string metadata;
};

// A raw body, or a form with `value` and `metadata` (JSON text, or fields that the SDK flattened).
Answer<WrittenValue> read_written_value(Request& request) {
  auto boundary = multipart_boundary(request.field("content-type"));
  if (!boundary) {
    if (media_type(request.field("content-type")) == "multipart/form-data") {
      return fail(malformed("Content-Type multipart/form-data needs a valid boundary parameter"));
    }
    return WrittenValue{std::move(request.body), {}};
  }
  auto parts = parse_multipart(request.body, *boundary);
  if (!parts) return fail(malformed("The uploaded form is malformed: " + parts.error().message()));
  WrittenValue written;
  bool has_value = false;
  Json metadata;
  BracketFields flattened;
  for (const FormPart& part : *parts) {
    if (part.name == "value") {
      written.value = std::string(part.body);
      has_value = true;
    } else if (part.name == "metadata" && !part.body.empty()) {
      auto parsed = parse_json(part.body);
      if (!parsed) return fail(malformed("metadata: " + parsed.error().message()));
      metadata = *std::move(parsed);
    } else if (BracketFields::belongs(part.name, "metadata")) {
      auto added = flattened.add(part.name, part.body);
      if (!added) return fail(malformed(added.error().message()));
      metadata = Json::object();
    }
  }
  if (!has_value) return fail(malformed("The uploaded form has no `value` part"));
  Json fields = flattened.take();
  written.metadata = TRY(kv_metadata_text(fields.empty() ? metadata : fields));
  return written;
}

ApiError key_missing() { return {404, codes::kKvKeyMissing, "get: 'key not found'"}; }

}  // namespace

Json kv_metadata_view(const std::string& stored) {
  if (stored.empty()) return nullptr;
  auto parsed = parse_json(stored);
  return parsed ? *std::move(parsed) : Json(nullptr);
}

void KvValues::add_routes(Router& router) {
  using R = KvValues;
  std::string base(kKvNamespace);
  constexpr std::size_t kFormOverhead = 64 * 1024;
  router.add("GET", base + "/keys", this, &R::list_keys);
  router.add("GET", base + "/values/{key_name}", this, &R::get);
  router.add("PUT", base + "/values/{key_name}", this, &R::put, kMaxKvValueBytes + kFormOverhead);
  router.add("DELETE", base + "/values/{key_name}", this, &R::remove);
  router.add("GET", base + "/metadata/{key_name}", this, &R::metadata);
}

Task<Answer<Response>> KvValues::list_keys(Call& call) {
  auto kv = co_await load_kv_namespace(pieces_.registry, call);
  CO_CHECK(kv);
  auto limit = read_limit(call.query, 1, 1000);
  CO_CHECK(limit);
  auto after = read_cursor(call.query);
  CO_CHECK(after);
  store::KvStore::ListQuery query{call.query.text("prefix"), *std::move(after), *limit};
  auto page = co_await pieces_.kv.list(kv->id, std::move(query));
  CO_CHECK(page);
  Json rows = Json::array();
  for (const auto& key : page->keys) {
    Json row = {{"name", key.name}};
    if (key.expires_at) row["expiration"] = seconds_since_epoch(*key.expires_at);
    if (!key.metadata.empty()) row["metadata"] = kv_metadata_view(key.metadata);
    rows.push_back(std::move(row));
  }
  bool ended = page->complete || page->keys.empty();
  Json info = {{"count", rows.size()},
               {"cursor", ended ? std::string() : make_cursor(page->keys.back().name)}};
  co_return ok(std::move(rows), std::move(info));
}

Task<Answer<store::KvStore::Entry>> KvValues::load_entry(Call& call) {
  auto kv = co_await load_kv_namespace(pieces_.registry, call);
  CO_CHECK(kv);
  auto key = check_kv_key(call.parameter("key_name"));
  CO_CHECK(key);
  auto entry = co_await pieces_.kv.get(kv->id, call.parameter("key_name"));
  CO_CHECK(entry);
  if (!*entry) co_return fail(key_missing());
  co_return **std::move(entry);
}

Task<Answer<Response>> KvValues::get(Call& call) {
  auto entry = co_await load_entry(call);
  CO_CHECK(entry);
  Response response;
  response.content_type = "application/octet-stream";
  if (entry->expires_at) {
    response.fields.push_back(
        {"expiration", std::to_string(seconds_since_epoch(*entry->expires_at))});
  }
  response.body = std::move(entry->value);
  co_return response;
}

Task<Answer<Response>> KvValues::put(Call& call) {
  auto kv = co_await load_kv_namespace(pieces_.registry, call);
  CO_CHECK(kv);
  const std::string& key = call.parameter("key_name");
  auto key_fits = check_kv_key(key);
  CO_CHECK(key_fits);
  auto expires_at = read_kv_expiry(call.query, wall_now());
  CO_CHECK(expires_at);
  auto written = read_written_value(call.request);
  CO_CHECK(written);
  auto value_fits = check_kv_value(written->value);
  CO_CHECK(value_fits);
  store::KvStore::Write write;
  write.key = key;
  write.entry =
      store::KvStore::Entry{std::move(written->value), std::move(written->metadata), *expires_at};
  std::vector<store::KvStore::Write> writes;
  writes.push_back(std::move(write));
  auto done = co_await pieces_.kv.write(kv->id, std::move(writes));
  CO_CHECK(done);
  co_return ok(nullptr);
}

Task<Answer<Response>> KvValues::remove(Call& call) {
  auto kv = co_await load_kv_namespace(pieces_.registry, call);
  CO_CHECK(kv);
  auto key_fits = check_kv_key(call.parameter("key_name"));
  CO_CHECK(key_fits);
  std::vector<store::KvStore::Write> writes;
  writes.push_back({call.parameter("key_name"), std::nullopt});
  auto done = co_await pieces_.kv.write(kv->id, std::move(writes));
  CO_CHECK(done);
  co_return ok(nullptr);
}

Task<Answer<Response>> KvValues::metadata(Call& call) {
  auto entry = co_await load_entry(call);
  CO_CHECK(entry);
  co_return ok(kv_metadata_view(entry->metadata));
}

}  // namespace atoll::management
