#include "apps/isolate_host/isolate_host.h"

#include <malloc.h>
#include <unistd.h>

#include "apps/isolate_host/error_page.h"
#include "apps/isolate_host/ingress_receiver.h"
#include "apps/isolate_host/request_url.h"
#include "apps/isolate_host/script_check.h"
#include "base/random.h"
#include "bindings/cache/cache_target.h"
#include "bindings/fetch/origin_target.h"
#include "runtime/worker.h"

namespace atoll::host {
namespace {

// What the compressors of all answers together take at most.
constexpr std::size_t kCompressionBytes = std::size_t{128} << 20;

constexpr std::size_t kKvCacheBytes = 32 << 20;
constexpr std::chrono::milliseconds kLookAgain{10};  // whether calls of other hosts are over
constexpr std::size_t kResponseCacheBytes = std::size_t{64} << 20;
// Messages from the network that no script has taken yet, of all WebSockets.
constexpr std::size_t kWebSocketMessageBytes = 512 << 20;

http::ServerLimits server_limits(const border::HttpLimits& limits) {
  http::ServerLimits made;
  made.head.url_bytes = limits.url_bytes;
  made.head.header_bytes = limits.header_bytes;
  made.head.header_count = limits.header_count;
  made.request_body_bytes = limits.body_bytes;
  made.connections = limits.connections;
  made.buffered_bytes = limits.buffered_bytes;
  made.idle_timeout = std::chrono::milliseconds(limits.idle_timeout_ms);
  made.header_timeout = std::chrono::milliseconds(limits.header_timeout_ms);
  made.body_read_timeout = std::chrono::milliseconds(limits.body_timeout_ms);
  made.write_timeout = std::chrono::milliseconds(limits.body_timeout_ms);
  return made;
}

runtime::Limits invocation_limits(const border::InvocationLimits& limits) {
  return {std::chrono::milliseconds(limits.cpu_ms), std::chrono::milliseconds(limits.wall_ms),
          limits.subrequests, limits.hops, limits.log_bytes};
}

std::string read_to_end(int file) {
  std::string text;
  char part[16 << 10];
  for (ssize_t got; (got = ::read(file, part, sizeof part)) > 0;) {
    text.append(part, static_cast<std::size_t>(got));
  }
  return text;
}

}  // namespace

int IsolateHost::serve(UniqueFd supervisor, std::unique_ptr<js::Engine> engine,
                       wall::Layers walls) {
  boost::asio::io_context loop(1);
  IsolateHost host(loop, std::move(supervisor), std::move(engine), walls);
  loop.run();
  // The process ends now; freeing thousands of isolates first would only take time.
  host.link_.flush_log();
  _exit(host.exit_status_);
}

IsolateHost::IsolateHost(boost::asio::io_context& loop, UniqueFd supervisor,
                         std::unique_ptr<js::Engine> engine, wall::Layers walls)
    : loop_(loop),
      engine_(std::move(engine)),
      link_(loop, std::move(supervisor), *this, walls),
      log_(link_),
      kv_(link_, kKvCacheBytes),
      cache_(kResponseCacheBytes),
      tls_(loop),
      connector_(loop, link_, tls_),
      client_(loop, connector_, {}),
      scheduler_(loop),
      web_sockets_(scheduler_, kWebSocketMessageBytes),
      timers_(loop),
      request_id_prefix_(random_hex(6)) {}

void IsolateHost::on_status_page(UniqueFd page) {
  if (auto mapped = border::map_status_page(std::move(page))) status_ = *mapped;
}

void IsolateHost::on_ca_certificates(UniqueFd file) {
  tls_.trust([file = std::move(file)] { return read_to_end(file.get()); });
}

// Answers whom it can and ends: JavaScript that cannot be stopped holds the only thread there is.
void IsolateHost::give_up() {
  status_->condition.store(border::HostCondition::Stuck);
  if (server_) server_->say_last_words(last_words_);
  ::_exit(border::kStuckStatus);
}

void IsolateHost::on_welcome(border::Welcome welcome, UniqueFd listener) {
  welcome_ = std::move(welcome);
  listener_ = std::move(listener);
  log_.configure(welcome_.log);
  std::uint64_t memory = welcome_.limits.memory_bytes;
  host_.reset(new runtime::Host{
      *engine_, scheduler_, timers_, watchdog_, kv_, log_, *this, connector_,
      std::chrono::milliseconds(welcome_.limits.startup_cpu_ms), memory, status_});
  pool_ = std::make_unique<dispatch::IsolatePool>(
      loop_, *engine_, js::Engine::IsolateLimits{memory, memory}, welcome_.isolates.spare);
  pool_->fill_later();
  if (welcome_.role == border::Role::Compiler) return;
  dispatch::ScriptTable::Settings settings;
  settings.limits = invocation_limits(welcome_.limits);
  settings.admission = welcome_.admission;
  settings.account_admission = welcome_.account_admission;
  settings.max_isolates = welcome_.isolates.max_count;
  settings.memory_budget_bytes = welcome_.isolates.memory_budget_bytes;
  settings.idle = std::chrono::milliseconds(welcome_.isolates.idle_ms);
  scripts_ = std::make_unique<dispatch::ScriptTable>(
      *host_, *pool_, settings,
      [this](border::Handle handle, std::string name,
             border::SupervisorLink::ReplyDone<border::SupervisorLink::Loaded> done) {
        link_.load_script(handle, std::move(name), std::move(done));
      },
      [this](border::Handle version, std::string bytes) {
        link_.store_code_cache(version, std::move(bytes));
      });
  links_ = std::make_unique<HostLinks>(scheduler_, link_, *scripts_);
  scripts_->reach_others_by(
      [this](border::SupervisorLink::Loaded loaded) { return links_->reach(std::move(loaded)); });
  overload_page_ = overload_page();
  scheduler_.set_longest_wait(std::chrono::milliseconds(welcome_.http.queue_delay_ms));
  last_words_ = last_words();
  watchdog_.on_stuck([this] { give_up(); });
  compression_.emplace(loop_, welcome_.http.compress_from_bytes, kCompressionBytes);
  server_ = std::make_unique<http::Server>(loop_, server_limits(welcome_.http), *this);
  watchdog_.on_long_turn([this] { server_->help_out(); });
  scheduler_.on_turn([this](std::chrono::steady_clock::time_point now, bool may_take_long) {
    if (!may_take_long) return server_->send_held_if_due(now);
    server_->send_held();
    watch_loop(now);
  });
  sweep_every_second();
}

void IsolateHost::on_routes_changed(border::RoutesChanged change) {
  for (const border::Route& route : change.upserts) {
    if (auto set = routes_.set(route.id, route.pattern, route.target); !set) {
      log_.event(border::LogLevel::Error, "route", "", set.error().message());
    }
  }
  for (const std::string& id : change.removed) routes_.remove(id);
}

void IsolateHost::on_shared_connections(UniqueFd in, UniqueFd out) {
  if (!server_) return;
  if (auto shared = server_->share({std::move(in), std::move(out)}); !shared) {
    log_.event(border::LogLevel::Error, "share_connections", "", shared.error().message());
  }
}

void IsolateHost::on_routes_ready() {
  if (!server_ || !listener_) return;
  if (auto listening = server_->listen(std::move(listener_)); !listening) {
    log_.event(border::LogLevel::Error, "listen", "", listening.error().message());
    stop(1);
  }
}

void IsolateHost::on_script_changed(const std::string& script_key) {
  if (scripts_) scripts_->on_script_changed(script_key);
}

void IsolateHost::on_kv_changed(border::Handle kv, const std::vector<std::string>& keys) {
  kv_.forget(kv, keys);
}

void IsolateHost::on_check_script(border::CheckScript check, UniqueFd bundle,
                                  border::SupervisorLink::CheckDone done) {
  done(check_script(*host_, *pool_, std::move(check), std::move(bundle)));
}

void IsolateHost::on_serve_link(std::uint64_t link, UniqueFd socket) {
  if (links_) links_->serve(link, std::move(socket));
}

void IsolateHost::on_allow_call(std::uint64_t link, border::Handle script) {
  if (links_) links_->allow(link, script);
}

void IsolateHost::on_drain(std::uint32_t) {
  if (!server_) return stop(0);
  links_->leave();
  server_->drain([this] { stop_when_idle(); });
}

void IsolateHost::stop_when_idle() {
  if (links_->idle()) return stop(0);
  timers_.start(kLookAgain, [this] { stop_when_idle(); });
}

void IsolateHost::on_disconnected(const Error&) { stop(0); }

void IsolateHost::stop(int status) {
  exit_status_ = status;
  loop_.stop();
}

std::string IsolateHost::next_request_id() {
  // Unique on this machine and unguessable enough to be a search key.
  constexpr char kDigits[] = "0123456789abcdef";
  std::string id = request_id_prefix_;
  std::uint32_t count = ++request_count_;
  for (int shift = 28; shift >= 0; shift -= 4) id.push_back(kDigits[count >> shift & 15]);
  if (count == ~std::uint32_t{0}) request_id_prefix_ = random_hex(6);
  return id;
}

bool IsolateHost::has_no_time_for(http::Exchange& exchange) {
  if (auto since = server_->waiting_since()) {
    if (scheduler_.now() < *since) scheduler_.note_time(*since);
    scheduler_.waits(runtime::Scheduler::Wait::Connection)
        .observe(scheduler_.now(), scheduler_.now() - *since);
  }
  if (answering_ < welcome_.http.requests) return false;
  ++turned_away_;
  exchange.respond(overload_page_->head, overload_page_->body);
  return true;
}

// Looks, while turns may take long, how late the event loop is.
void IsolateHost::watch_loop(std::chrono::steady_clock::time_point now) {
  static constexpr std::chrono::milliseconds kLook{20};
  if (std::exchange(watching_loop_, true)) return;
  timers_.start(kLook, [this, due = now + kLook] {
    watching_loop_ = false;
    auto looked = std::chrono::steady_clock::now();
    scheduler_.note_time(looked);
    scheduler_.waits(runtime::Scheduler::Wait::Loop).observe(looked, looked - due);
    if (looked - due > kLook) watch_loop(looked);
  });
}

void IsolateHost::on_request(std::shared_ptr<http::Exchange> exchange) {
  ++requests_;
  if (has_no_time_for(*exchange)) return;
  http::RequestHead& head = exchange->request();
  std::string request_id = next_request_id();
  std::string_view path = head.path();
  std::string_view plain_path = path.starts_with('?') ? "/" : path.substr(0, path.find('?'));
  const dispatch::RouteTable::Target* target = routes_.find(head.host(), plain_path);
  if (target == nullptr || target->script == 0) {
    log_.event(border::LogLevel::Info, "no_route", request_id,
               std::string(head.host()) + std::string(path));
    Page page = no_route_page(request_id);
    return exchange->respond(std::move(page.head), std::move(page.body));
  }
  std::optional<std::string> url = request_url(head);
  if (!url) {
    Page page = no_route_page(request_id);
    page.head.status = 400;
    return exchange->respond(std::move(page.head), std::move(page.body));
  }
  std::optional<http::WebSocketRequestCheck> web_socket;
  if (http::asks_for_websocket(head.headers)) web_socket = http::check_websocket_request(head);
  std::optional<http::Coding> coding;
  if (compression_->is_on() && head.method != "HEAD") {
    if (auto accepted = head.headers.find("accept-encoding")) {
      coding = http::preferred_coding(*accepted);
    }
  }
  runtime::HttpRequest request;
  request.method = std::move(head.method);
  request.url = *std::move(url);
  request.headers = std::move(head.headers);
  if (std::unique_ptr<ByteSource> body = exchange->take_body()) request.body = std::move(body);
  dispatch::ScriptTable::Key key{target->script, {}};
  runtime::CallOptions options;
  options.request_id = request_id;
  auto receiver = std::make_unique<IngressReceiver>(
      web_sockets_, std::move(exchange), std::move(request_id), std::move(web_socket), answering_);
  if (coding) receiver->compress(*compression_, *coding);
  scheduler_.run([this, key = std::move(key), request = std::move(request),
                  options = std::move(options), receiver = std::move(receiver)]() mutable {
    scripts_->call(key, {}, std::move(request), std::move(options), std::move(receiver));
  });
}

http::ErrorPage IsolateHost::on_refused(int status, std::string_view reason) {
  std::string request_id = next_request_id();
  log_.event(border::LogLevel::Info, "refused", request_id,
             std::to_string(status) + " " + std::string(reason));
  http::ErrorPage page;
  (void)page.headers.append("content-type", "text/plain;charset=UTF-8");
  (void)page.headers.append("x-request-id", request_id);
  if (status == 503) (void)page.headers.append("retry-after", "1");
  page.body.append(reason).append("\nRequest id: ").append(request_id).append("\n");
  return page;
}

std::shared_ptr<runtime::ServiceTarget> IsolateHost::script(std::uint64_t handle,
                                                            std::string entrypoint) {
  return std::make_shared<dispatch::ScriptTarget>(*scripts_, dispatch::ScriptTable::Key{handle, {}},
                                                  std::move(entrypoint));
}

std::shared_ptr<runtime::ServiceTarget> IsolateHost::user_worker(std::uint64_t handle,
                                                                 std::string name) {
  // A name that no script can have; the empty one would mean a script target.
  if (name.empty()) name = "/";
  return std::make_shared<dispatch::ScriptTarget>(
      *scripts_, dispatch::ScriptTable::Key{handle, std::move(name)}, "");
}

Result<std::shared_ptr<runtime::Worker>> IsolateHost::start_loaded(
    std::shared_ptr<const runtime::Script> script, runtime::LoadedSetup setup) {
  return scripts_->start_loaded(std::move(script), std::move(setup));
}

std::shared_ptr<runtime::ServiceTarget> IsolateHost::outside(std::uint64_t script_version) {
  return std::make_shared<bindings::OriginTarget>(client_, connector_, web_sockets_,
                                                  script_version);
}

std::shared_ptr<runtime::ServiceTarget> IsolateHost::caches(const runtime::ScriptIdentity& script) {
  // Account-level scripts share their account's caches, trusted user Workers their namespace's.
  bool is_user_worker = !script.dispatch_namespace.empty();
  std::string owner = script.account_id + '/' + script.dispatch_namespace;
  if (is_user_worker && !script.trusted) owner += '/' + script.script_name;
  return std::make_shared<bindings::CacheTarget>(cache_, scheduler_, std::move(owner),
                                                 !is_user_worker || script.trusted);
}

void IsolateHost::report_turned_away() {
  std::uint64_t count = turned_away_ + scripts_->shed() - reported_;
  if (count == 0) return;
  reported_ += count;
  log_.event(border::LogLevel::Warn, "overloaded", "",
             std::to_string(count) + " requests were turned away in the last second");
}

// Isolates go in sweeps and in between, and the last of some only a moment later: hence twice.
void IsolateHost::give_memory_back() {
  if (std::exchange(evictions_seen_, scripts_->evictions()) != scripts_->evictions()) {
    trims_due_ = 2;
  }
  if (trims_due_ == 0) return;
  --trims_due_;
  ::malloc_trim(0);
}

void IsolateHost::sweep_every_second() {
  timers_.start(std::chrono::seconds(1), [this] {
    scheduler_.run([this] { scripts_->sweep(); });
    give_memory_back();
    report_turned_away();
    border::Stats stats;
    stats.isolates = static_cast<std::uint32_t>(scripts_->isolate_count());
    stats.isolate_bytes = scripts_->isolate_bytes();
    stats.connections = static_cast<std::uint32_t>(server_->status().connections_open);
    stats.invocations = requests_ + links_->calls();
    stats.served = links_->in_use();
    stats.long_turns = scripts_->take_long_turns();
    if (status_ != &border::unwatched_page()) {
      border::MemoryTable::on(*status_).write(scripts_->largest(border::MemoryTable::kRows));
    }
    stats.evictions = scripts_->evictions();
    link_.stats(stats);
    sweep_every_second();
  });
}

}  // namespace atoll::host
