// Names to addresses, without blocking the loop.
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <optional>
#include <string>
#include <vector>

#include "async/task.h"
#include "base/result.h"
#include "egress/address.h"

namespace atoll::egress {

class Resolver {
 public:
  virtual ~Resolver() = default;

  // Addresses of `host`, the preferred first, at least one. Numeric hosts, in whatever spelling,
  // come back as they are understood. Errors: NotFound: no such name or none with an address;
  // Unavailable: no answer.
  virtual Task<Result<std::vector<Address>>> resolve(std::string host) = 0;
};

// The machine's own resolver (getaddrinfo) on threads of its own.
class SystemResolver final : public Resolver {
 public:
  ~SystemResolver() override;

  Task<Result<std::vector<Address>>> resolve(std::string host) override;

 private:
  std::optional<boost::asio::thread_pool> threads_;  // from the first name on
};

}  // namespace atoll::egress
