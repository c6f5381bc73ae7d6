#include "runtime/invocation.h"

namespace atoll::runtime {

Message* Invocation::find_message(MessageId message_id) {
  for (Message& message : messages) {
    if (message.id == message_id) return &message;
  }
  return nullptr;
}

}  // namespace atoll::runtime
