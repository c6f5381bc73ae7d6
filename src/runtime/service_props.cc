#include "runtime/service_props.h"

#include <cstdlib>

#include "js/native_function.h"

namespace atoll::runtime {
namespace {

class TargetWithProps final : public ServiceTarget {
 public:
  TargetWithProps(std::shared_ptr<ServiceTarget> target, std::string props)
      : target_(std::move(target)), props_(std::move(props)) {}

  void call(HttpRequest request, CallOptions options,
            std::unique_ptr<ResponseReceiver> receiver) override {
    options.props = props_;
    target_->call(std::move(request), std::move(options), std::move(receiver));
  }

 private:
  std::shared_ptr<ServiceTarget> target_;
  std::string props_;  // in the wire form of structured clone
};

}  // namespace

std::shared_ptr<ServiceTarget> with_props(v8::Local<v8::Context> context,
                                          std::shared_ptr<ServiceTarget> target,
                                          std::string_view json) {
  v8::Isolate* isolate = v8::Isolate::GetCurrent();
  v8::TryCatch caught(isolate);
  v8::Local<v8::Value> value;
  if (!v8::JSON::Parse(context, js::to_v8(isolate, json)).ToLocal(&value)) return target;
  v8::ValueSerializer serializer(isolate);
  serializer.WriteHeader();
  if (!serializer.WriteValue(context, value).FromMaybe(false)) return target;
  auto [bytes, size] = serializer.Release();
  std::string props(reinterpret_cast<const char*>(bytes), size);
  std::free(bytes);
  return std::make_shared<TargetWithProps>(std::move(target), std::move(props));
}

}  // namespace atoll::runtime
