// How a request becomes an answer: bodies both ways, errors, lifetimes.
#include "runtime/testing/worker_fixture.h"

namespace atoll::runtime {
namespace {

using namespace std::chrono_literals;

class Answer : public WorkerFixture {};

TEST_F(Answer, HandlersAnswerAtOnceOrLater) {
  auto worker = start(es_module(R"(
    export default {
      fetch(request) {
        if (request.url.endsWith('/now')) return new Response('now');
        if (request.url.endsWith('/promise')) return Promise.resolve(new Response('promise'));
        return new Promise((resolve) => setTimeout(() => resolve(new Response('later')), 5));
      },
    })"));
  EXPECT_EQ(text(worker, {"/now"}), "now");
  EXPECT_EQ(text(worker, {"/promise"}), "promise");
  EXPECT_EQ(text(worker, {"/later"}), "later");
}

}  // namespace
}  // namespace atoll::runtime
