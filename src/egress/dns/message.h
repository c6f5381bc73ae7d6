// Questions to a name server and its answers, as bytes (RFC 1035). Answers are a stranger's word.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "egress/address.h"

namespace atoll::egress {

enum class RecordType : std::uint16_t { A = 1, Aaaa = 28 };

struct DnsQuestion {
  std::uint16_t id = 0;
  std::string name;  // without the dot at the end
  RecordType type = RecordType::A;
};

// 1 to 253 bytes in labels of 1 to 63.
bool is_dns_name(std::string_view name);

// The name is one.
std::string dns_query(const DnsQuestion& question);

struct DnsAnswer {
  enum class Kind { Answered, NoSuchName, ServerFailed, Truncated };
  Kind kind = Kind::ServerFailed;
  std::vector<Address> addresses;  // of the name, behind its aliases; may be empty
};
// Nothing when the bytes are no answer to that question.
std::optional<DnsAnswer> parse_dns_answer(std::string_view bytes, const DnsQuestion& question);

}  // namespace atoll::egress
