#include "management/resources/script_lifecycle.h"

#include "base/random.h"
#include "bundle/bundle.h"
#include "management/resources/script_place.h"
#include "management/resources/script_views.h"

namespace atoll::management {
namespace {

using bundle::ModuleKind;

std::string_view content_type_of(ModuleKind kind) {
  switch (kind) {
    case ModuleKind::EsModule:
      return "application/javascript+module";
    case ModuleKind::CommonJs:
    case ModuleKind::ServiceWorker:
      return "application/javascript";
    case ModuleKind::Text:
      return "text/plain";
    case ModuleKind::Data:
      return "application/octet-stream";
    case ModuleKind::Json:
      return "application/json";
    case ModuleKind::Wasm:
      return "application/wasm";
    case ModuleKind::SourceMap:
      return "application/source-map";
  }
  return "application/octet-stream";
}

std::string escape_name(std::string_view name) {
  std::string escaped;
  for (char c : name) {
    if (c == '"') {
      escaped += "%22";
    } else if (c == '\r') {
      escaped += "%0D";
    } else if (c == '\n') {
      escaped += "%0A";
    } else {
      escaped.push_back(c);
    }
  }
  return escaped;
}

// A field's value must not end the field.
std::string field_value(std::string_view text) {
  std::string value;
  for (unsigned char c : text) value.push_back(c < 0x20 || c == 0x7F ? '?' : static_cast<char>(c));
  return value;
}

}  // namespace

Answer<Response> code_response(std::string_view bytes) {
  auto view = bundle::BundleView::parse(bytes);
  if (!view) return fail(ApiError(std::move(view.error())));
  std::vector<const bundle::Module*> modules;
  for (const bundle::Module& module : view->modules()) {
    if (module.kind != ModuleKind::SourceMap) modules.push_back(&module);
  }
  Response response;
  response.fields.push_back({"cf-entrypoint", field_value(view->entry().name)});
  if (modules.size() == 1) {
    response.content_type = std::string(content_type_of(view->entry().kind));
    response.body = std::string(view->entry().bytes);
    return response;
  }
  std::string boundary = "atoll-" + random_hex(16);
  response.content_type = "multipart/form-data; boundary=" + boundary;
  for (const bundle::Module* module : modules) {
    std::string name = escape_name(module->name);
    response.body += "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + name +
                     "\"; filename=\"" + name + "\"\r\nContent-Type: ";
    response.body += content_type_of(module->kind);
    response.body += "\r\n\r\n";
    response.body += module->bytes;
    response.body += "\r\n";
  }
  response.body += "--" + boundary + "--\r\n";
  return response;
}

void ScriptLifecycle::add_routes(Router& router) {
  using R = ScriptLifecycle;
  std::size_t form = pieces_.settings.uploads.max_form_bytes;
  add_for_scripts(router, "PUT", "", this, &R::upload, form);
  add_for_scripts(router, "DELETE", "", this, &R::remove);
  add_for_scripts(router, "GET", "/content", this, &R::download);
  add_for_scripts(router, "PUT", "/content", this, &R::replace_content, form);
  add_for_scripts(router, "GET", "/content/v2", this, &R::download);
  add_for_scripts(router, "PUT", "/content/v2", this, &R::replace_content, form);
  router.add("GET", kAccountScript, this, &R::download);
  router.add("DELETE", "/accounts/{account_id}/workers/services/{script_name}", this, &R::remove);
}

Task<Answer<Response>> ScriptLifecycle::upload(Call& call) {
  auto address = co_await locate_script(pieces_.registry, call);
  CO_CHECK(address);
  auto published =
      co_await pieces_.publisher.upload(call, *std::move(address), Publisher::Then::Deploy);
  CO_CHECK(published);
  co_return ok(upload_answer(*published));
}

Task<Answer<Response>> ScriptLifecycle::replace_content(Call& call) {
  auto address = co_await locate_script(pieces_.registry, call);
  CO_CHECK(address);
  auto published = co_await pieces_.publisher.replace_content(call, *std::move(address));
  CO_CHECK(published);
  co_return ok(upload_answer(*published));
}

Task<Answer<Response>> ScriptLifecycle::download(Call& call) {
  auto address = co_await locate_script(pieces_.registry, call);
  CO_CHECK(address);
  auto state = co_await pieces_.registry.scripts.load_state(address->scope, address->name);
  CO_CHECK(state);
  if (!*state) co_return fail(address->missing());
  // What runs; before anything does, what was uploaded last.
  const auto& deployed = (*state)->deployed;
  const scripts::Version& shown = deployed ? deployed->version : (*state)->latest.version;
  auto bytes = co_await pieces_.registry.scripts.load_blob(shown.content.bundle_id);
  CO_CHECK(bytes);
  co_return code_response(*bytes);
}

Task<Answer<Response>> ScriptLifecycle::remove(Call& call) {
  auto address = co_await locate_script(pieces_.registry, call);
  CO_CHECK(address);
  auto removed = co_await pieces_.registry.scripts.remove(address->scope, address->name);
  if (!removed) co_return fail(script_error(*address, std::move(removed.error())));
  co_return ok(nullptr);
}

}  // namespace atoll::management
