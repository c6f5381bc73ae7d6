// Any headers of a stored response and of a request: a selection lies inside the body, and a
// lifetime is none or not negative.
#include <cstdint>

#include "base/check.h"
#include "http/caching/freshness.h"
#include "http/caching/selection.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace atoll::http;
  if (size < 4) return 0;
  std::string_view text(reinterpret_cast<const char*>(data) + 3, size - 3);
  std::size_t middle = text.find("\r\n\r\n");
  if (middle == std::string_view::npos) return 0;
  auto request = HeaderBlock::parse(std::string(text.substr(0, middle + 2)));
  auto stored = HeaderBlock::parse(std::string(text.substr(middle + 4)));
  if (!request || !stored) return 0;

  constexpr int kStatuses[] = {200, 206, 301, 304, 404, 500};
  int status = kStatuses[data[0] % std::size(kStatuses)];
  std::size_t body_size = static_cast<std::size_t>(data[1]) << (data[2] % 32);
  Selection selection = select(*request, status, *stored, body_size);
  CHECK(selection.begin <= body_size && selection.size <= body_size - selection.begin);
  CHECK(selection.status == status || selection.status == 206 || selection.status == 304 ||
        selection.status == 416);
  auto lifetime = freshness(status, *stored, HttpTime());
  CHECK(!lifetime || lifetime->count() >= 0);
  for (HeaderBlock::Field field : *stored) {
    (void)is_kept_private(*stored, field.name);
    (void)parse_http_date(field.value);
  }
  return 0;
}
