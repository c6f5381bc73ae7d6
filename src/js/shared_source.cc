#include "js/shared_source.h"

namespace atoll::js {
namespace {

class SharedSource final : public v8::String::ExternalOneByteStringResource {
 public:
  const char* data() const override { return text.data(); }
  size_t length() const override { return text.size(); }
  void Dispose() override {}  // static: never freed

  std::string_view text;
};

SharedSource g_source;

}  // namespace

v8::String::ExternalOneByteStringResource* shared_source_resource() { return &g_source; }

void set_shared_source(std::string_view text) { g_source.text = text; }

}  // namespace atoll::js
