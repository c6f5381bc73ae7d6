// What the supervisor and an isolate host say to each other. The host finds its end of a Unix
// stream socket pair at descriptor 3 and speaks first: Hello. Both sides are built from one tree,
// so a version that differs is refused, never translated.
//
// Everything a host may ask for is named by a Handle that the supervisor granted on that
// connection; a handle means nothing on any other connection, and 0 is none. Each kind of thing has
// one handle per connection however often it is granted, so handles can be compared and cached by.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "base/error.h"
#include "sandbox/border/log_settings.h"
#include "sandbox/border/wire.h"

namespace atoll::border {

inline constexpr std::uint32_t kProtocolVersion = 1;
inline constexpr int kBorderDescriptor = 3;  // where a child finds its end of the socket pair
// A child's first argument where its owner wants no second wall.
inline constexpr const char* kNoSandboxArgument = "--unsafe-no-sandbox";

using Handle = std::uint64_t;

enum class MessageType : std::uint16_t {
  None = 0,
  // Replies any request may get.
  Done,
  Failed,
  // Supervisor to host.
  Welcome,
  RoutesChanged,  // request, reply Done
  RoutesReady,    // request, reply Done
  ScriptChanged,  // request, reply Done
  KvChanged,      // request, reply Done
  CheckScript,    // request, reply CheckOutcome
  Drain,
  ServeLink,
  AllowCall,  // request, reply Done
  // Host to supervisor.
  Hello,
  LoadScript,  // request, reply LoadedScript
  KvGet,       // request, reply KvValues
  KvWrite,     // request, reply Done
  KvList,      // request, reply KvPage
  Connect,     // request, reply Connected
  StoreCodeCache,
  LogLines,
  Stats,
  LinkClosed,
  // Host to host: link_protocol.h.
  LinkCall,
  LinkResponse,
  LinkResult,
  LinkFailure,
  LinkCancel,
  LinkChunk,
  LinkStreamEnd,
  LinkStreamCancel,
  LinkCredit,
  LinkSocketMessage,
  LinkRelease,
  LinkLeaving,
  LinkLeft,
  // Replies.
  CheckOutcome,
  LoadedScript,
  KvValues,
  KvPage,
  Connected,
};
inline constexpr std::uint16_t kMaxMessageType = static_cast<std::uint16_t>(MessageType::Connected);

enum class Role : std::uint8_t { IsolateHost, Compiler };
constexpr Role greatest(Role) { return Role::Compiler; }

struct Done {
  static constexpr MessageType kType = MessageType::Done;
  auto fields(this auto&& self) { return std::tie(); }
};

struct Failed {
  static constexpr MessageType kType = MessageType::Failed;
  std::uint8_t kind = 0;  // ErrorKind
  std::string message;
  auto fields(this auto&& self) { return std::tie(self.kind, self.message); }
};

// ---- Supervisor to host -------------------------------------------------------------------------

// Per invocation unless said otherwise.
struct InvocationLimits {
  std::uint32_t cpu_ms = 30'000;
  std::uint32_t startup_cpu_ms = 1'000;  // global scope of a new isolate
  std::uint32_t wall_ms = 300'000;
  std::uint64_t memory_bytes = 128u << 20;  // of an isolate: heap, buffers and WebAssembly
  std::uint32_t subrequests = 10'000;
  std::uint32_t hops = 16;  // Worker to Worker
  std::uint32_t log_bytes = 256u << 10;
  auto fields(this auto&& self) {
    return std::tie(self.cpu_ms, self.startup_cpu_ms, self.wall_ms, self.memory_bytes,
                    self.subrequests, self.hops, self.log_bytes);
  }
};

// What one script may take of one host; 0: no limit.
struct AdmissionLimits {
  std::uint32_t concurrency = 1'000;  // events that have not ended
  std::uint32_t queue = 1'000;        // turns, and calls while it is loaded, that wait
  std::uint32_t rate = 0;             // requests a second; as many may come at once
  auto fields(this auto&& self) { return std::tie(self.concurrency, self.queue, self.rate); }
};

struct IsolateSettings {
  std::uint32_t spare = 2;                       // ready-made isolates kept in the pool
  std::uint32_t max_count = 10'000;              // isolates in one host
  std::uint64_t memory_budget_bytes = 1u << 30;  // of one host; least recently used go first
  std::uint32_t idle_ms = 600'000;               // an isolate unused for so long is evicted
  auto fields(this auto&& self) {
    return std::tie(self.spare, self.max_count, self.memory_budget_bytes, self.idle_ms);
  }
};

struct HttpLimits {
  std::uint32_t url_bytes = 16u << 10;
  std::uint32_t header_bytes = 128u << 10;
  std::uint32_t header_count = 256;
  std::uint64_t body_bytes = 5ull << 30;
  std::uint32_t header_timeout_ms = 15'000;   // from a request's first byte to its last header byte
  std::uint32_t body_timeout_ms = 60'000;     // without a byte of a body moving
  std::uint32_t idle_timeout_ms = 75'000;     // between requests
  std::uint32_t connections = 20'000;         // open at once in one host
  std::uint32_t requests = 10'000;            // being answered at once in one host; else 503
  std::uint64_t buffered_bytes = 512u << 20;  // requests and answers under way in one host
  std::uint32_t queue_delay_ms = 500;         // waits beyond it, again and again: 503. 0: never
  // Answers of at least so many bytes are compressed for clients that accept it; 0: none are.
  std::uint32_t compress_from_bytes = 1024;
  auto fields(this auto&& self) {
    return std::tie(self.url_bytes, self.header_bytes, self.header_count, self.body_bytes,
                    self.header_timeout_ms, self.body_timeout_ms, self.idle_timeout_ms,
                    self.connections, self.requests, self.buffered_bytes, self.queue_delay_ms,
                    self.compress_from_bytes);
  }
};

// The lane of hosts that serve the public listener. Hosts of other lanes get no listening socket.
inline constexpr const char* kDefaultLane = "default";

// Answer to Hello. An isolate host of the default lane gets two descriptors with it: the listening
// socket, bound, non-blocking, shared with the other hosts, and its status page (status_page.h);
// perhaps a third: a file of certificates (PEM) that TLS connections to the outside trust. It must
// not accept before RoutesReady. Hosts of other lanes get the same without the socket, the compiler
// none, and both no routes.
struct Welcome {
  static constexpr MessageType kType = MessageType::Welcome;
  std::uint32_t protocol_version = kProtocolVersion;
  Role role = Role::IsolateHost;
  std::uint32_t host_index = 0;  // stable over restarts: 0 … hosts-1 in the default lane
  std::string lane = kDefaultLane;
  std::string platform_domain;  // atoll.localhost
  InvocationLimits limits;
  AdmissionLimits admission;          // of a user Worker
  AdmissionLimits account_admission;  // of a Worker of the account itself
  IsolateSettings isolates;
  HttpLimits http;
  LogSettings log;
  auto fields(this auto&& self) {
    return std::tie(self.protocol_version, self.role, self.host_index, self.lane,
                    self.platform_domain, self.limits, self.admission, self.account_admission,
                    self.isolates, self.http, self.log);
  }
};

struct Route {
  std::string id;       // unique over all kinds of route
  std::string pattern;  // in the grammar of dispatch/: "shop.example/*", "*.shop.example/api/*"
  Handle target = 0;    // script target for LoadScript; 0: a route that switches Workers off
  std::string account_id;
  std::string script_name;
  auto fields(this auto&& self) {
    return std::tie(self.id, self.pattern, self.target, self.account_id, self.script_name);
  }
};

// Replaces or adds `upserts` by id, then removes `removed`. The whole table arrives so in several
// messages after Welcome, ended by RoutesReady; later ones are single changes.
struct RoutesChanged {
  static constexpr MessageType kType = MessageType::RoutesChanged;
  using Reply = Done;
  std::vector<Route> upserts;
  std::vector<std::string> removed;
  auto fields(this auto&& self) { return std::tie(self.upserts, self.removed); }
};

// The table is whole: accept from now on. Acknowledged once the host accepts.
struct RoutesReady {
  static constexpr MessageType kType = MessageType::RoutesReady;
  using Reply = Done;
  auto fields(this auto&& self) { return std::tie(); }
};

// The script behind this key was published, changed or deleted: the next invocation must load it
// again, those running finish on what they have. Applies to remembered "not found" as well, which
// should be remembered for seconds only: a namespace made anew under an old name has other keys.
// A key that ends in '/' means every script whose key begins so.
struct ScriptChanged {
  static constexpr MessageType kType = MessageType::ScriptChanged;
  using Reply = Done;
  std::string script_key;
  auto fields(this auto&& self) { return std::tie(self.script_key); }
};

// Drop what is cached of these keys (empty: of the whole namespace). Sent for writes made
// elsewhere; a host's own KvWrite is not reported back to it.
struct KvChanged {
  static constexpr MessageType kType = MessageType::KvChanged;
  using Reply = Done;
  Handle handle = 0;
  std::vector<std::string> keys;
  auto fields(this auto&& self) { return std::tie(self.handle, self.keys); }
};

// Run a bundle's global scope once, under limits. One descriptor: the bundle, read-only.
struct CheckBinding {
  std::string name;
  std::string type;
  std::string payload;
  auto fields(this auto&& self) { return std::tie(self.name, self.type, self.payload); }
};
struct NamedHandlers {
  std::string name;
  std::vector<std::string> handlers;
  auto fields(this auto&& self) { return std::tie(self.name, self.handlers); }
};
struct CheckOutcome {
  static constexpr MessageType kType = MessageType::CheckOutcome;
  std::string error;  // empty: publishable. Otherwise quotes the exception, file, line, column
  std::vector<std::string> handlers;
  std::vector<NamedHandlers> named_handlers;
  std::uint32_t startup_time_ms = 0;
  std::string code_cache;
  auto fields(this auto&& self) {
    return std::tie(self.error, self.handlers, self.named_handlers, self.startup_time_ms,
                    self.code_cache);
  }
};
struct CheckScript {
  static constexpr MessageType kType = MessageType::CheckScript;
  using Reply = CheckOutcome;
  std::string compatibility_date;
  std::vector<std::string> compatibility_flags;
  std::vector<CheckBinding> bindings;
  auto fields(this auto&& self) {
    return std::tie(self.compatibility_date, self.compatibility_flags, self.bindings);
  }
};

// Stop accepting, finish what runs, then exit with 0; the supervisor kills after `within_ms`.
struct Drain {
  static constexpr MessageType kType = MessageType::Drain;
  std::uint32_t within_ms = 8'000;
  auto fields(this auto&& self) { return std::tie(self.within_ms); }
};

// With one descriptor: a socket to another host, whose calls to scripts of this lane are to be
// served on it. See link_protocol.h.
struct ServeLink {
  static constexpr MessageType kType = MessageType::ServeLink;
  std::uint64_t link = 0;
  auto fields(this auto&& self) { return std::tie(self.link); }
};

// On that link, calls to this script (a target for LoadScript) are to be served from now on.
struct AllowCall {
  static constexpr MessageType kType = MessageType::AllowCall;
  using Reply = Done;
  std::uint64_t link = 0;
  Handle script = 0;
  auto fields(this auto&& self) { return std::tie(self.link, self.script); }
};

// ---- Host to supervisor -------------------------------------------------------------------------

struct Hello {
  static constexpr MessageType kType = MessageType::Hello;
  std::uint32_t protocol_version = kProtocolVersion;
  std::uint32_t walls = 0;  // wall::Layers, as the host reached them before it spoke
  auto fields(this auto&& self) { return std::tie(self.protocol_version, self.walls); }
};

struct ScriptLimits {
  std::uint32_t cpu_ms = 0;       // 0: none of its own
  std::uint32_t subrequests = 0;  // 0: none of its own
  auto fields(this auto&& self) { return std::tie(self.cpu_ms, self.subrequests); }
};

struct Binding {
  std::string name;   // member of `env`
  std::string type;   // as in upload metadata: plain_text, json, secret_text, kv_namespace, …
  std::string text;   // plain_text, secret_text: the value. json: JSON text
  Handle handle = 0;  // kv_namespace: KV. service: script target. dispatch_namespace: namespace
  std::string entrypoint;  // service: named entrypoint; empty is the default one
  std::string props;       // service: JSON text for ctx.props; may be empty
  // service, kv, dispatch: what it names, for messages and logs only. wasm_module, text_blob,
  // data_blob: the module of the bundle that has its content, if `text` has not.
  std::string target;
  // dispatch_namespace: the Worker that takes what called user Workers fetch; 0: none.
  Handle outbound = 0;
  std::string outbound_entrypoint;
  std::vector<std::string> outbound_parameters;  // names that a call may give values for
  auto fields(this auto&& self) {
    return std::tie(self.name, self.type, self.text, self.handle, self.entrypoint, self.props,
                    self.target, self.outbound, self.outbound_entrypoint, self.outbound_parameters);
  }
};

struct ScriptVersion {
  Handle handle = 0;  // for StoreCodeCache
  std::string version_id;
  std::uint64_t number = 0;
  double percentage = 100;  // of new invocations; those of one script sum to 100
  std::string compatibility_date;
  std::vector<std::string> compatibility_flags;
  ScriptLimits limits;
  std::string tag;  // annotation workers/tag, for version_metadata
  std::string message;
  std::int64_t created_on_ms = 0;  // since 1970
  std::vector<Binding> bindings;
  std::uint32_t bundle_descriptor = 0;                 // index into the frame's descriptors
  std::optional<std::uint32_t> code_cache_descriptor;  // likewise
  auto fields(this auto&& self) {
    return std::tie(self.handle, self.version_id, self.number, self.percentage,
                    self.compatibility_date, self.compatibility_flags, self.limits, self.tag,
                    self.message, self.created_on_ms, self.bindings, self.bundle_descriptor,
                    self.code_cache_descriptor);
  }
};

// Held: it exists, but brought hosts down, and is not run for `held_ms`. Elsewhere: only hosts of
// another lane run it, to which `link` leads.
enum class LoadStatus : std::uint8_t { Found, NotFound, Held, Elsewhere };
constexpr LoadStatus greatest(LoadStatus) { return LoadStatus::Elsewhere; }

// Elsewhere: a link comes as the only descriptor when it is new, otherwise this host has it.
// Otherwise: the bundle (scripts/bundle encoding: format, main module, modules) and the code cache
// come as read-only descriptors whose whole content is the value.
struct LoadedScript {
  static constexpr MessageType kType = MessageType::LoadedScript;
  LoadStatus status = LoadStatus::NotFound;
  std::string script_key;  // what ScriptChanged will name; set for NotFound too
  std::string account_id;
  std::string dispatch_namespace;  // its name; empty for account-level scripts
  std::string script_name;
  bool trusted = true;  // false only in an untrusted dispatch namespace
  std::vector<std::string> tags;
  std::vector<ScriptVersion> versions;
  std::uint32_t held_ms = 0;
  std::uint64_t link = 0;
  Handle link_target = 0;  // what the script is called by on that link
  // Script targets; 0: none. Of the dispatch namespace: the Worker that gets every event of its
  // user Workers first, and the one that takes what they fetch.
  Handle inbound = 0;
  std::string inbound_entrypoint;
  Handle outbound = 0;
  std::string outbound_entrypoint;
  auto fields(this auto&& self) {
    return std::tie(self.status, self.script_key, self.account_id, self.dispatch_namespace,
                    self.script_name, self.trusted, self.tags, self.versions, self.held_ms,
                    self.inbound, self.inbound_entrypoint, self.outbound, self.outbound_entrypoint,
                    self.link, self.link_target);
  }
};

struct LoadScript {
  static constexpr MessageType kType = MessageType::LoadScript;
  using Reply = LoadedScript;
  Handle handle = 0;  // a script target, then `name` is empty; or a dispatch namespace
  std::string name;   // of the user Worker
  auto fields(this auto&& self) { return std::tie(self.handle, self.name); }
};

struct KvEntry {
  std::string value;
  std::string metadata;                    // JSON text; empty where there is none
  std::optional<std::int64_t> expires_at;  // seconds since 1970
  auto fields(this auto&& self) { return std::tie(self.value, self.metadata, self.expires_at); }
};
struct KvValues {
  static constexpr MessageType kType = MessageType::KvValues;
  std::vector<std::optional<KvEntry>> entries;  // in the order asked for
  bool cacheable = true;  // false: a write overtook this read, so use it once and forget it
  auto fields(this auto&& self) { return std::tie(self.entries, self.cacheable); }
};
struct KvGet {
  static constexpr MessageType kType = MessageType::KvGet;
  using Reply = KvValues;
  Handle handle = 0;
  std::vector<std::string> keys;  // at most 100
  auto fields(this auto&& self) { return std::tie(self.handle, self.keys); }
};

struct KvWrite {
  static constexpr MessageType kType = MessageType::KvWrite;
  using Reply = Done;  // durable
  Handle handle = 0;
  std::string key;
  std::optional<KvEntry> entry;  // none removes the key
  auto fields(this auto&& self) { return std::tie(self.handle, self.key, self.entry); }
};

struct KvListedKey {
  std::string name;
  std::string metadata;
  std::optional<std::int64_t> expires_at;
  auto fields(this auto&& self) { return std::tie(self.name, self.metadata, self.expires_at); }
};
struct KvPage {
  static constexpr MessageType kType = MessageType::KvPage;
  std::vector<KvListedKey> keys;
  bool complete = true;  // false: ask again after the last key
  auto fields(this auto&& self) { return std::tie(self.keys, self.complete); }
};
struct KvList {
  static constexpr MessageType kType = MessageType::KvList;
  using Reply = KvPage;
  Handle handle = 0;
  std::string prefix;
  std::string after;  // keys greater than this
  std::uint32_t limit = 1'000;
  auto fields(this auto&& self) {
    return std::tie(self.handle, self.prefix, self.after, self.limit);
  }
};

// Through which interface tenant code reaches out.
enum class OutgoingApi : std::uint8_t { Fetch, Connect, WebSocket, EventSource };
constexpr OutgoingApi greatest(OutgoingApi) { return OutgoingApi::EventSource; }

// With one descriptor: the connected socket. The supervisor keeps a duplicate of it to count and to
// cut, so closing takes a shutdown() of both directions first.
struct Connected {
  static constexpr MessageType kType = MessageType::Connected;
  std::string remote_address;  // "192.0.2.1:443", "[2001:db8::1]:443"
  std::string local_address;
  // Rules tell methods apart there: only requests of the method that was asked for may use it.
  bool is_for_method = false;
  auto fields(this auto&& self) {
    return std::tie(self.remote_address, self.local_address, self.is_for_method);
  }
};

// Opens a connection to the outside for a version that this host runs. Refusals: Denied by a rule,
// whose name the message tells; NotFound: no such name; LimitReached: the script has too many;
// Unavailable: refused, unreachable or out of time; InvalidInput: not a host or a port.
struct Connect {
  static constexpr MessageType kType = MessageType::Connect;
  using Reply = Connected;
  Handle version = 0;  // of ScriptVersion
  OutgoingApi api = OutgoingApi::Fetch;
  std::string method;  // of an HTTP request, for rules and the audit; may be empty
  std::string host;    // a name or an address, without brackets
  std::uint32_t port = 0;
  std::string handler;  // fetch, rpc, …: which kind of event the code handles; for the audit
  std::string request_id;
  auto fields(this auto&& self) {
    return std::tie(self.version, self.api, self.method, self.host, self.port, self.handler,
                    self.request_id);
  }
};

struct StoreCodeCache {
  static constexpr MessageType kType = MessageType::StoreCodeCache;
  Handle version = 0;
  std::string bytes;
  auto fields(this auto&& self) { return std::tie(self.version, self.bytes); }
};

// Whole lines, each ended by '\n', in the format of Welcome.log.
struct LogLines {
  static constexpr MessageType kType = MessageType::LogLines;
  std::string lines;
  std::uint64_t dropped = 0;  // lines lost before these, because the supervisor was too slow
  auto fields(this auto&& self) { return std::tie(self.lines, self.dropped); }
};

// CPU time that long turns of one version took since the last Stats.
struct LongTurns {
  Handle version = 0;
  std::uint32_t cpu_ms = 0;
  auto fields(this auto&& self) { return std::tie(self.version, self.cpu_ms); }
};

struct Stats {
  static constexpr MessageType kType = MessageType::Stats;
  std::uint32_t isolates = 0;
  std::uint64_t isolate_bytes = 0;
  std::uint32_t connections = 0;
  std::uint64_t invocations = 0;  // since the host started
  std::uint64_t evictions = 0;    // since the host started
  std::uint32_t served = 0;       // links of other hosts on which something is under way
  std::vector<LongTurns> long_turns;
  auto fields(this auto&& self) {
    return std::tie(self.isolates, self.isolate_bytes, self.connections, self.invocations,
                    self.evictions, self.served, self.long_turns);
  }
};

// The link is of no use any more to the host that calls over it: the next answer that names its
// lane must bring a new one.
struct LinkClosed {
  static constexpr MessageType kType = MessageType::LinkClosed;
  std::uint64_t link = 0;
  auto fields(this auto&& self) { return std::tie(self.link); }
};

}  // namespace atoll::border
