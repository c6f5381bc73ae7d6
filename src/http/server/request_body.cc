#include "http/server/request_body.h"

#include "http/server/connection.h"

namespace atoll::http {

RequestBody::~RequestBody() {
  if (connection_ != nullptr) connection_->body_dropped();
}

void RequestBody::read(ReadDone done) {
  if (ended_) return done(std::string());
  if (connection_ != nullptr) return connection_->read_body(std::move(done));
  done(fail(Error(ErrorKind::Unavailable, "reading the request body: the request is over")));
}

}  // namespace atoll::http
