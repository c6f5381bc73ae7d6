#include "management/resources/kv_bulk.h"

#include <algorithm>

#include "base/encoding.h"
#include "management/resources/kv_namespaces.h"
#include "management/resources/kv_rules.h"
#include "management/resources/kv_values.h"

namespace atoll::management {
namespace {

// A parsed document takes memory for each value, so a hundred megabytes of "1,1,1" would take
// gigabytes. No honest bulk request comes near this number of values.
constexpr std::size_t kMaxBulkSeparators = 1'000'000;

Answer<Json> bulk_array(const Call& call) {
  const std::string& body = call.request.body;
  auto separators = static_cast<std::size_t>(std::count(body.begin(), body.end(), ','));
  if (separators > kMaxBulkSeparators) {
    // Commas inside long values are fine: count again without strings.
    separators = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < body.size(); ++i) {
      if (in_string && body[i] == '\\') {
        ++i;
      } else if (body[i] == '"') {
        in_string = !in_string;
      } else if (!in_string && body[i] == ',') {
        ++separators;
      }
    }
  }
  if (separators > kMaxBulkSeparators) {
    return fail(malformed("The request body holds too many values"));
  }
  Json array = TRY(json_body(call));
  if (!array.is_array()) return fail(malformed("The request body must be a JSON array"));
  if (array.size() > kMaxKvBulkPairs) {
    return fail(ApiError(413, codes::kKvRefused,
                         "The request holds " + std::to_string(array.size()) +
                             " entries; the limit is " + std::to_string(kMaxKvBulkPairs)));
  }
  return array;
}

ApiError at_entry(std::size_t index, ApiError error) {
  error.message = "entry " + std::to_string(index) + ": " + error.message;
  return error;
}

Answer<store::KvStore::Write> read_pair(Json& pair, WallTime now) {
  const Json& key = json_member(pair, "key");
  const Json& value = json_member(pair, "value");
  if (!key.is_string()) return fail(malformed("`key` must be a string"));
  if (!value.is_string()) return fail(malformed("`value` must be a string"));
  store::KvStore::Write write;
  write.key = key.get<std::string>();
  TRY_VOID(check_kv_key(write.key));
  store::KvStore::Entry entry;
  entry.expires_at = TRY(read_kv_expiry(pair, now));
  entry.metadata = TRY(kv_metadata_text(json_member(pair, "metadata")));
  if (json_bool(pair, "base64", false)) {
    auto decoded = base64_decode(value.get_ref<const std::string&>());
    if (!decoded) return fail(malformed("`value` is not base64"));
    entry.value = *std::move(decoded);
  } else {
    entry.value = std::move(pair["value"].get_ref<std::string&>());
  }
  TRY_VOID(check_kv_value(entry.value));
  write.entry = std::move(entry);
  return write;
}

using Writes = std::vector<store::KvStore::Write>;

Answer<Writes> read_pairs(const Call& call) {
  Json pairs = TRY(bulk_array(call));
  WallTime now = wall_now();
  Writes writes;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    auto one = read_pair(pairs[i], now);
    if (!one) return fail(at_entry(i, std::move(one.error())));
    writes.push_back(*std::move(one));
  }
  return writes;
}

// The keys as strings, or (as older clients send them) as objects with a `name`.
Answer<Writes> read_removals(const Call& call) {
  Json keys = TRY(bulk_array(call));
  Writes writes;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const Json& entry = keys[i];
    std::string key = entry.is_string() ? entry.get<std::string>() : json_string(entry, "name");
    auto fits = check_kv_key(key);
    if (!fits) return fail(at_entry(i, std::move(fits.error())));
    writes.push_back({std::move(key), std::nullopt});
  }
  return writes;
}

struct BulkGet {
  std::vector<std::string> keys;
  bool as_json = false;
  bool with_metadata = false;
};

Answer<BulkGet> read_bulk_get(const Json& body) {
  BulkGet get;
  const Json& keys = json_member(body, "keys");
  if (!keys.is_array() || keys.size() > kMaxKvBulkGetKeys) {
    return fail(malformed("`keys` must be an array of at most 100 strings"));
  }
  for (const Json& key : keys) {
    if (!key.is_string()) return fail(malformed("`keys` must be an array of strings"));
    get.keys.push_back(key.get<std::string>());
    TRY_VOID(check_kv_key(get.keys.back()));
  }
  std::string type = json_string(body, "type", "text");
  if (type != "text" && type != "json") return fail(malformed("`type` must be text or json"));
  get.as_json = type == "json";
  get.with_metadata = json_bool(body, "withMetadata", false);
  return get;
}

Answer<Json> entry_view(const store::KvStore::Entry& entry, const std::string& key,
                        const BulkGet& get) {
  Json value = entry.value;
  if (get.as_json) {
    auto parsed = parse_json(entry.value);
    if (!parsed) {
      return fail(ApiError(400, codes::kKvRefused,
                           "the value of \"" + key.substr(0, 100) + "\" is not JSON"));
    }
    value = *std::move(parsed);
  }
  if (!get.with_metadata) return value;
  Json view = {{"value", std::move(value)}, {"metadata", kv_metadata_view(entry.metadata)}};
  if (entry.expires_at) view["expiration"] = seconds_since_epoch(*entry.expires_at);
  return view;
}

}  // namespace

void KvBulk::add_routes(Router& router) {
  using R = KvBulk;
  std::string base(kKvNamespace);
  router.add("PUT", base + "/bulk", this, &R::put, kMaxKvBulkBytes);
  router.add("DELETE", base + "/bulk", this, &R::remove, kMaxKvBulkBytes);
  router.add("POST", base + "/bulk/delete", this, &R::remove, kMaxKvBulkBytes);
  router.add("POST", base + "/bulk/get", this, &R::get);
}

Task<Answer<Response>> KvBulk::write(std::string namespace_id,
                                     std::vector<store::KvStore::Write> writes) {
  std::size_t count = writes.size();
  if (count > 0) {
    auto done = co_await pieces_.kv.write(std::move(namespace_id), std::move(writes));
    CO_CHECK(done);
  }
  co_return ok({{"successful_key_count", count}, {"unsuccessful_keys", Json::array()}});
}

Task<Answer<Response>> KvBulk::put(Call& call) {
  auto kv = co_await load_kv_namespace(pieces_.registry, call);
  CO_CHECK(kv);
  auto writes =
      co_await pieces_.big_work.run(call.request.body.size(), [&call] { return read_pairs(call); });
  CO_CHECK(writes);
  co_return co_await write(kv->id, *std::move(writes));
}

Task<Answer<Response>> KvBulk::remove(Call& call) {
  auto kv = co_await load_kv_namespace(pieces_.registry, call);
  CO_CHECK(kv);
  auto writes = co_await pieces_.big_work.run(call.request.body.size(),
                                              [&call] { return read_removals(call); });
  CO_CHECK(writes);
  co_return co_await write(kv->id, *std::move(writes));
}

Task<Answer<Response>> KvBulk::get(Call& call) {
  auto kv = co_await load_kv_namespace(pieces_.registry, call);
  CO_CHECK(kv);
  auto body = json_object_body(call);
  CO_CHECK(body);
  auto wanted = read_bulk_get(*body);
  CO_CHECK(wanted);
  Json values = Json::object();
  for (const std::string& key : wanted->keys) {
    auto entry = co_await pieces_.kv.get(kv->id, key);
    CO_CHECK(entry);
    if (!*entry) {
      values[key] = nullptr;
      continue;
    }
    auto view = entry_view(**entry, key, *wanted);
    CO_CHECK(view);
    values[key] = *std::move(view);
  }
  co_return ok({{"values", std::move(values)}});
}

}  // namespace atoll::management
