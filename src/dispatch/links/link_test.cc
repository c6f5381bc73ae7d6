// A link whose other side is an enemy: a bare channel that sends what it likes.
#include "dispatch/links/link.h"

#include <gtest/gtest.h>

#include "async/string_source.h"

namespace atoll::dispatch {
namespace {

using border::LinkTarget;

class Links : public testing::Test, public Link::Owner, public border::Channel::Handler {
 protected:
  Links() {
    auto sockets = border::make_socket_pair();
    EXPECT_TRUE(sockets);
    link_ = Link::open(scheduler_, std::move(sockets->ours), LinkSide::Server, *this);
    other_ = std::make_unique<border::Channel>(loop_, std::move(sockets->theirs),
                                               static_cast<border::Channel::Handler&>(*this),
                                               border::Channel::Limits{});
  }
  ~Links() override {
    other_.reset();
    link_.reset();
    settle();
  }

  void deliver(border::Handle script, std::string entrypoint,
               std::unique_ptr<runtime::Event> event) override {
    delivered_ += std::to_string(script) + " " + entrypoint + ";";
    events_.push_back(std::move(event));
  }
  void on_unusable(Link&) override { ++unusable_; }
  void on_over(Link&) override { ++over_; }
  void on_message(border::Channel::Message message) override {
    received_.push_back(std::move(message.frame));
  }
  void on_closed(const Error&) override { closed_ = true; }

  template <typename T>
  void send(const T& message) {
    (void)other_->send({T::kType, 0, 0, border::encode(message)});
    settle();
  }
  void settle() {
    loop_.restart();
    loop_.run_for(std::chrono::milliseconds(30));
  }
  template <typename T>
  std::vector<T> received() {
    std::vector<T> found;
    for (const auto& frame : received_) {
      if (frame.type != T::kType) continue;
      auto message = border::decode<T>(frame.body);
      EXPECT_TRUE(message);
      found.push_back(*message);
    }
    return found;
  }
  static border::LinkCall fetch_of(border::LinkNumber number, border::Handle script) {
    border::LinkCall call;
    call.call = number;
    call.number = script;
    call.fetch = border::LinkFetch{"GET", "http://user/", "accept: */*\r\n", {}, true};
    return call;
  }

  boost::asio::io_context loop_;
  runtime::Scheduler scheduler_{loop_};
  std::shared_ptr<Link> link_;
  std::unique_ptr<border::Channel> other_;
  std::vector<border::Frame> received_;
  std::vector<std::unique_ptr<runtime::Event>> events_;
  std::string delivered_;
  int unusable_ = 0;
  int over_ = 0;
  bool closed_ = false;
};

TEST_F(Links, CallsOfAllowedScriptsAreDelivered) {
  link_->allow(7);
  send(fetch_of(1, 7));
  EXPECT_EQ(delivered_, "7 ;");
  events_.front()->fail(
      {runtime::Outcome::ScriptNotFound, "Error", "Worker not found.", "", false});
  settle();
  auto failures = received<border::LinkFailure>();
  ASSERT_EQ(failures.size(), 1u);
  EXPECT_EQ(failures[0].call, 1u);
  EXPECT_EQ(failures[0].message, "Worker not found.");
}

TEST_F(Links, ACallOfAnotherScriptClosesTheLink) {
  link_->allow(7);
  send(fetch_of(1, 8));
  EXPECT_EQ(delivered_, "");
  EXPECT_TRUE(closed_);
  EXPECT_EQ(over_, 1);
  EXPECT_FALSE(link_->usable());
}

TEST_F(Links, WhatWasNeverGivenOutCannotBeCalled) {
  for (auto target : {LinkTarget::Service, LinkTarget::Capability}) {
    auto sockets = border::make_socket_pair();
    auto link = Link::open(scheduler_, std::move(sockets->ours), LinkSide::Server, *this);
    link->allow(2);
    border::Channel other(loop_, std::move(sockets->theirs),
                          static_cast<border::Channel::Handler&>(*this), {});
    auto call = fetch_of(1, 2);
    call.target = target;
    if (target == LinkTarget::Capability) {
      call.fetch.reset();
      call.rpc.emplace();
    }
    (void)other.send({border::LinkCall::kType, 0, 0, border::encode(call)});
    settle();
    EXPECT_FALSE(link->usable());
  }
  EXPECT_EQ(delivered_, "");
}

TEST_F(Links, NumbersOfThisSideAndNumbersInUseAreViolations) {
  link_->allow(7);
  auto call = fetch_of(2, 7);  // even: the server's own
  send(call);
  EXPECT_TRUE(closed_);
  EXPECT_EQ(delivered_, "");
}

TEST_F(Links, ACallUnderANumberThatIsAnsweredStillClosesTheLink) {
  link_->allow(7);
  send(fetch_of(1, 7));
  EXPECT_FALSE(closed_);
  send(fetch_of(1, 7));
  EXPECT_TRUE(closed_);
}

TEST_F(Links, MoreOfAStreamThanWasAskedForClosesTheLink) {
  link_->allow(7);
  auto call = fetch_of(1, 7);
  call.fetch->body.kind = border::LinkBodyKind::Stream;
  call.fetch->body.stream = 3;
  send(call);
  std::string chunk(border::kMaxLinkChunkBytes, 'x');
  for (std::size_t sent = 0; sent < border::kLinkWindowBytes; sent += chunk.size()) {
    send(border::LinkChunk{3, chunk});
  }
  EXPECT_FALSE(closed_);
  send(border::LinkChunk{3, "x"});
  EXPECT_TRUE(closed_);
}

TEST_F(Links, UnknownNumbersOfThingsThatAreOverAreIgnored) {
  send(border::LinkChunk{99, "x"});
  send(border::LinkStreamEnd{99, std::nullopt});
  send(border::LinkStreamCancel{99});
  send(border::LinkCredit{99, 5});
  send(border::LinkCancel{99});
  send(border::LinkRelease{99});
  send(border::LinkSocketMessage{99, 0, false, 0, "x"});
  send(border::LinkFailure{99, 0, "Error", "late", "", false, ""});
  border::LinkResponse late;
  late.call = 98;
  send(late);
  EXPECT_FALSE(closed_);
  EXPECT_TRUE(link_->usable());
}

TEST_F(Links, NonsenseClosesTheLink) {
  send(border::LinkSocketMessage{1, 200, false, 0, ""});
  EXPECT_TRUE(closed_);
}

TEST_F(Links, HeadersThatAreNoneCloseTheLink) {
  link_->allow(7);
  auto call = fetch_of(1, 7);
  call.fetch->headers = "evil: yes\r\n\r\nGET / HTTP/1.1\r\n";
  send(call);
  EXPECT_TRUE(closed_);
  EXPECT_EQ(delivered_, "");
}

TEST_F(Links, MessagesOfTheSupervisorAreNotForHosts) {
  send(border::AllowCall{1, 7});
  EXPECT_TRUE(closed_);
  send(fetch_of(1, 7));
  EXPECT_EQ(delivered_, "");
}

TEST_F(Links, WhoLeavesIsIdleOnceTheOtherSideKnowsAndAllIsAnswered) {
  link_->allow(7);
  send(fetch_of(1, 7));
  link_->leave();
  settle();
  EXPECT_EQ(received<border::LinkLeaving>().size(), 1u);
  send(border::LinkLeft());
  EXPECT_FALSE(link_->idle());
  events_.front()->fail({});
  settle();
  EXPECT_TRUE(link_->idle());
}

TEST_F(Links, WhatIsUnderWayIsCancelledWhenTheOtherSideGoes) {
  link_->allow(7);
  send(fetch_of(1, 7));
  bool cancelled = false;
  link_->remember_cancel(1, [&] { cancelled = true; });
  other_.reset();
  settle();
  EXPECT_TRUE(cancelled);
  EXPECT_EQ(over_, 1);
}

}  // namespace
}  // namespace atoll::dispatch
