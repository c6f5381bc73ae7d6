// Any text as a range and any bytes as an address: an address is judged the same in each of its
// forms, and by default nothing but public addresses is let through.
#include <cstdint>
#include <cstring>

#include "base/check.h"
#include "egress/policy.h"

namespace {

using namespace atoll::egress;
namespace ip = boost::asio::ip;

void check_address(const Address& address) {
  Address seen = plain(address);
  CHECK(plain(seen) == seen);
  CHECK(kind_of(address) == kind_of(seen));
  Request request{.account_id = {},
                  .namespace_id = {},
                  .script = {},
                  .version_id = {},
                  .api = "fetch",
                  .method = {},
                  .host = {},
                  .port = 443};
  Decision decision = decide({}, request, address);
  CHECK(!decision.allowed || kind_of(address) == AddressKind::Public);
  CHECK(!decision.rule.empty());
  if (!seen.is_v4()) return;
  Address mapped = ip::make_address_v6(ip::v4_mapped, seen.to_v4());
  CHECK(plain(mapped) == seen && kind_of(mapped) == kind_of(seen));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 16) return 0;
  ip::address_v6::bytes_type bytes;
  std::memcpy(bytes.data(), data, bytes.size());
  Address six = ip::make_address_v6(bytes);
  Address four =
      ip::make_address_v4(ip::address_v4::bytes_type{data[0], data[1], data[2], data[3]});
  check_address(six);
  check_address(four);

  std::string text(reinterpret_cast<const char*>(data) + 16, size - 16);
  auto range = AddressRange::parse(text);
  if (range) {
    auto begin = AddressRange::parse(text.substr(0, text.find('/')));
    CHECK(begin);
    boost::system::error_code error;
    Address first = ip::make_address(text.substr(0, text.find('/')), error);
    // A short prefix of a mapped form means IPv6 addresses.
    bool same_family = plain(first).is_v4() == first.is_v4();
    if (!error && same_family)
      CHECK(range->contains(plain(first)) && begin->contains(plain(first)));
  }
  auto one = AddressRange::parse(plain(six).to_string());
  CHECK(one && one->contains(plain(six)));
  return 0;
}
