#include "dispatch/admission.h"

#include <algorithm>
#include <string>

namespace atoll::dispatch {
namespace {

constexpr std::chrono::seconds kBurst{1};  // so much of the rate may come at once
constexpr std::chrono::seconds kTellEvery{1};

}  // namespace

std::optional<Admission::Refusal> Admission::admit(const border::AdmissionLimits& limits,
                                                   std::size_t running, std::size_t waiting,
                                                   Clock::time_point now) {
  if (limits.concurrency > 0 && running >= limits.concurrency) {
    return refuse(Limit::Concurrency, limits.concurrency, 1);
  }
  if (limits.queue > 0 && waiting >= limits.queue) return refuse(Limit::Queue, limits.queue, 1);
  if (limits.rate == 0) return std::nullopt;
  auto due = std::max(due_, now) + Clock::duration(std::chrono::seconds(1)) / limits.rate;
  if (due - now > kBurst) {
    auto wait = std::chrono::ceil<std::chrono::seconds>(due - now - kBurst);
    return refuse(Limit::Rate, limits.rate, static_cast<std::uint32_t>(wait.count()));
  }
  due_ = due;
  return std::nullopt;
}

Admission::Refusal Admission::refuse(Limit limit, std::uint32_t value,
                                     std::uint32_t retry_after_seconds) {
  ++refused_[static_cast<std::size_t>(limit)].count;
  has_refused_ = true;
  return {limit, value, retry_after_seconds};
}

std::uint64_t Admission::take_refused(Limit limit, Clock::time_point now, bool all) {
  Refused& refused = refused_[static_cast<std::size_t>(limit)];
  bool is_due = all || refused.told == Clock::time_point() || now - refused.told >= kTellEvery;
  if (!is_due || refused.count == 0) return 0;
  refused.told = now;
  std::uint64_t count = std::exchange(refused.count, 0);
  has_refused_ = std::ranges::any_of(refused_, [](const Refused& one) { return one.count > 0; });
  return count;
}

std::string_view limit_name(Admission::Limit limit) {
  constexpr std::string_view kNames[] = {"concurrency", "queue", "rate"};
  return kNames[static_cast<std::size_t>(limit)];
}

runtime::Failure refusal_failure(const Admission::Refusal& refusal, bool is_user_worker) {
  constexpr std::string_view kUnits[] = {" requests at once", " turns waiting",
                                         " requests a second"};
  runtime::Failure failure{runtime::Outcome::LoadShed, "Error", "", "", false};
  failure.message = runtime::kLimitMessage;
  if (!is_user_worker) failure.message.append("account_");
  failure.message.append(limit_name(refusal.limit)).append(": ");
  failure.message.append(std::to_string(refusal.value));
  failure.message.append(kUnits[static_cast<std::size_t>(refusal.limit)]).append(".");
  failure.retry_after_seconds = refusal.retry_after_seconds;
  return failure;
}

}  // namespace atoll::dispatch
