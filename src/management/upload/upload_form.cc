#include "management/upload/upload_form.h"

#include "base/encoding.h"
#include "management/multipart.h"
#include "management/upload/bracket_fields.h"

namespace atoll::management {
namespace {

std::string_view subject_name(FormSubject subject) {
  return subject == FormSubject::Metadata ? "metadata" : "settings";
}

// `files[]` and `files[x]` name their module by file name; other parts by their own.
std::string module_name(const FormPart& part) {
  if (!BracketFields::belongs(part.name, "files")) return part.name;
  if (part.filename && !part.filename->empty()) return *part.filename;
  std::string_view inner = std::string_view(part.name).substr(6);
  if (inner.ends_with(']')) inner.remove_suffix(1);
  return std::string(inner);
}

// A parsed document takes a multiple of its text's memory.
constexpr std::size_t kMaxMetadataBytes = 4 * 1024 * 1024;

Answer<Json> read_object(std::string_view text, std::string_view what) {
  if (text.size() > kMaxMetadataBytes) {
    return fail(malformed("The uploaded " + std::string(what) + " is larger than 4 MiB"));
  }
  auto value = parse_json(text);
  if (!value) {
    return fail(malformed("The uploaded " + std::string(what) +
                          " is not valid: " + value.error().message()));
  }
  if (!value->is_object()) {
    return fail(malformed("The uploaded " + std::string(what) + " must be a JSON object"));
  }
  return *std::move(value);
}

Answer<UploadForm> read_form(std::string_view body, std::string_view boundary,
                             FormSubject subject) {
  std::string_view root = subject_name(subject);
  auto parts = parse_multipart(body, boundary);
  if (!parts) return fail(malformed("The uploaded form is malformed: " + parts.error().message()));
  UploadForm form;
  BracketFields flattened;
  bool has_flattened = false;
  for (const FormPart& part : *parts) {
    if (part.name == root) {
      if (form.has_metadata) return fail(malformed("The form has two " + part.name + " parts"));
      form.metadata = TRY(read_object(part.body, root));
      form.has_metadata = true;
    } else if (BracketFields::belongs(part.name, root)) {
      if (!is_valid_utf8(part.body)) {
        return fail(malformed("form field \"" + part.name + "\" is not UTF-8"));
      }
      if (auto added = flattened.add(part.name, part.body); !added) {
        return fail(malformed(added.error().message()));
      }
      has_flattened = true;
    } else {
      form.parts.push_back({module_name(part), part.content_type, part.body});
    }
  }
  if (has_flattened) {
    if (form.has_metadata) {
      return fail(malformed("The form carries " + std::string(root) +
                            " both as a part and as separate fields"));
    }
    form.metadata = flattened.take();
    form.has_metadata = true;
  }
  return form;
}

bool is_script_type(std::string_view type) {
  return type == "application/javascript" || type == "text/javascript" ||
         type == "application/javascript+module" || type == "text/javascript+module";
}

std::string_view without_leading_space(std::string_view text) {
  std::size_t start = text.find_first_not_of(" \t\r\n");
  return start == std::string_view::npos ? std::string_view() : text.substr(start);
}

UploadForm raw_script(const Request& request, std::string_view type) {
  UploadForm form;
  bool is_module = type.ends_with("+module");
  form.metadata[is_module ? "main_module" : "body_part"] = kRawScriptName;
  form.has_metadata = true;
  form.parts.push_back({std::string(kRawScriptName),
                        is_module ? "application/javascript+module" : "application/javascript",
                        request.body});
  return form;
}

}  // namespace

Answer<UploadForm> read_upload_form(const Request& request, FormSubject subject) {
  std::string_view content_type = request.field("content-type");
  std::string type = media_type(content_type);
  std::string_view body = request.body;
  if (type == "multipart/form-data") {
    auto boundary = multipart_boundary(content_type);
    // A form without the parameter still names its boundary in the first line.
    if (!boundary) boundary = sniff_multipart_boundary(body);
    if (!boundary) {
      return fail(malformed("Content-Type multipart/form-data needs a valid boundary parameter"));
    }
    return read_form(body, *boundary, subject);
  }
  if (auto boundary = sniff_multipart_boundary(body)) return read_form(body, *boundary, subject);
  if (without_leading_space(body).starts_with('{')) {
    // A script may start with a block, so only valid JSON is taken for JSON there.
    auto object = read_object(body, "body");
    if (object) {
      UploadForm form;
      const Json& inner = json_member(*object, subject_name(subject));
      form.metadata = inner.is_object() ? inner : *std::move(object);
      form.has_metadata = true;
      return form;
    }
    if (!is_script_type(type)) return fail(std::move(object.error()));
  }
  if (subject == FormSubject::Settings || !is_script_type(type)) {
    return fail(malformed("Content-Type \"" + std::string(content_type.substr(0, 100)) +
                          "\" is not supported here; send multipart/form-data"));
  }
  if (body.empty()) return fail(malformed("The uploaded script is empty"));
  return raw_script(request, type);
}

}  // namespace atoll::management
