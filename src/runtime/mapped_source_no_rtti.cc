#include "runtime/mapped_source.h"

namespace atoll::runtime {
namespace {

class MappedSource final : public v8::String::ExternalOneByteStringResource {
 public:
  MappedSource(std::shared_ptr<Mapping> mapping, std::string_view text)
      : mapping_(std::move(mapping)), text_(text) {}
  const char* data() const override { return text_.data(); }
  size_t length() const override { return text_.size(); }

 private:
  std::shared_ptr<Mapping> mapping_;
  std::string_view text_;
};

}  // namespace

v8::String::ExternalOneByteStringResource* make_mapped_source(std::shared_ptr<Mapping> mapping,
                                                              std::string_view text) {
  return new MappedSource(std::move(mapping), text);
}

}  // namespace atoll::runtime
