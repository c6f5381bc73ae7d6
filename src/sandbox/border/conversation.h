// Requests and replies over a Channel, typed: what both sides of the border have in common.
#pragma once

#include <functional>
#include <unordered_map>

#include "sandbox/border/channel.h"

namespace atoll::border {

inline constexpr std::size_t kMaxOpenRequests = 65'536;  // of one side on one channel

// Done, Failed and the other replies.
bool is_reply(MessageType type);

Error error_of(const Failed& failed);
Failed failed_with(const Error& error);

class Conversation final : private Channel::Handler {
 public:
  // As for Channel: calls come from the loop, and both may destroy the conversation.
  class Handler {
   public:
    virtual ~Handler() = default;
    // A request (frame.request_id is not 0, answer with reply() or refuse()) or a one-way message.
    virtual void on_message(Channel::Message message) = 0;
    // Open requests have failed with Unavailable before.
    virtual void on_closed(const Error& why) = 0;
  };

  Conversation(boost::asio::io_context& loop, UniqueFd socket, Handler& handler,
               Channel::Limits limits);
  // Callbacks of open requests are dropped without being called.
  ~Conversation() override;

  template <typename T>
  struct Answer {
    T value;
    std::vector<UniqueFd> descriptors;
  };
  template <typename T>
  using AnswerDone = std::move_only_function<void(Result<Answer<T>>)>;

  // `done` runs once, from the loop. Errors: what the other side answered; InvalidInput when it
  // answered nonsense; LimitReached or Unavailable as for Channel::send.
  template <typename Request>
  void request(const Request& request, std::vector<UniqueFd> descriptors,
               AnswerDone<typename Request::Reply> done) {
    using Reply = typename Request::Reply;
    auto decode_answer = [done = std::move(done)](Result<Channel::Message> answer) mutable {
      if (!answer) return done(fail(std::move(answer.error())));
      if (answer->frame.type != Reply::kType) return done(fail(wrong_reply()));
      auto value = decode<Reply>(answer->frame.body);
      if (!value) return done(fail(std::move(value.error())));
      done(Answer<Reply>{std::move(*value), std::move(answer->descriptors)});
    };
    open(Request::kType, encode(request), std::move(descriptors), std::move(decode_answer));
  }

  template <typename T>
  Result<void> send(const T& message, std::vector<UniqueFd> descriptors = {}) {
    return channel_.send({T::kType, 0, 0, encode(message)}, std::move(descriptors));
  }
  template <typename T>
  Result<void> reply(std::uint32_t request_id, const T& answer,
                     std::vector<UniqueFd> descriptors = {}) {
    return channel_.send({T::kType, 0, request_id, encode(answer)}, std::move(descriptors));
  }
  Result<void> refuse(std::uint32_t request_id, const Error& error) {
    return reply(request_id, failed_with(error));
  }

  std::size_t queued_bytes() const { return channel_.queued_bytes(); }
  std::size_t open_requests() const { return open_.size(); }
  void hold_reading() { channel_.hold_reading(); }
  void resume_reading() { channel_.resume_reading(); }
  void flush_blocking(int within_ms) { channel_.flush_blocking(within_ms); }

 private:
  using RawDone = std::move_only_function<void(Result<Channel::Message>)>;

  static Error wrong_reply();
  void open(MessageType type, std::string body, std::vector<UniqueFd> descriptors, RawDone done);
  void on_message(Channel::Message message) override;
  void on_closed(const Error& why) override;

  boost::asio::io_context& loop_;
  Handler& handler_;
  std::uint32_t last_request_id_ = 0;
  std::unordered_map<std::uint32_t, RawDone> open_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  Channel channel_;
};

}  // namespace atoll::border
