// Any target and any header value: reading them ends, and finds nothing that is not there.
#include <cstdint>

#include "base/check.h"
#include "base/encoding.h"
#include "management/request.h"
#include "scripts/tag_filter.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace atoll;
  std::string text(reinterpret_cast<const char*>(data), size);
  management::Request request;
  request.target = text;
  CHECK(request.path().size() <= text.size());
  management::Query query(text);
  if (auto tags = query.find("tags")) {
    auto filter = scripts::TagFilter::parse(*tags);
    if (filter) (void)filter->matches({"a", "b"});
  }
  CHECK(management::media_type(text).size() <= text.size());
  for (std::string_view name : {"boundary", "name", "filename"}) {
    auto parameter = management::header_parameter(text, name);
    CHECK(!parameter || parameter->size() <= text.size());
  }
  if (auto decoded = percent_decode(text)) CHECK(decoded->size() <= text.size());
  if (auto bytes = base64_decode(text)) CHECK(base64_decode(base64_encode(*bytes)) == *bytes);
  return 0;
}
