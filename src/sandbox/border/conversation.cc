#include "sandbox/border/conversation.h"

#include <boost/asio/post.hpp>

namespace atoll::border {

bool is_reply(MessageType type) {
  switch (type) {
    case MessageType::Done:
    case MessageType::Failed:
    case MessageType::CheckOutcome:
    case MessageType::LoadedScript:
    case MessageType::KvValues:
    case MessageType::KvPage:
    case MessageType::Connected:
      return true;
    default:
      return false;
  }
}

Error error_of(const Failed& failed) {
  constexpr auto kLast = static_cast<std::uint8_t>(ErrorKind::Internal);
  ErrorKind kind = failed.kind <= kLast ? static_cast<ErrorKind>(failed.kind) : ErrorKind::Internal;
  return Error(kind, failed.message);
}

Failed failed_with(const Error& error) {
  return {static_cast<std::uint8_t>(error.kind()), error.message()};
}

Conversation::Conversation(boost::asio::io_context& loop, UniqueFd socket, Handler& handler,
                           Channel::Limits limits)
    : loop_(loop), handler_(handler), channel_(loop, std::move(socket), *this, limits) {}

Conversation::~Conversation() { *alive_ = false; }

Error Conversation::wrong_reply() {
  return invalid_input("the other process answered with a message of the wrong type");
}

void Conversation::open(MessageType type, std::string body, std::vector<UniqueFd> descriptors,
                        RawDone done) {
  auto fail_later = [this, &done](Error error) {
    boost::asio::post(loop_,
                      [alive = alive_, done = std::move(done), error = std::move(error)]() mutable {
                        if (*alive) done(fail(std::move(error)));
                      });
  };
  if (open_.size() >= kMaxOpenRequests) {
    return fail_later(Error(ErrorKind::LimitReached, "too many requests wait for an answer"));
  }
  do ++last_request_id_;
  while (last_request_id_ == 0 || open_.contains(last_request_id_));
  auto sent = channel_.send({type, 0, last_request_id_, std::move(body)}, std::move(descriptors));
  if (!sent) return fail_later(std::move(sent.error()));
  open_.emplace(last_request_id_, std::move(done));
}

void Conversation::on_message(Channel::Message message) {
  if (!is_reply(message.frame.type)) return handler_.on_message(std::move(message));
  auto found = open_.find(message.frame.request_id);
  if (found == open_.end()) return;  // asked twice or never: nobody waits for it
  RawDone done = std::move(found->second);
  open_.erase(found);
  if (message.frame.type != MessageType::Failed) return done(std::move(message));
  auto failed = decode<Failed>(message.frame.body);
  done(fail(failed ? error_of(*failed) : std::move(failed.error())));
}

void Conversation::on_closed(const Error& why) {
  auto abandoned = std::exchange(open_, {});
  auto alive = alive_;
  for (auto& [id, done] : abandoned) {
    done(fail(Error(ErrorKind::Unavailable, why.message())));
    if (!*alive) return;
  }
  handler_.on_closed(why);
}

}  // namespace atoll::border
