// Natives for timers, time, the log and compatibility flags.
#include <algorithm>
#include <cmath>

#include "js/platform.h"
#include "runtime/natives/invocation_access.h"
#include "runtime/natives/natives.h"

namespace atoll::runtime {
namespace {

constexpr std::size_t kMaxTimers = 10'000;  // of one invocation, at once
constexpr double kMaxDelayMs = 2147483647;

// (timerId, delayMs, repeat)
void start_timer(const js::Arguments& info) {
  Caller caller = require_invocation(info);
  if (!caller) return;
  if (caller.invocation->timers.size() >= kMaxTimers) {
    const std::size_t active = caller.invocation->timers.size();
    return js::throw_error(
        info.GetIsolate(),
        "You have exceeded the number of active timeouts you may set. max active timeouts: " +
            std::to_string(kMaxTimers) + ", current active timeouts: " + std::to_string(active) +
            ", finished timeouts: " + std::to_string(caller.invocation->started_timers - active));
  }
  ++caller.invocation->started_timers;
  double delay = number_argument(info, 1);
  if (!(delay >= 1)) delay = 1;  // also NaN
  delay = std::min(delay, kMaxDelayMs);
  caller.worker->start_timer(*caller.invocation, int_argument(info, 0),
                             std::chrono::milliseconds(static_cast<std::int64_t>(delay)),
                             info[2]->BooleanValue(info.GetIsolate()));
}

void cancel_timer(const js::Arguments& info) {
  Worker& worker = Worker::of(info.GetIsolate());
  Invocation* invocation = worker.current();
  if (invocation == nullptr) return;
  auto found = invocation->timers.find(int_argument(info, 0));
  if (found == invocation->timers.end()) return;
  worker.host().timers.cancel(found->second);
  invocation->timers.erase(found);
}

void now(const js::Arguments& info) { info.GetReturnValue().Set(js::frozen_time()); }

void in_invocation(const js::Arguments& info) {
  info.GetReturnValue().Set(Worker::of(info.GetIsolate()).current() != nullptr);
}

void require(const js::Arguments& info) { (void)require_invocation(info); }

// (level, text)
void log(const js::Arguments& info) {
  Worker& worker = Worker::of(info.GetIsolate());
  std::string text = text_argument(info, 1);
  std::string_view request_id;
  if (Invocation* invocation = worker.current()) {
    request_id = invocation->options.request_id;
    std::uint32_t room = invocation->limits.log_bytes - invocation->log_bytes;
    if (room == 0) return;
    if (text.size() >= room) {
      text.resize(room);
      text += " … (log limit reached)";
      invocation->log_bytes = invocation->limits.log_bytes;
    } else {
      invocation->log_bytes += static_cast<std::uint32_t>(text.size());
    }
  }
  auto level = static_cast<ConsoleLevel>(std::clamp(int_argument(info, 0), 0, 4));
  worker.host().log.console(worker.script().identity, worker.script().version.version_id,
                            request_id, level, text);
}

// (name, message, stack)
void report_exception(const js::Arguments& info) {
  Worker& worker = Worker::of(info.GetIsolate());
  std::string text = text_argument(info, 2);
  if (text.empty()) text = text_argument(info, 0) + ": " + text_argument(info, 1);
  Invocation* invocation = worker.current();
  worker.host().log.exception(worker.script().identity, worker.script().version.version_id,
                              invocation ? std::string_view(invocation->options.request_id) : "",
                              text);
}

// () → the values of AsyncLocalStorage where the running code was called from, or undefined
void async_context(const js::Arguments& info) {
  info.GetReturnValue().Set(Worker::of(info.GetIsolate()).async_context());
}

// (values) for what is called from here on, until the caller sets back what was
void set_async_context(const js::Arguments& info) {
  Worker::of(info.GetIsolate()).set_async_context(info[0]);
}

// () → a number that is the same in all code of one invocation; undefined in global scope
void async_context_owner(const js::Arguments& info) {
  info.GetReturnValue().Set(Worker::of(info.GetIsolate()).frame_owner());
}

// (name) whether the flag is on for this Worker
void is_enabled(const js::Arguments& info) {
  info.GetReturnValue().Set(
      Worker::of(info.GetIsolate()).flags().has_named(text_argument(info, 0)));
}

// ("name name …") → a number: bit i for whether the i-th flag is on for this Worker
void flag_bits(const js::Arguments& info) {
  std::string names = text_argument(info, 0);
  const compatibility::FlagSet& flags = Worker::of(info.GetIsolate()).flags();
  std::uint32_t bits = 0;
  unsigned index = 0;
  for (std::string_view rest = names; !rest.empty() && index < 32; ++index) {
    std::string_view name = rest.substr(0, rest.find(' '));
    if (flags.has_named(name)) bits |= std::uint32_t{1} << index;
    rest.remove_prefix(std::min(name.size() + 1, rest.size()));
  }
  info.GetReturnValue().Set(bits);
}

// () → [name, whether it is on, …], of all flags
void compatibility_flags(const js::Arguments& info) {
  v8::Isolate* isolate = info.GetIsolate();
  const compatibility::FlagSet& flags = Worker::of(isolate).flags();
  std::vector<v8::Local<v8::Value>> pairs;
  for (std::size_t i = 0; i < compatibility::kFlags.size(); ++i) {
    pairs.push_back(js::symbol_to_v8(isolate, compatibility::kFlags[i].name));
    pairs.push_back(v8::Boolean::New(isolate, flags.at(i)));
  }
  info.GetReturnValue().Set(v8::Array::New(isolate, pairs.data(), pairs.size()));
}

constexpr js::NativeFunction kNatives[] = {
    {"asyncContext", async_context},
    {"setAsyncContext", set_async_context},
    {"asyncContextOwner", async_context_owner},
    {"startTimer", start_timer},
    {"cancelTimer", cancel_timer},
    {"now", now},
    {"inInvocation", in_invocation},
    {"requireInvocation", require},
    {"log", log},
    {"reportException", report_exception},
    {"isEnabled", is_enabled},
    {"flagBits", flag_bits},
    {"compatibilityFlags", compatibility_flags},
};

}  // namespace

js::NativeTable scheduling_natives() { return kNatives; }

}  // namespace atoll::runtime
