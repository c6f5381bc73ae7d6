// The process that runs tenant code: listener, router, Workers, one event loop on one thread.
#pragma once

#include <memory>

#include "apps/isolate_host/error_page.h"
#include "apps/isolate_host/host_links.h"
#include "apps/isolate_host/host_log.h"
#include "apps/isolate_host/supervised_connector.h"
#include "bindings/cache/response_cache.h"
#include "bindings/kv/cached_kv.h"
#include "dispatch/routing/route_table.h"
#include "dispatch/script_table.h"
#include "http/client/client.h"
#include "http/coding/response_compression.h"
#include "http/server/server.h"
#include "js/engine.h"
#include "runtime/scheduler.h"
#include "runtime/timer_queue.h"
#include "runtime/watchdog.h"
#include "runtime/web_socket_coupling.h"
#include "sandbox/border/supervisor_link.h"

namespace atoll::host {

class IsolateHost final : public border::SupervisorLink::Handler,
                          public http::RequestHandler,
                          public runtime::ServiceDirectory {
 public:
  // Serves until the supervisor says drain or goes away; returns the exit status. `walls`: what the
  // process has given up already.
  static int serve(UniqueFd supervisor, std::unique_ptr<js::Engine> engine, wall::Layers walls);

 private:
  IsolateHost(boost::asio::io_context& loop, UniqueFd supervisor,
              std::unique_ptr<js::Engine> engine, wall::Layers walls);

  void on_status_page(UniqueFd page) override;
  void on_ca_certificates(UniqueFd file) override;
  void on_welcome(border::Welcome welcome, UniqueFd listener) override;
  void on_routes_changed(border::RoutesChanged change) override;
  void on_shared_connections(UniqueFd in, UniqueFd out) override;
  void on_routes_ready() override;
  void on_script_changed(const std::string& script_key) override;
  void on_kv_changed(border::Handle kv, const std::vector<std::string>& keys) override;
  void on_check_script(border::CheckScript check, UniqueFd bundle,
                       border::SupervisorLink::CheckDone done) override;
  void on_drain(std::uint32_t within_ms) override;
  void on_serve_link(std::uint64_t link, UniqueFd socket) override;
  void on_allow_call(std::uint64_t link, border::Handle script) override;
  void on_disconnected(const Error& why) override;

  void on_request(std::shared_ptr<http::Exchange> exchange) override;
  http::ErrorPage on_refused(int status, std::string_view reason) override;

  std::shared_ptr<runtime::ServiceTarget> script(std::uint64_t handle,
                                                 std::string entrypoint) override;
  std::shared_ptr<runtime::ServiceTarget> user_worker(std::uint64_t handle,
                                                      std::string name) override;
  std::shared_ptr<runtime::ServiceTarget> outside(std::uint64_t script_version) override;
  std::shared_ptr<runtime::ServiceTarget> caches(const runtime::ScriptIdentity& script) override;
  Result<std::shared_ptr<runtime::Worker>> start_loaded(
      std::shared_ptr<const runtime::Script> script, runtime::LoadedSetup setup) override;

  std::string next_request_id();
  // Whether the request has to be turned away before anything is done for it.
  bool has_no_time_for(http::Exchange& exchange);
  void watch_loop(std::chrono::steady_clock::time_point now);
  void report_turned_away();
  void sweep_every_second();
  void give_memory_back();
  void stop_when_idle();
  void stop(int status);
  // On the watching thread, this one being stopped.
  [[noreturn]] void give_up();

  boost::asio::io_context& loop_;
  std::unique_ptr<js::Engine> engine_;
  border::SupervisorLink link_;
  HostLog log_;
  bindings::CachedKv kv_;
  bindings::ResponseCache cache_;
  net::TlsClient tls_;
  SupervisedConnector connector_;
  http::Client client_;
  runtime::Scheduler scheduler_;
  runtime::WebSocketCouplings web_sockets_;
  runtime::TimerQueue timers_;
  runtime::Watchdog watchdog_;
  border::Welcome welcome_;
  UniqueFd listener_;
  border::StatusPage* status_ = &border::unwatched_page();
  std::string last_words_;
  std::unique_ptr<runtime::Host> host_;
  std::unique_ptr<dispatch::IsolatePool> pool_;
  std::unique_ptr<dispatch::ScriptTable> scripts_;
  std::unique_ptr<HostLinks> links_;
  std::unique_ptr<http::Server> server_;
  std::optional<http::ResponseCompression> compression_;
  dispatch::RouteTable routes_;
  std::string request_id_prefix_;
  std::uint32_t request_count_ = 0;
  std::uint64_t requests_ = 0;
  std::uint32_t answering_ = 0;  // requests that have no whole answer yet
  std::uint64_t turned_away_ = 0;
  std::uint64_t reported_ = 0;  // of those turned away
  std::optional<Page> overload_page_;
  bool watching_loop_ = false;
  std::uint64_t evictions_seen_ = 0;
  unsigned trims_due_ = 0;
  int exit_status_ = 0;
};

}  // namespace atoll::host
