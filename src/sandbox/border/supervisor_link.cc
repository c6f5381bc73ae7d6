#include "sandbox/border/supervisor_link.h"

#include <boost/asio/steady_timer.hpp>
#include <chrono>

#include "sandbox/border/conversation.h"

namespace atoll::border {

namespace asio = boost::asio;

namespace {

constexpr auto kLogDelay = std::chrono::milliseconds(5);
constexpr std::size_t kLogBatchBytes = 32u << 10;
constexpr std::size_t kLogQueueBytes = 4u << 20;  // more than this waiting: lines are dropped

}  // namespace

class SupervisorLink::Session final : public Conversation::Handler {
 public:
  Session(asio::io_context& loop, UniqueFd socket, SupervisorLink::Handler& handler,
          wall::Layers walls)
      : handler_(handler), log_timer_(loop), conversation_(loop, std::move(socket), *this, {}) {
    (void)conversation_.send(Hello{kProtocolVersion, walls.bits()});
  }
  ~Session() override { *alive_ = false; }

  Conversation& conversation() { return conversation_; }

  void log(std::string_view lines) {
    if (conversation_.queued_bytes() > kLogQueueBytes) {
      for (char c : lines) log_dropped_ += c == '\n';
      return;
    }
    if (log_.empty()) log_.reserve(kLogBatchBytes + lines.size());
    log_ += lines;
    if (log_.size() >= kLogBatchBytes) return send_log();
    if (log_scheduled_) return;
    log_scheduled_ = true;
    log_timer_.expires_after(kLogDelay);
    log_timer_.async_wait([this, alive = alive_](boost::system::error_code error) {
      if (!*alive) return;
      log_scheduled_ = false;
      if (!error) send_log();
    });
  }

  void send_log() {
    if (log_.empty() && log_dropped_ == 0) return;
    (void)conversation_.send(LogLines{std::exchange(log_, {}), std::exchange(log_dropped_, 0)});
  }

 private:
  void on_message(Channel::Message message) override {
    auto alive = alive_;
    std::uint32_t id = message.frame.request_id;
    Result<void> handled = handle(std::move(message));
    if (!*alive) return;
    if (!handled) {
      if (id != 0) (void)conversation_.refuse(id, handled.error());
      handler_.on_disconnected(handled.error());
    }
  }

  void on_closed(const Error& why) override { handler_.on_disconnected(why); }

  Result<void> handle(Channel::Message message) {
    const std::string& body = message.frame.body;
    switch (message.frame.type) {
      case MessageType::Welcome:
        return welcome(message);
      case MessageType::RoutesChanged:
        handler_.on_routes_changed(TRY(decode<RoutesChanged>(body)));
        return acknowledge(message.frame.request_id);
      case MessageType::RoutesReady:
        if (message.descriptors.size() == 2) {
          handler_.on_shared_connections(std::move(message.descriptors[0]),
                                         std::move(message.descriptors[1]));
        }
        handler_.on_routes_ready();
        return acknowledge(message.frame.request_id);
      case MessageType::ScriptChanged:
        handler_.on_script_changed(TRY(decode<ScriptChanged>(body)).script_key);
        return acknowledge(message.frame.request_id);
      case MessageType::KvChanged: {
        auto change = TRY(decode<KvChanged>(body));
        handler_.on_kv_changed(change.handle, change.keys);
        return acknowledge(message.frame.request_id);
      }
      case MessageType::CheckScript:
        return check(std::move(message));
      case MessageType::ServeLink: {
        auto serve = TRY(decode<ServeLink>(body));
        if (message.descriptors.size() != 1) return fail(invalid_input("a link lacks its socket"));
        handler_.on_serve_link(serve.link, std::move(message.descriptors.front()));
        return {};
      }
      case MessageType::AllowCall: {
        auto allow = TRY(decode<AllowCall>(body));
        handler_.on_allow_call(allow.link, allow.script);
        return acknowledge(message.frame.request_id);
      }
      case MessageType::Drain:
        handler_.on_drain(TRY(decode<Drain>(body)).within_ms);
        return {};
      default:
        return fail(invalid_input("the supervisor sent a message that only hosts send"));
    }
  }

  Result<void> welcome(Channel::Message& message) {
    auto welcome = TRY(decode<Welcome>(message.frame.body));
    if (welcome.protocol_version != kProtocolVersion) {
      return fail(invalid_input("the supervisor is of another version"));
    }
    std::size_t count = message.descriptors.size();
    std::size_t least = 0;
    if (welcome.role == Role::IsolateHost) least = welcome.lane == kDefaultLane ? 2 : 1;
    if (count != least && (least == 0 || count != least + 1)) {
      return fail(invalid_input("the supervisor's welcome lacks the socket or the status page"));
    }
    UniqueFd listener;
    if (least == 2) listener = std::move(message.descriptors.front());
    if (least > 0) handler_.on_status_page(std::move(message.descriptors[least - 1]));
    if (count > least) handler_.on_ca_certificates(std::move(message.descriptors.back()));
    handler_.on_welcome(std::move(welcome), std::move(listener));
    return {};
  }

  // Called after the handler, which may have destroyed the session together with the link.
  Result<void> acknowledge(std::uint32_t request_id) {
    return request_id == 0 ? Result<void>() : conversation_.reply(request_id, Done());
  }

  Result<void> check(Channel::Message message) {
    auto check = TRY(decode<CheckScript>(message.frame.body));
    if (message.descriptors.size() != 1) return fail(invalid_input("a check lacks its bundle"));
    PendingCheck pending(*this, message.frame.request_id);
    handler_.on_check_script(
        std::move(check), std::move(message.descriptors.front()),
        [pending = std::move(pending)](CheckOutcome outcome) mutable { pending.answer(outcome); });
    return {};
  }

  // Answers exactly once: with the outcome, or when dropped with a refusal.
  class PendingCheck {
   public:
    PendingCheck(Session& session, std::uint32_t request_id)
        : session_(&session), alive_(session.alive_), request_id_(request_id) {}
    PendingCheck(PendingCheck&& other) noexcept
        : session_(std::exchange(other.session_, nullptr)),
          alive_(std::move(other.alive_)),
          request_id_(other.request_id_) {}
    ~PendingCheck() {
      if (!session_ || !*alive_) return;  // moved from, answered, or too late
      (void)session_->conversation_.refuse(
          request_id_, Error(ErrorKind::Unavailable, "the check was abandoned"));
    }
    void answer(const CheckOutcome& outcome) {
      Session* session = std::exchange(session_, nullptr);
      if (session && *alive_) (void)session->conversation_.reply(request_id_, outcome);
    }

   private:
    Session* session_;
    std::shared_ptr<bool> alive_;
    std::uint32_t request_id_;
  };

  SupervisorLink::Handler& handler_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::string log_;
  std::uint64_t log_dropped_ = 0;
  bool log_scheduled_ = false;
  asio::steady_timer log_timer_;
  Conversation conversation_;
};

SupervisorLink::SupervisorLink(asio::io_context& loop, UniqueFd socket, Handler& handler,
                               wall::Layers walls)
    : session_(std::make_unique<Session>(loop, std::move(socket), handler, walls)) {}

SupervisorLink::~SupervisorLink() = default;

void SupervisorLink::load_script(Handle handle, std::string name, ReplyDone<Loaded> done) {
  session_->conversation().request(
      LoadScript{handle, std::move(name)}, {},
      [done = std::move(done)](Result<Conversation::Answer<LoadedScript>> answer) mutable {
        if (!answer) return done(fail(std::move(answer.error())));
        std::size_t count = answer->descriptors.size();
        if (answer->value.status == LoadStatus::Elsewhere && count > 1) {
          return done(fail(invalid_input("the supervisor's answer has too many descriptors")));
        }
        for (const ScriptVersion& version : answer->value.versions) {
          if (version.bundle_descriptor >= count ||
              version.code_cache_descriptor.value_or(0) >= count) {
            return done(fail(invalid_input("the supervisor's answer lacks a descriptor")));
          }
        }
        done(Loaded{std::move(answer->value), std::move(answer->descriptors)});
      });
}

void SupervisorLink::kv_get(Handle kv, std::vector<std::string> keys, ReplyDone<KvValues> done) {
  std::size_t asked = keys.size();
  session_->conversation().request(
      KvGet{kv, std::move(keys)}, {},
      [asked, done = std::move(done)](Result<Conversation::Answer<KvValues>> answer) mutable {
        if (!answer) return done(fail(std::move(answer.error())));
        if (answer->value.entries.size() != asked) {
          return done(fail(invalid_input("the supervisor answered for other keys")));
        }
        done(std::move(answer->value));
      });
}

void SupervisorLink::kv_write(Handle kv, std::string key, std::optional<KvEntry> entry,
                              ReplyDone<void> done) {
  session_->conversation().request(
      KvWrite{kv, std::move(key), std::move(entry)}, {},
      [done = std::move(done)](Result<Conversation::Answer<Done>> answer) mutable {
        if (!answer) return done(fail(std::move(answer.error())));
        done({});
      });
}

void SupervisorLink::kv_list(KvList query, ReplyDone<KvPage> done) {
  session_->conversation().request(
      query, {}, [done = std::move(done)](Result<Conversation::Answer<KvPage>> answer) mutable {
        if (!answer) return done(fail(std::move(answer.error())));
        done(std::move(answer->value));
      });
}

void SupervisorLink::connect(Connect request, ReplyDone<Opened> done) {
  session_->conversation().request(
      request, {},
      [done = std::move(done)](Result<Conversation::Answer<Connected>> answer) mutable {
        if (!answer) return done(fail(std::move(answer.error())));
        if (answer->descriptors.size() != 1) {
          return done(fail(invalid_input("the supervisor's answer lacks the connection")));
        }
        done(Opened{std::move(answer->value), std::move(answer->descriptors.front())});
      });
}

void SupervisorLink::link_closed(std::uint64_t link) {
  (void)session_->conversation().send(LinkClosed{link});
}

void SupervisorLink::store_code_cache(Handle version, std::string bytes) {
  (void)session_->conversation().send(StoreCodeCache{version, std::move(bytes)});
}

void SupervisorLink::stats(const Stats& stats) { (void)session_->conversation().send(stats); }

void SupervisorLink::log(std::string_view lines) { session_->log(lines); }

void SupervisorLink::flush_log() {
  session_->send_log();
  session_->conversation().flush_blocking(100);
}

}  // namespace atoll::border
