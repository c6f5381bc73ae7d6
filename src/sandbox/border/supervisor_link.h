// The isolate host's side of the process border. Everything happens on the io_context's one thread:
// callbacks run from the loop, never from inside the call that asked.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "sandbox/border/protocol.h"
#include "sandbox/wall/layers.h"

namespace atoll::border {

class SupervisorLink {
 public:
  using CheckDone = std::move_only_function<void(CheckOutcome)>;

  // What the supervisor says. Messages arrive in the order it sent them.
  class Handler {
   public:
    virtual ~Handler() = default;

    // First of all. `listener` is empty for the compiler and outside of the default lane.
    virtual void on_welcome(Welcome welcome, UniqueFd listener) = 0;
    // Before the welcome: where this host tells what it runs, for map_status_page().
    virtual void on_status_page(UniqueFd) {}
    // Before the welcome, if there is one: a file of certificates, PEM, not yet read.
    virtual void on_ca_certificates(UniqueFd) {}
    // Changes are acknowledged to the supervisor as soon as the call returns.
    virtual void on_routes_changed(RoutesChanged change) = 0;
    // The two ends of a queue of connections that hosts share; comes before on_routes_ready().
    virtual void on_shared_connections(UniqueFd in, UniqueFd out) {}
    virtual void on_routes_ready() = 0;
    virtual void on_script_changed(const std::string& script_key) = 0;
    virtual void on_kv_changed(Handle kv, const std::vector<std::string>& keys) = 0;
    // `done` may be called later, once; dropping it answers "the check was abandoned".
    virtual void on_check_script(CheckScript check, UniqueFd bundle, CheckDone done) = 0;
    virtual void on_drain(std::uint32_t within_ms) = 0;
    // Serve calls that come on this socket, of scripts that on_allow_call() names.
    virtual void on_serve_link(std::uint64_t link, UniqueFd socket) {}
    virtual void on_allow_call(std::uint64_t link, Handle script) {}
    // The supervisor is gone or spoke nonsense (`why`). A host ends then. Requests still open have
    // failed before this is called. The link may be destroyed from here.
    virtual void on_disconnected(const Error& why) = 0;
  };

  // `socket` is kBorderDescriptor in a started host. Sends Hello, with the walls it stands behind.
  // `handler` outlives the link.
  SupervisorLink(boost::asio::io_context& loop, UniqueFd socket, Handler& handler,
                 wall::Layers walls = {});
  // Open requests are dropped: their callbacks are not called.
  ~SupervisorLink();

  template <typename T>
  using ReplyDone = std::move_only_function<void(Result<T>)>;
  // The indices in LoadedScript::versions are checked: all lie inside `descriptors`. A script that
  // runs elsewhere comes with one descriptor at most.
  struct Loaded {
    LoadedScript script;
    std::vector<UniqueFd> descriptors;
  };

  // Each callback runs exactly once while the link lives. Errors: Denied for a handle that was not
  // granted, LimitReached when too much is waiting, Unavailable once disconnected, and what the
  // store said. `name`: see LoadScript. A script that does not exist is a LoadedScript, no error.
  void load_script(Handle handle, std::string name, ReplyDone<Loaded> done);
  void kv_get(Handle kv, std::vector<std::string> keys, ReplyDone<KvValues> done);
  // `done` means durable.
  void kv_write(Handle kv, std::string key, std::optional<KvEntry> entry, ReplyDone<void> done);
  void kv_list(KvList query, ReplyDone<KvPage> done);

  // The connected socket comes with the answer.
  struct Opened {
    Connected connection;
    UniqueFd socket;
  };
  void connect(Connect request, ReplyDone<Opened> done);

  // A link that came with a LoadedScript is of no use any more.
  void link_closed(std::uint64_t link);

  // One-way, best effort.
  void store_code_cache(Handle version, std::string bytes);
  void stats(const Stats& stats);
  // Whole lines, each ended by '\n'. Collected and sent in batches within a few milliseconds; when
  // the supervisor cannot keep up, lines are dropped and counted in a line of their own.
  void log(std::string_view lines);
  // Sends what log() has collected now; for the moment before exit.
  void flush_log();

 private:
  class Session;
  std::unique_ptr<Session> session_;
};

}  // namespace atoll::border
