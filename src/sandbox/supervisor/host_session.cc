#include "sandbox/supervisor/host_session.h"

#include <boost/asio/co_spawn.hpp>

#include "base/check.h"

namespace atoll::sandbox {
namespace {

constexpr unsigned kMaxLoadAttempts = 5;  // while the script keeps changing under the load
// A host whose requests hold more than this is not listened to until they are answered.
constexpr std::size_t kMaxRunningBytes = 64u << 20;
// A host that says more is listened to more slowly.
constexpr std::uint32_t kMessagesPerSecond = 20'000;
constexpr std::size_t kLogBytesPerSecond = 16u << 20;  // more is dropped and counted
constexpr std::uint64_t kRefusalsLoggedPerSecond = 10;
constexpr std::size_t kMaxKvReads = 16;  // of one host at a time
constexpr std::size_t kMaxKvKeys = 100;  // of one KvGet
constexpr std::size_t kMaxKvAnswerBytes = 32u << 20;
constexpr std::size_t kMaxKvKeyBytes = 512;
constexpr std::size_t kMaxKvValueBytes = 25u << 20;
constexpr std::size_t kMaxKvMetadataBytes = 1024;

std::optional<std::int64_t> to_seconds(const std::optional<WallTime>& time) {
  if (!time) return std::nullopt;
  return std::chrono::duration_cast<std::chrono::seconds>(time->time_since_epoch()).count();
}

Result<std::optional<WallTime>> to_wall_time(const std::optional<std::int64_t>& seconds) {
  constexpr std::int64_t kYear9999 = 253'402'300'799;
  if (!seconds) return std::nullopt;
  if (*seconds < 0 || *seconds > kYear9999) {
    return fail(invalid_input("the expiration lies outside the calendar"));
  }
  return WallTime(std::chrono::seconds(*seconds));
}

Result<std::optional<store::KvStore::Entry>> to_entry(std::optional<border::KvEntry> entry) {
  if (!entry) return std::nullopt;
  if (entry->value.size() > kMaxKvValueBytes) {
    return fail(Error(ErrorKind::LimitReached, "the value is longer than 25 MiB"));
  }
  if (entry->metadata.size() > kMaxKvMetadataBytes) {
    return fail(Error(ErrorKind::LimitReached, "the metadata is longer than 1,024 bytes"));
  }
  auto expires_at = TRY(to_wall_time(entry->expires_at));
  return store::KvStore::Entry{std::move(entry->value), std::move(entry->metadata), expires_at};
}

void check_no_exception(std::exception_ptr thrown) { CHECK(!thrown); }

}  // namespace

std::string HostServices::lane_of(const scripts::Scope& scope, const std::string& script) const {
  if (quarantine.knows(scope, script, std::chrono::steady_clock::now())) {
    return std::string(kQuarantineLane) + script_key(scope, script);
  }
  if (auto group = groups.group_of(scope, script)) return std::string(kGroupLane) + *group;
  if (busy.is_busy(scope, script)) return kBusyLane;
  return border::kDefaultLane;
}

HostSession::HostSession(asio::io_context& loop, HostServices& services, Observer& observer,
                         std::uint32_t host_index, std::string lane)
    : loop_(loop),
      services_(services),
      observer_(&observer),
      host_index_(host_index),
      lane_(std::move(lane)),
      number_(++services.sessions),
      log_allowance_(kLogBytesPerSecond, std::chrono::steady_clock::now()),
      refusal_allowance_(kRefusalsLoggedPerSecond, std::chrono::steady_clock::now()),
      kv_reads_(loop, kMaxKvReads) {}

std::shared_ptr<HostSession> HostSession::start(asio::io_context& loop, UniqueFd socket,
                                                HostServices& services, Observer& observer,
                                                std::uint32_t host_index, std::string lane) {
  std::shared_ptr<HostSession> session(
      new HostSession(loop, services, observer, host_index, std::move(lane)));
  border::Channel::Limits limits{.incoming = border::Channel::Descriptors::Refuse,
                                 .messages_per_second = kMessagesPerSecond};
  border::Conversation::Handler& handler = *session;
  session->conversation_ =
      std::make_unique<border::Conversation>(loop, std::move(socket), handler, limits);
  return session;
}

HostSession::~HostSession() {
  if (services_.way_out) services_.way_out->release(number_);
}

void HostSession::end() {
  observer_ = nullptr;
  conversation_.reset();
}

void HostSession::break_off(const Error& why) {
  Observer* observer = std::exchange(observer_, nullptr);
  conversation_.reset();
  if (observer) observer->on_session_closed(why);
}

void HostSession::on_closed(const Error& why) { break_off(why); }

void HostSession::on_message(border::Channel::Message message) {
  auto self = shared_from_this();
  if (auto handled = handle(message); !handled) break_off(handled.error());
}

Result<void> HostSession::handle(border::Channel::Message& message) {
  using border::MessageType;
  const border::Frame& frame = message.frame;
  if (!said_hello_) {
    if (frame.type != MessageType::Hello) return fail(invalid_input("a host spoke before hello"));
    auto hello = TRY(border::decode<border::Hello>(frame.body));
    if (hello.protocol_version != border::kProtocolVersion) {
      return fail(invalid_input("atoll-host is of another version than atoll"));
    }
    said_hello_ = true;
    walls_ = wall::Layers(hello.walls);
    if (observer_) observer_->on_hello();
    return {};
  }
  switch (frame.type) {
    case MessageType::LoadScript:
      return serve(frame, &HostSession::load_script);
    case MessageType::KvGet:
      return serve(frame, &HostSession::kv_get);
    case MessageType::KvWrite:
      return serve(frame, &HostSession::kv_write);
    case MessageType::KvList:
      return serve(frame, &HostSession::kv_list);
    case MessageType::Connect:
      return serve(frame, &HostSession::connect);
    case MessageType::StoreCodeCache:
      return serve(frame, &HostSession::store_code_cache);
    case MessageType::LogLines:
      take_log(TRY(border::decode<border::LogLines>(frame.body)));
      return {};
    case MessageType::Stats:
      take_stats(TRY(border::decode<border::Stats>(frame.body)));
      return {};
    case MessageType::LinkClosed: {
      auto closed = TRY(border::decode<border::LinkClosed>(frame.body));
      if (observer_) observer_->on_link_closed(*this, closed.link);
      return {};
    }
    default:
      return fail(invalid_input("a host sent a message that hosts do not send"));
  }
}

template <typename Request>
Result<void> HostSession::serve(const border::Frame& frame,
                                Task<void> (HostSession::*answer)(std::uint32_t, Request)) {
  auto request = TRY(border::decode<Request>(frame.body));
  if (running_ >= border::kMaxOpenRequests) {
    reply<border::Done>(frame.request_id,
                        fail(Error(ErrorKind::LimitReached, "too many requests at once")));
    return {};
  }
  asio::co_spawn(loop_, answer_one(answer, frame.request_id, std::move(request), frame.body.size()),
                 check_no_exception);
  return {};
}

template <typename Request>
Task<void> HostSession::answer_one(Task<void> (HostSession::*answer)(std::uint32_t, Request),
                                   std::uint32_t id, Request request, std::size_t size) {
  auto self = shared_from_this();
  ++running_;
  account(static_cast<std::ptrdiff_t>(size));
  co_await (this->*answer)(id, std::move(request));
  account(-static_cast<std::ptrdiff_t>(size));
  --running_;
}

void HostSession::account(std::ptrdiff_t request_bytes) {
  running_bytes_ += static_cast<std::size_t>(request_bytes);
  if (!conversation_) return;
  if (running_bytes_ > kMaxRunningBytes) {
    conversation_->hold_reading();
  } else {
    conversation_->resume_reading();
  }
}

template <typename Grant>
Result<Grant> HostSession::granted(border::Handle handle, std::string_view what) {
  if (const Grant* grant = grants_.find<Grant>(handle)) return *grant;
  if (refusal_allowance_.try_take(1, std::chrono::steady_clock::now())) {
    services_.log.event(LogLevel::Warn, "handle_refused",
                        {{"host", host_index_}, {"handle", handle}, {"as", what}});
  }
  return fail(Error(ErrorKind::Denied, "no such " + std::string(what)));
}

template <typename T>
bool HostSession::try_reply(std::uint32_t id, Result<T> answer, std::vector<UniqueFd> descriptors) {
  if (!conversation_ || id == 0) return false;
  auto sent = answer ? conversation_->reply(id, *answer, std::move(descriptors))
                     : conversation_->refuse(id, answer.error());
  if (sent || sent.error().kind() != ErrorKind::LimitReached) return sent.has_value();
  // Too much is on its way to this host already. When not even a refusal finds room, the host does
  // not read its answers, and waiting for it would be for ever.
  if (!conversation_->refuse(id, sent.error())) break_off(sent.error());
  return false;
}

// ---- Scripts ------------------------------------------------------------------------------------

Task<void> HostSession::load_script(std::uint32_t id, border::LoadScript request) {
  auto answer = co_await load_granted(std::move(request));
  if (!answer) {
    reply<border::LoadedScript>(id, fail(std::move(answer.error())));
  } else {
    reply<border::LoadedScript>(id, std::move(answer->script), std::move(answer->descriptors));
  }
}

Task<Result<ScriptAnswer>> HostSession::load_granted(border::LoadScript request) {
  if (const auto* lane = grants_.find<LaneScriptGrant>(request.handle);
      lane && request.name.empty()) {
    LaneScriptGrant script = *lane;
    co_return co_await load_consistent(script.scope, script.script);
  }
  if (request.name.empty()) {
    auto script = granted<ScriptGrant>(request.handle, "script");
    CO_CHECK(script);
    co_return co_await load_consistent({script->account_id, ""}, script->script);
  }
  auto grant = granted<NamespaceGrant>(request.handle, "dispatch namespace");
  CO_CHECK(grant);
  auto found = co_await services_.registry.dispatch_namespaces.find(grant->account_id, grant->name);
  CO_CHECK(found);
  if (!*found) {
    ScriptAnswer answer;
    answer.script.account_id = grant->account_id;
    answer.script.dispatch_namespace = grant->name;
    answer.script.script_name = request.name;
    co_return answer;
  }
  scripts::Scope scope{grant->account_id, (*found)->id};
  // The name is a tenant's, straight from get(); the registry need not see impossible ones.
  if (!scripts::check_script_name(scope, request.name)) {
    ScriptAnswer answer;
    answer.script.script_key = script_key(scope, request.name);
    co_return answer;
  }
  co_return co_await load_consistent(scope, request.name);
}

// A script that is published while it is being read is read again, and so is one whose namespace
// changes: after ScriptChanged a host must never receive the state before.
Task<Result<ScriptAnswer>> HostSession::load_consistent(scripts::Scope scope, std::string name) {
  auto held = services_.quarantine.held_for(scope, name, std::chrono::steady_clock::now());
  if (held.count() > 0) {
    ScriptAnswer answer;
    answer.script.status = border::LoadStatus::Held;
    answer.script.script_key = script_key(scope, name);
    answer.script.held_ms = static_cast<std::uint32_t>(held.count());
    co_return answer;
  }
  for (unsigned attempt = 0; attempt < kMaxLoadAttempts; ++attempt) {
    Overtaking::Read read(services_.reads, script_key(scope, name));
    std::optional<scripts::DispatchNamespace> dispatch_namespace;
    if (!scope.account_level()) {
      auto found = co_await services_.registry.dispatch_namespaces.find_by_id(scope.namespace_id);
      CO_CHECK(found);
      if (!*found) {
        ScriptAnswer answer;
        answer.script.script_key = script_key(scope, name);
        co_return answer;
      }
      dispatch_namespace = *std::move(found);
    }
    const scripts::DispatchNamespace* space = dispatch_namespace ? &*dispatch_namespace : nullptr;
    std::string lane = services_.lanes ? services_.lane_of(scope, name) : lane_;
    auto answer = lane == lane_
                      ? co_await load_script_answer(services_.registry, grants_, scope, name, space)
                      : co_await load_elsewhere(scope, name, space ? space->name : "", lane);
    if (!answer) co_return fail(std::move(answer.error()).while_doing("loading script " + name));
    if (!read.overtaken()) co_return answer;
  }
  co_return fail(Error(ErrorKind::Unavailable, "the script changes faster than it can be read"));
}

// Not a word of the script itself: this host does not run it.
Task<Result<ScriptAnswer>> HostSession::load_elsewhere(scripts::Scope scope, std::string name,
                                                       std::string dispatch_namespace,
                                                       std::string lane) {
  ScriptAnswer answer;
  answer.script.script_key = script_key(scope, name);
  auto active = co_await services_.registry.scripts.load_active(scope, name);
  if (!active && active.error().kind() == ErrorKind::NotFound) co_return answer;
  CO_CHECK(active);
  auto link = co_await services_.lanes->open(shared_from_this(), std::move(lane),
                                             {scope, name, std::move(dispatch_namespace)});
  CO_CHECK(link);
  answer.script.status = border::LoadStatus::Elsewhere;
  answer.script.link = link->link;
  answer.script.link_target = link->target;
  if (link->socket) answer.descriptors.push_back(std::move(link->socket));
  co_return answer;
}

Task<void> HostSession::store_code_cache(std::uint32_t, border::StoreCodeCache request) {
  auto version = granted<VersionGrant>(request.version, "version");
  if (!version) co_return;
  auto stored = co_await services_.registry.scripts.attach_code_cache(
      version->scope, version->script, version->version_id, std::move(request.bytes));
  if (stored || stored.error().kind() == ErrorKind::NotFound) co_return;
  services_.log.event(LogLevel::Warn, "code_cache_not_stored",
                      {{"script", version->script}, {"error", stored.error().message()}});
}

// ---- Keys and values ----------------------------------------------------------------------------

Task<void> HostSession::kv_get(std::uint32_t id, border::KvGet request) {
  auto grant = granted<KvGrant>(request.handle, "KV namespace");
  if (!grant) co_return reply<border::KvValues>(id, fail(std::move(grant.error())));
  if (request.keys.size() > kMaxKvKeys) {
    co_return reply<border::KvValues>(id, fail(invalid_input("more than 100 keys in one read")));
  }
  border::KvValues values;
  std::size_t size = 0;
  Turnstile::Place place = co_await kv_reads_.enter();
  Overtaking::Read read(services_.reads, grant->namespace_id, request.keys);
  for (const std::string& key : request.keys) {
    auto entry = co_await services_.kv.get(grant->namespace_id, key);
    if (!entry) co_return reply<border::KvValues>(id, fail(std::move(entry.error())));
    auto& answer = values.entries.emplace_back();
    if (!*entry) continue;
    size += (*entry)->value.size();
    if (size > kMaxKvAnswerBytes) {
      co_return reply<border::KvValues>(
          id, fail(Error(ErrorKind::LimitReached, "the values are longer than 25 MiB together")));
    }
    answer = border::KvEntry{std::move((*entry)->value), std::move((*entry)->metadata),
                             to_seconds((*entry)->expires_at)};
  }
  values.cacheable = !read.overtaken();
  reply<border::KvValues>(id, std::move(values));
}

Task<void> HostSession::kv_write(std::uint32_t id, border::KvWrite request) {
  auto grant = granted<KvGrant>(request.handle, "KV namespace");
  if (!grant) co_return reply<border::Done>(id, fail(std::move(grant.error())));
  if (request.key.empty() || request.key.size() > kMaxKvKeyBytes) {
    co_return reply<border::Done>(id, fail(invalid_input("a key has 1 to 512 bytes")));
  }
  auto entry = to_entry(std::move(request.entry));
  if (!entry) co_return reply<border::Done>(id, fail(std::move(entry.error())));
  std::vector<store::KvStore::Write> writes;
  writes.push_back({request.key, std::move(*entry)});
  auto written = co_await services_.kv.write(grant->namespace_id, std::move(writes));
  if (!written) co_return reply<border::Done>(id, fail(std::move(written.error())));
  services_.reads.changed(grant->namespace_id, {request.key});
  if (observer_) observer_->on_kv_written(grant->namespace_id, request.key, *this);
  reply<border::Done>(id, border::Done());
}

Task<void> HostSession::kv_list(std::uint32_t id, border::KvList request) {
  auto grant = granted<KvGrant>(request.handle, "KV namespace");
  if (!grant) co_return reply<border::KvPage>(id, fail(std::move(grant.error())));
  unsigned limit = std::clamp(request.limit, 1u, 1000u);
  auto found = co_await services_.kv.list(
      grant->namespace_id, {std::move(request.prefix), std::move(request.after), limit});
  if (!found) co_return reply<border::KvPage>(id, fail(std::move(found.error())));
  border::KvPage page;
  page.complete = found->complete;
  for (auto& key : found->keys) {
    page.keys.push_back({std::move(key.name), std::move(key.metadata), to_seconds(key.expires_at)});
  }
  reply<border::KvPage>(id, std::move(page));
}

// ---- The outside --------------------------------------------------------------------------------

Task<void> HostSession::connect(std::uint32_t id, border::Connect request) {
  auto version = granted<VersionGrant>(request.version, "version");
  if (!version) co_return reply<border::Connected>(id, fail(std::move(version.error())));
  if (!services_.way_out) {
    co_return reply<border::Connected>(
        id, fail(Error(ErrorKind::Denied, "there is no way to the outside")));
  }
  WayOutRequest wanted{version->scope, version->script, version->version_id, std::move(request)};
  auto opened = co_await services_.way_out->open(std::move(wanted), number_);
  if (!opened) co_return reply<border::Connected>(id, fail(std::move(opened.error())));
  std::vector<UniqueFd> descriptors;
  descriptors.push_back(std::move(opened->socket));
  bool sent =
      try_reply<border::Connected>(id, std::move(opened->connection), std::move(descriptors));
  if (!sent) services_.way_out->cut(opened->id);
}

// ---- What the host is told ----------------------------------------------------------------------

void HostSession::welcome(const border::Welcome& welcome, UniqueFd listener, UniqueFd status_page,
                          UniqueFd ca_certificates) {
  std::vector<UniqueFd> descriptors;
  if (listener) descriptors.push_back(std::move(listener));
  descriptors.push_back(std::move(status_page));
  if (ca_certificates) descriptors.push_back(std::move(ca_certificates));
  if (conversation_) (void)conversation_->send(welcome, std::move(descriptors));
}

template <typename Change>
void HostSession::tell(const Change& change, Acknowledged done) {
  if (!conversation_) return done();
  // A refusal counts as heard: the connection is closing, and with it goes all the host remembers.
  conversation_->request(change, {}, [done = std::move(done)](auto&&) mutable { done(); });
}

void HostSession::change_routes(const RouteChanges& changes, Acknowledged done) {
  border::RoutesChanged message;
  message.removed = changes.removed;
  for (const PlatformRoute& route : changes.upserts) {
    border::Handle target =
        route.script.empty() ? 0 : grants_.grant(ScriptGrant{route.account_id, route.script});
    message.upserts.push_back({route.id, route.pattern, target, route.account_id, route.script});
  }
  tell(message, std::move(done));
}

void HostSession::announce_ready(std::vector<UniqueFd> shared, Acknowledged done) {
  if (!conversation_) return done();
  conversation_->request(border::RoutesReady(), std::move(shared),
                         [done = std::move(done)](auto&&) mutable { done(); });
}

void HostSession::change_script(const std::string& script_key, Acknowledged done) {
  tell(border::ScriptChanged{script_key}, std::move(done));
}

void HostSession::change_kv(const std::string& namespace_id, const std::vector<std::string>& keys,
                            Acknowledged done) {
  border::Handle handle = grants_.find_kv(namespace_id);
  if (handle == 0) return done();
  tell(border::KvChanged{handle, keys}, std::move(done));
}

void HostSession::drain(std::chrono::milliseconds within) {
  if (!conversation_) return;
  (void)conversation_->send(border::Drain{static_cast<std::uint32_t>(within.count())});
}

bool HostSession::has_strays() const {
  bool of_group = lane_.starts_with(kGroupLane);
  bool found = false;
  grants_.for_each<VersionGrant>([&](const VersionGrant& version) {
    auto group = services_.groups.group_of(version.scope, version.script);
    if (group) {
      bool alone = lane_.starts_with(kQuarantineLane);
      found = found || (!alone && lane_ != std::string(kGroupLane) + *group);
    } else {
      found = found || of_group;
    }
  });
  return found;
}

void HostSession::serve_link(std::uint64_t link, UniqueFd socket) {
  std::vector<UniqueFd> descriptors;
  descriptors.push_back(std::move(socket));
  if (conversation_) (void)conversation_->send(border::ServeLink{link}, std::move(descriptors));
}

border::Handle HostSession::allow_call(std::uint64_t link, LaneScriptGrant script,
                                       Acknowledged done) {
  border::Handle handle = grants_.grant(std::move(script));
  tell(border::AllowCall{link, handle}, std::move(done));
  return handle;
}

// A host may blame only what it was given, and no more than there is.
void HostSession::take_stats(border::Stats stats) {
  auto now = std::chrono::steady_clock::now();
  for (const border::LongTurns& turns : stats.long_turns) {
    const VersionGrant* version = grants_.find<VersionGrant>(turns.version);
    if (!version || version->scope.account_level()) continue;
    bool became_busy = services_.busy.report(version->scope, version->script,
                                             std::chrono::milliseconds(turns.cpu_ms), now);
    if (!became_busy || !observer_) continue;
    VersionGrant moved = *version;
    observer_->on_lane_changed(moved.scope, moved.script);
  }
  stats.long_turns.clear();
  stats_ = std::move(stats);
}

void HostSession::take_log(border::LogLines lines) {
  auto now = std::chrono::steady_clock::now();
  bool fits = log_allowance_.try_take(lines.lines.size(), now);
  log_bytes_dropped_ += fits ? 0 : lines.lines.size();
  log_lines_dropped_ += lines.dropped;
  bool anything = log_lines_dropped_ > 0 || log_bytes_dropped_ > 0;
  if (anything && refusal_allowance_.try_take(1, now)) {
    services_.log.event(LogLevel::Warn, "log_lines_dropped",
                        {{"host", host_index_},
                         {"count", std::exchange(log_lines_dropped_, 0)},
                         {"bytes", std::exchange(log_bytes_dropped_, 0)}});
  }
  if (fits) services_.log.host_lines(lines.lines);
}

}  // namespace atoll::sandbox
