// Whatever parses must encode to the same bytes again, unless a flag lied about its contents.
#include <cstdint>

#include "base/check.h"
#include "bundle/bundle.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  auto view = atoll::bundle::BundleView::parse(bytes);
  if (!view) return 0;
  auto again = atoll::bundle::Bundle::encode(view->modules());
  CHECK(again && again->size() == size);
  auto reread = atoll::bundle::BundleView::parse(*again);
  CHECK(reread && reread->modules().size() == view->modules().size());
  for (std::size_t i = 0; i < view->modules().size(); ++i) {
    CHECK(reread->modules()[i].name == view->modules()[i].name);
    CHECK(reread->modules()[i].bytes == view->modules()[i].bytes);
  }
  return 0;
}
