// What two isolate hosts say to each other over a link: a socket pair that the supervisor made, one
// end for each, when a script of one had to call a script that runs in another lane. The host that
// asked calls; the other serves the scripts that the supervisor allowed on this link (AllowCall).
//
// A host is a tenant's word at worst, to its neighbour too: every message is decoded strictly, and
// numbers name only what was given out on this very link. A violation closes the link. Each side
// numbers what it makes (calls, streams, WebSockets, capabilities, services) itself: the caller
// odd, the server even.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "sandbox/border/protocol.h"

namespace atoll::border {

using LinkNumber = std::uint64_t;  // 0: none

// Bytes on their way that nobody has taken yet, of one stream or WebSocket: who sends waits for
// LinkCredit then.
inline constexpr std::size_t kLinkWindowBytes = 256u << 10;
inline constexpr std::size_t kMaxLinkChunkBytes = 64u << 10;

enum class LinkBodyKind : std::uint8_t { None, Bytes, Stream };
constexpr LinkBodyKind greatest(LinkBodyKind) { return LinkBodyKind::Stream; }

struct LinkBody {
  LinkBodyKind kind = LinkBodyKind::None;
  std::string bytes;
  LinkNumber stream = 0;  // its sender sends on it from now on
  std::optional<std::uint64_t> length;
  auto fields(this auto&& self) {
    return std::tie(self.kind, self.bytes, self.stream, self.length);
  }
};

// runtime::CallOptions.
struct LinkOptions {
  std::string request_id;
  std::uint32_t hops = 0;
  std::string props;
  std::int64_t cpu_ms = -1;
  std::int64_t subrequests = -1;
  LinkNumber outbound = 0;  // a service
  std::optional<std::string> outbound_values;
  bool outbound_is_of_namespace = false;
  std::optional<std::string> env_values;
  LinkNumber next = 0;  // a service
  auto fields(this auto&& self) {
    return std::tie(self.request_id, self.hops, self.props, self.cpu_ms, self.subrequests,
                    self.outbound, self.outbound_values, self.outbound_is_of_namespace,
                    self.env_values, self.next);
  }
};

// runtime::RpcExternal. Writer: who gets the message sends on the stream `number`.
enum class LinkExternalKind : std::uint8_t { Capability, Stream, Writer, Service };
constexpr LinkExternalKind greatest(LinkExternalKind) { return LinkExternalKind::Service; }

struct LinkExternal {
  LinkExternalKind kind = LinkExternalKind::Capability;
  LinkNumber number = 0;
  std::optional<std::uint64_t> length;  // of a stream
  std::optional<LinkOptions> options;   // of a service
  auto fields(this auto&& self) {
    return std::tie(self.kind, self.number, self.length, self.options);
  }
};

struct LinkMessage {
  std::string bytes;
  std::vector<LinkExternal> externals;
  auto fields(this auto&& self) { return std::tie(self.bytes, self.externals); }
};

// Script: a Handle that AllowCall named. Service, Capability: a number that the other side gave
// out.
enum class LinkTarget : std::uint8_t { Script, Service, Capability };
constexpr LinkTarget greatest(LinkTarget) { return LinkTarget::Capability; }

struct LinkFetch {
  std::string method;
  std::string url;
  std::string headers;  // lines of "name: value\r\n"
  LinkBody body;
  bool follow_redirects = true;
  auto fields(this auto&& self) {
    return std::tie(self.method, self.url, self.headers, self.body, self.follow_redirects);
  }
};

struct LinkRpc {
  std::vector<std::string> path;
  bool reads_property = false;
  bool in_background = false;
  std::optional<LinkMessage> arguments;
  auto fields(this auto&& self) {
    return std::tie(self.path, self.reads_property, self.in_background, self.arguments);
  }
};

// runtime::SocketRequest. Who connects sends on `stream`.
struct LinkConnect {
  std::string host;
  std::uint32_t port = 0;
  std::optional<std::string> tls_server_name;
  std::string authority;
  LinkNumber stream = 0;
  auto fields(this auto&& self) {
    return std::tie(self.host, self.port, self.tls_server_name, self.authority, self.stream);
  }
};

// Answered by LinkFailure, or LinkResult for `rpc`, LinkResponse for `fetch` and `connect`: it has
// one of the three.
struct LinkCall {
  static constexpr MessageType kType = MessageType::LinkCall;
  LinkNumber call = 0;
  LinkTarget target = LinkTarget::Script;
  std::uint64_t number = 0;
  std::string entrypoint;  // of a script
  LinkOptions options;     // not of a capability
  std::optional<LinkFetch> fetch;
  std::optional<LinkRpc> rpc;
  std::optional<LinkConnect> connect;
  auto fields(this auto&& self) {
    return std::tie(self.call, self.target, self.number, self.entrypoint, self.options, self.fetch,
                    self.rpc, self.connect);
  }
};

struct LinkResponse {
  static constexpr MessageType kType = MessageType::LinkResponse;
  LinkNumber call = 0;
  std::uint32_t status = 200;
  std::string status_text;
  std::string headers;
  LinkBody body;
  LinkNumber web_socket = 0;
  bool may_compress_web_socket = true;
  // Of a connection: what comes from the other side is the body.
  std::string remote_address;
  std::string local_address;
  auto fields(this auto&& self) {
    return std::tie(self.call, self.status, self.status_text, self.headers, self.body,
                    self.web_socket, self.may_compress_web_socket, self.remote_address,
                    self.local_address);
  }
};

struct LinkResult {
  static constexpr MessageType kType = MessageType::LinkResult;
  LinkNumber call = 0;
  LinkMessage value;
  LinkNumber pipeline = 0;  // a capability
  bool has_disposer = false;
  auto fields(this auto&& self) {
    return std::tie(self.call, self.value, self.pipeline, self.has_disposer);
  }
};

struct LinkFailure {
  static constexpr MessageType kType = MessageType::LinkFailure;
  LinkNumber call = 0;
  std::uint8_t outcome = 0;  // runtime::Outcome
  std::string name;
  std::string message;
  std::string stack;
  bool hop_limit = false;
  std::string details;
  std::uint32_t retry_after_seconds = 0;
  auto fields(this auto&& self) {
    return std::tie(self.call, self.outcome, self.name, self.message, self.stack, self.hop_limit,
                    self.details, self.retry_after_seconds);
  }
};

// Who called has lost interest.
struct LinkCancel {
  static constexpr MessageType kType = MessageType::LinkCancel;
  LinkNumber call = 0;
  auto fields(this auto&& self) { return std::tie(self.call); }
};

struct LinkChunk {
  static constexpr MessageType kType = MessageType::LinkChunk;
  LinkNumber stream = 0;
  std::string bytes;
  auto fields(this auto&& self) { return std::tie(self.stream, self.bytes); }
};

struct LinkStreamEnd {
  static constexpr MessageType kType = MessageType::LinkStreamEnd;
  LinkNumber stream = 0;
  std::optional<std::string> error;  // the rest will never come
  auto fields(this auto&& self) { return std::tie(self.stream, self.error); }
};

// The reader wants no more of it.
struct LinkStreamCancel {
  static constexpr MessageType kType = MessageType::LinkStreamCancel;
  LinkNumber stream = 0;
  auto fields(this auto&& self) { return std::tie(self.stream); }
};

// So many bytes of a stream or WebSocket have been taken.
struct LinkCredit {
  static constexpr MessageType kType = MessageType::LinkCredit;
  LinkNumber number = 0;
  std::uint64_t bytes = 0;
  auto fields(this auto&& self) { return std::tie(self.number, self.bytes); }
};

struct LinkSocketMessage {
  static constexpr MessageType kType = MessageType::LinkSocketMessage;
  LinkNumber web_socket = 0;
  std::uint8_t kind = 0;  // runtime::WebSocketMessage::Kind
  bool from_network = false;
  std::uint16_t code = 0;
  std::string data;
  auto fields(this auto&& self) {
    return std::tie(self.web_socket, self.kind, self.from_network, self.code, self.data);
  }
};

// A capability or service that the other side gave out is not held any more.
struct LinkRelease {
  static constexpr MessageType kType = MessageType::LinkRelease;
  LinkNumber number = 0;
  auto fields(this auto&& self) { return std::tie(self.number); }
};

// The server will end soon: calls that it already was sent are finished, no further ones please.
struct LinkLeaving {
  static constexpr MessageType kType = MessageType::LinkLeaving;
  auto fields(this auto&& self) { return std::tie(); }
};

// Answers that: no call to a script follows.
struct LinkLeft {
  static constexpr MessageType kType = MessageType::LinkLeft;
  auto fields(this auto&& self) { return std::tie(); }
};

// Every message there is, for tests and fuzzing.
template <typename... T>
struct MessageList {};
using AllMessages =
    MessageList<Done, Failed, Welcome, RoutesChanged, RoutesReady, ScriptChanged, KvChanged,
                CheckScript, Drain, ServeLink, AllowCall, Hello, LoadScript, KvGet, KvWrite, KvList,
                Connect, StoreCodeCache, LogLines, Stats, LinkClosed, LinkCall, LinkResponse,
                LinkResult, LinkFailure, LinkCancel, LinkChunk, LinkStreamEnd, LinkStreamCancel,
                LinkCredit, LinkSocketMessage, LinkRelease, LinkLeaving, LinkLeft, CheckOutcome,
                LoadedScript, KvValues, KvPage, Connected>;

}  // namespace atoll::border
