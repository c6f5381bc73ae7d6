// The one way for tenant code to reach the outside. A connector asks the supervisor, which resolves
// the name, judges the resolved address and connects; what comes back is the connected stream.
//
// Every connection is asked for with who wants it, and is decided for that one. A pool may
// therefore use a connection again only for the same `Asker::script_version`, host, port and TLS
// options, and where Connection::is_for_method says so for the same method.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/stream.h"

namespace atoll::net {

// Through which interface tenant code reaches out; rules and the audit may tell them apart.
enum class Api : std::uint8_t { Fetch, Connect, WebSocket, EventSource };

struct Asker {
  std::uint64_t script_version = 0;  // runtime::Script::version.handle
  Api api = Api::Fetch;
  std::string method;   // of an HTTP request; otherwise empty
  std::string handler;  // the kind of event that the code handles: fetch, rpc, …
  std::string request_id;
};

struct TlsOptions {
  // For SNI and for the check of the certificate: a host name or an address.
  std::string server_name;
  std::vector<std::string> protocols;  // for ALPN, the preferred first: {"http/1.1"}
};

struct Target {
  std::string host;  // a name, an IPv4 address, or an IPv6 address without brackets
  std::uint16_t port = 0;
  std::optional<TlsOptions> tls;  // none: plain TCP
};

struct Connection {
  std::unique_ptr<Stream> stream;
  std::string remote_address;  // "192.0.2.1:443", "[2001:db8::1]:443"
  std::string local_address;
  bool is_for_method = false;  // only for requests of the method in Asker
};

class Connector {
 public:
  using ConnectDone = std::move_only_function<void(Result<Connection>)>;
  using TlsDone = std::move_only_function<void(Result<std::unique_ptr<Stream>>)>;

  virtual ~Connector() = default;

  // `done` runs once, from the loop, within a time-out that the platform sets (some seconds). Who
  // has lost interest by then destroys the stream. Errors, with a message fit for tenant code:
  // Denied (a rule says no; the message names it), NotFound (no such name), Unavailable (refused,
  // unreachable, timed out, certificate not accepted), LimitReached (too many connections of this
  // script), InvalidInput (not a host or port).
  virtual void connect(Asker asker, Target target, ConnectDone done) = 0;

  // TLS as the client over a stream that is plain so far and has no call under way. A failed
  // handshake closes it.
  virtual void start_tls(Asker asker, std::unique_ptr<Stream> plain, TlsOptions options,
                         TlsDone done) = 0;
};

}  // namespace atoll::net
