#include "webapi/url/url_natives.h"

#include <algorithm>
#include <memory>

#include "base/check.h"
#include "js/node_ada.h"
#include "webapi/internal/utf8_view.h"

namespace atoll::webapi {
namespace {

struct FreeUrl {
  void operator()(void* url) const { ada_free(url); }
};
using Url = std::unique_ptr<void, FreeUrl>;

// The same order as in url.js.
enum class Part {
  Href,
  Protocol,
  Username,
  Password,
  Host,
  Hostname,
  Port,
  Pathname,
  Search,
  Hash
};

// Characters of a URL, of its base and of a part's new value, each. Longer ones are refused as no
// URL: parsing needs native memory in their size.
constexpr int kLongestInput = 16 << 20;

bool is_too_long(v8::Local<v8::Value> value) {
  return value->IsString() && value.As<v8::String>()->Length() > kLongestInput;
}

std::string_view view(ada_string text) { return {text.data, text.length}; }

void store_offsets(ada_url url, v8::Local<v8::Value> target) {
  auto bytes = js::bytes_of(target);
  CHECK(bytes && bytes->size() == sizeof(ada_url_components));
  // Absent parts, 0xffffffff, read as -1 through an Int32Array.
  std::copy_n(reinterpret_cast<const std::uint8_t*>(ada_get_components(url)), bytes->size(),
              bytes->data());
}

void url_parse(const js::Arguments& arguments) {
  v8::Isolate* isolate = arguments.GetIsolate();
  if (is_too_long(arguments[0]) || is_too_long(arguments[1])) return;
  v8::Local<v8::String> input = arguments[0].As<v8::String>();
  Url url;
  bool unchanged = false;
  {
    const bool has_base = arguments[1]->IsString();
    const std::string base = has_base ? js::to_utf8(isolate, arguments[1]) : std::string();
    Utf8View text(isolate, input);
    if (has_base) {
      url.reset(
          ada_parse_with_base(text.text().data(), text.text().size(), base.data(), base.size()));
    } else {
      url.reset(ada_parse(text.text().data(), text.text().size()));
    }
    if (!ada_is_valid(url.get())) return;
    unchanged = view(ada_get_href(url.get())) == text.text();
  }
  store_offsets(url.get(), arguments[2]);
  // A URL that is already in its serialised form, as request.url is, costs no new string.
  arguments.GetReturnValue().Set(
      unchanged ? input : js::latin1_to_v8(isolate, view(ada_get_href(url.get()))));
}

bool set_part(ada_url url, Part part, std::string_view value) {
  const char* data = value.data();
  const std::size_t length = value.size();
  switch (part) {
    case Part::Href:
      return ada_set_href(url, data, length);
    case Part::Protocol:
      return ada_set_protocol(url, data, length);
    case Part::Username:
      return ada_set_username(url, data, length);
    case Part::Password:
      return ada_set_password(url, data, length);
    case Part::Host:
      return ada_set_host(url, data, length);
    case Part::Hostname:
      return ada_set_hostname(url, data, length);
    case Part::Port:
      return ada_set_port(url, data, length);
    case Part::Pathname:
      return ada_set_pathname(url, data, length);
    case Part::Search:
      ada_set_search(url, data, length);
      return true;
    case Part::Hash:
      ada_set_hash(url, data, length);
      return true;
  }
  return false;
}

void url_update(const js::Arguments& arguments) {
  v8::Isolate* isolate = arguments.GetIsolate();
  if (is_too_long(arguments[0]) || is_too_long(arguments[2])) return;
  const std::string href = js::to_utf8(isolate, arguments[0]);
  const std::string value = js::to_utf8(isolate, arguments[2]);
  Url url(ada_parse(href.data(), href.size()));
  if (!ada_is_valid(url.get())) return;
  const auto part = static_cast<Part>(arguments[1].As<v8::Int32>()->Value());
  if (!set_part(url.get(), part, value)) return;
  store_offsets(url.get(), arguments[3]);
  arguments.GetReturnValue().Set(js::latin1_to_v8(isolate, view(ada_get_href(url.get()))));
}

void url_can_parse(const js::Arguments& arguments) {
  v8::Isolate* isolate = arguments.GetIsolate();
  if (is_too_long(arguments[0]) || is_too_long(arguments[1])) {
    arguments.GetReturnValue().Set(false);
    return;
  }
  const bool has_base = arguments[1]->IsString();
  const std::string base = has_base ? js::to_utf8(isolate, arguments[1]) : std::string();
  Utf8View view_of_input(isolate, arguments[0].As<v8::String>());
  const std::string_view input = view_of_input.text();
  arguments.GetReturnValue().Set(
      has_base ? ada_can_parse_with_base(input.data(), input.size(), base.data(), base.size())
               : ada_can_parse(input.data(), input.size()));
}

constexpr js::NativeFunction kNatives[] = {
    {"urlParse", url_parse},
    {"urlUpdate", url_update},
    {"urlCanParse", url_can_parse},
};

}  // namespace

js::NativeTable url_natives() { return kNatives; }

}  // namespace atoll::webapi
