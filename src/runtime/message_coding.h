// Compressed bodies between Workers and connections: who gets them decoded, and who as they are.
#pragma once

#include <memory>
#include <optional>

#include "http/coding/content_coding.h"
#include "runtime/http_message.h"

namespace atoll::runtime {

// The coding that a response's headers name, if it is one that the platform applies and undoes for
// scripts: gzip and br. Everything else is the script's own affair.
std::optional<http::Coding> coding_of_response(const http::HeaderBlock& headers);

// `body`, which is in one coding, in another one; nothing stands for no coding.
Body recoded(Body body, std::optional<http::Coding> from, std::optional<http::Coding> to,
             const std::shared_ptr<js::MemoryAccount>& account);

}  // namespace atoll::runtime
