// The wire forms of an upload, made equal: a multipart form, a form with flattened metadata, JSON
// alone, or a bare script; each possibly behind a wrong Content-Type.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "management/api_error.h"
#include "management/request.h"

namespace atoll::management {

// A module, a blob or a source map as it arrived.
struct UploadPart {
  std::string name;
  std::string content_type;  // as sent; empty when absent
  std::string_view bytes;    // into the request's body
};

struct UploadForm {
  Json metadata = Json::object();
  std::vector<UploadPart> parts;
  bool has_metadata = false;
};

// What the JSON of the form is called: uploads carry `metadata`, settings edits `settings`.
enum class FormSubject { Metadata, Settings };

// The result points into request.body. 400/10026 for what cannot be read.
Answer<UploadForm> read_upload_form(const Request& request, FormSubject subject);

// The part a raw upload of source text becomes.
inline constexpr std::string_view kRawScriptName = "worker.js";

}  // namespace atoll::management
