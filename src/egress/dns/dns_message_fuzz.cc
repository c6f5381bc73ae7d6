// What a name server, or whoever can send in its name, may answer.
#include <cstddef>
#include <cstdint>

#include "egress/dns/message.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace atoll::egress;
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (RecordType type : {RecordType::A, RecordType::Aaaa}) {
    DnsQuestion question{0x1234, "www.example", type};
    // The header of an answer to that question in front, so that the rest gets a chance.
    std::string framed = dns_query(question);
    framed[2] = static_cast<char>(0x81);
    framed[7] = static_cast<char>(size == 0 ? 1 : data[0]);
    framed.append(bytes);
    (void)parse_dns_answer(framed, question);
    (void)parse_dns_answer(bytes, question);
  }
  return 0;
}
