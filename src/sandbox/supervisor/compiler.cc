#include "sandbox/supervisor/compiler.h"

#include "sandbox/supervisor/await_callback.h"
#include "sandbox/supervisor/sealed_file.h"

namespace atoll::sandbox {
namespace {

scripts::ScriptChecker::Outcome rejected(std::string error) {
  scripts::ScriptChecker::Outcome outcome;
  outcome.error = std::move(error);
  return outcome;
}

scripts::ScriptChecker::Outcome from_wire(border::CheckOutcome answer) {
  scripts::ScriptChecker::Outcome outcome;
  outcome.error = std::move(answer.error);
  outcome.handlers = std::move(answer.handlers);
  for (auto& named : answer.named_handlers) {
    outcome.named_handlers.push_back({std::move(named.name), std::move(named.handlers)});
  }
  outcome.startup_time_ms = answer.startup_time_ms;
  outcome.code_cache = std::move(answer.code_cache);
  return outcome;
}

}  // namespace

Compiler::Compiler(asio::io_context& loop, Options options, EventLog& log)
    : loop_(loop), options_(std::move(options)), log_(log), deadline_(loop) {
  options_.process.welcome.role = border::Role::Compiler;
  options_.process.arguments.push_back("compiler");
}

Compiler::~Compiler() { *alive_ = false; }

Task<Result<Compiler::Outcome>> Compiler::check(Request request) {
  if (jobs_.size() >= options_.max_waiting) {
    co_return fail(Error(ErrorKind::Unavailable, "too many uploads wait to be checked"));
  }
  auto bundle = make_sealed_file(*request.bundle);
  CO_CHECK(bundle);
  border::CheckScript check{
      std::move(request.compatibility_date), std::move(request.compatibility_flags), {}};
  for (auto& binding : request.bindings) {
    check.bindings.push_back(
        {std::move(binding.name), std::move(binding.type), std::move(binding.payload)});
  }
  auto start = [this, &check, &bundle](OutcomeDone done) {
    enqueue({std::move(check), std::move(*bundle), std::move(done)});
  };
  co_return co_await await_callback<Result<Outcome>>(start);
}

void Compiler::enqueue(Job job) {
  jobs_.push_back(std::move(job));
  run_next();
}

void Compiler::run_next() {
  if (jobs_.empty()) {
    if (state_ == State::Idle) set_deadline(options_.idle_stop);
    return;
  }
  if (state_ == State::Idle) return send_first();
  if (state_ != State::Stopped) return;
  if (auto started = start_process(); !started) {
    stop_process();
    Error error = std::move(started.error()).while_doing("starting the compiler");
    log_.event(LogLevel::Error, "compiler_not_started", {{"error", error.message()}});
    finish(fail(Error(ErrorKind::Unavailable, "uploads cannot be checked now")));
  }
}

Result<void> Compiler::start_process() {
  state_ = State::Starting;
  auto sockets = TRY(border::make_socket_pair());
  output_ = std::make_unique<ChildOutput>(loop_, [this](std::string_view line) {
    log_.event(LogLevel::Warn, "compiler_output", {{"text", line}});
  });
  UniqueFd output_end = TRY(output_->open());
  child_ = TRY(ChildProcess::start(
      loop_, {options_.process.executable, options_.process.arguments, options_.process.environment,
              output_end.get(), sockets.theirs.get(), options_.process.isolation}));
  child_->on_exit([this](std::string how) { on_exit(std::move(how)); });
  border::Channel::Limits limits{.incoming = border::Channel::Descriptors::Refuse};
  border::Conversation::Handler& handler = *this;
  conversation_ =
      std::make_unique<border::Conversation>(loop_, std::move(sockets.ours), handler, limits);
  set_deadline(options_.start_within);
  return {};
}

void Compiler::on_message(border::Channel::Message message) {
  const border::Frame& frame = message.frame;
  if (frame.type == border::MessageType::Hello && state_ == State::Starting) {
    auto hello = border::decode<border::Hello>(frame.body);
    if (!hello || hello->protocol_version != border::kProtocolVersion) {
      return on_exit("it is of another version");
    }
    (void)conversation_->send(options_.process.welcome);
    state_ = State::Idle;
    return run_next();
  }
  if (frame.type == border::MessageType::LogLines) return;  // of code that nobody published
  on_exit("it broke the protocol");
}

void Compiler::send_first() {
  state_ = State::Checking;
  set_deadline(options_.check_within);
  std::vector<UniqueFd> bundle;
  bundle.push_back(std::move(jobs_.front().bundle));
  conversation_->request(jobs_.front().check, std::move(bundle), [this](auto answer) {
    if (state_ != State::Checking) return;
    if (!answer && answer.error().kind() == ErrorKind::Unavailable) {
      if (child_) child_->kill();  // it is of no more use; on_exit tells how it ended
      return;
    }
    state_ = State::Idle;
    finish(answer ? Result<Outcome>(from_wire(std::move(answer->value)))
                  : fail(std::move(answer.error())));
  });
}

void Compiler::finish(Result<Outcome> outcome) {
  if (!jobs_.empty()) {
    OutcomeDone done = std::move(jobs_.front().done);
    jobs_.pop_front();
    done(std::move(outcome));
  }
  run_next();
}

void Compiler::set_deadline(std::chrono::milliseconds within) {
  deadline_.expires_after(within);
  deadline_.async_wait([this, alive = alive_](boost::system::error_code error) {
    if (*alive && !error) on_deadline();
  });
}

void Compiler::on_deadline() {
  State was = state_;
  stop_process();
  if (was == State::Checking) {
    finish(rejected("Script startup exceeded its time limit."));
  } else if (was == State::Starting) {
    log_.event(LogLevel::Error, "compiler_not_started", Json::object());
    finish(fail(Error(ErrorKind::Unavailable, "uploads cannot be checked now")));
  }
}

void Compiler::on_closed(const Error&) {
  // A process that closed its end is about to be reported by on_exit; make sure of it.
  if (child_) child_->kill();
}

void Compiler::on_exit(std::string how) {
  State was = state_;
  stop_process();
  if (was == State::Idle) return run_next();
  log_.event(LogLevel::Warn, "compiler_ended", {{"how", how}});
  if (was == State::Checking) {
    // Its limits are its own to enforce; what brings it down all the same is the script.
    finish(rejected("Script startup ended the process that ran it (" + how + ")."));
  } else {
    finish(fail(Error(ErrorKind::Unavailable, "uploads cannot be checked now")));
  }
}

void Compiler::stop_process() {
  state_ = State::Stopped;
  deadline_.cancel();
  conversation_.reset();
  child_.reset();
  output_.reset();
}

}  // namespace atoll::sandbox
