// Whatever bytes arrive as an upload, reading them ends in a form or an error. The first byte picks
// the content type.
#include <array>
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "bundle/bundle.h"
#include "management/upload/code.h"
#include "management/upload/metadata.h"
#include "management/upload/upload_form.h"

namespace {

using namespace atoll::management;

constexpr std::array<const char*, 5> kContentTypes = {
    "multipart/form-data; boundary=b", "application/javascript", "application/javascript+module",
    "application/json", "multipart/form-data"};

void check_inside(std::string_view part, const std::string& body) {
  CHECK(part.empty() ||
        (part.data() >= body.data() && part.data() + part.size() <= body.data() + body.size()));
}

void read_everything(const Request& request, FormSubject subject) {
  auto form = read_upload_form(request, subject);
  if (!form) {
    CHECK(!form.error().message.empty());
    return;
  }
  for (const UploadPart& part : form->parts) check_inside(part.bytes, request.body);
  UploadRules rules;
  (void)read_metadata(form->metadata, rules, atoll::WallTime());
  auto entry = read_entry(form->metadata);
  if (!entry) return;
  auto code = build_code(form->parts, *entry, rules);
  if (!code) return;
  auto view = atoll::bundle::BundleView::parse(*code->bundle);
  CHECK(view && view->entry().name == code->main_module);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  Request request;
  request.fields.push_back({"content-type", kContentTypes[data[0] % kContentTypes.size()]});
  request.body.assign(reinterpret_cast<const char*>(data) + 1, size - 1);
  read_everything(request, FormSubject::Metadata);
  read_everything(request, FormSubject::Settings);
  return 0;
}
