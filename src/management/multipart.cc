#include "management/multipart.h"

#include <string.h>

#include "management/request.h"

namespace atoll::management {
namespace {

constexpr std::size_t kMaxBoundaryBytes = 200;

// memmem is linear and fast; string_view::find is neither for long needles in binary data.
std::size_t find_bytes(std::string_view hay, std::string_view needle, std::size_t from) {
  if (from > hay.size()) return std::string_view::npos;
  const void* found = ::memmem(hay.data() + from, hay.size() - from, needle.data(), needle.size());
  if (found == nullptr) return std::string_view::npos;
  return static_cast<std::size_t>(static_cast<const char*>(found) - hay.data());
}

// Form encoders write the three characters that would break the quoting as escapes.
std::string unescape_name(std::string_view text) {
  std::string name;
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string_view escape = text.substr(i, 3);
    if (escape == "%22") {
      name.push_back('"');
    } else if (escape == "%0D" || escape == "%0d") {
      name.push_back('\r');
    } else if (escape == "%0A" || escape == "%0a") {
      name.push_back('\n');
    } else {
      name.push_back(text[i]);
      continue;
    }
    i += 2;
  }
  return name;
}

class MultipartReader {
 public:
  MultipartReader(std::string_view body, std::string_view boundary, const MultipartLimits& limits)
      : body_(body), delimiter_("\r\n--" + std::string(boundary)), limits_(limits) {}

  Result<std::vector<FormPart>> read() {
    TRY_VOID(skip_to_first_part());
    std::vector<FormPart> parts;
    while (!ended_) {
      if (parts.size() == limits_.max_parts) {
        return fail(invalid_input("multipart body has more than " +
                                  std::to_string(limits_.max_parts) + " parts"));
      }
      parts.push_back(TRY(read_part(parts.size() + 1)));
    }
    for (char c : body_.substr(at_)) {
      if (c != '\r' && c != '\n') {
        return fail(invalid_input("multipart body goes on after its closing delimiter"));
      }
    }
    return parts;
  }

 private:
  Result<void> skip_to_first_part() {
    while (body_.substr(at_, 2) == "\r\n") at_ += 2;
    std::string_view dash_boundary = std::string_view(delimiter_).substr(2);
    if (!body_.substr(at_).starts_with(dash_boundary)) {
      return fail(invalid_input("multipart body does not start with its boundary"));
    }
    at_ += dash_boundary.size();
    return finish_delimiter();
  }

  // Behind the boundary: "--" closes, white space and CRLF open the next part.
  Result<void> finish_delimiter() {
    if (body_.substr(at_, 2) == "--") {
      at_ += 2;
      ended_ = true;
      return {};
    }
    while (at_ < body_.size() && (body_[at_] == ' ' || body_[at_] == '\t')) ++at_;
    if (body_.substr(at_, 2) != "\r\n") {
      return fail(invalid_input("multipart delimiter is not followed by a line end"));
    }
    at_ += 2;
    return {};
  }

  Result<FormPart> read_part(std::size_t number) {
    auto wrong = [&](std::string_view what) {
      return fail(
          invalid_input("multipart part " + std::to_string(number) + " " + std::string(what)));
    };
    std::string_view window = body_.substr(at_, limits_.max_part_head_bytes);
    std::size_t head_size = window.find("\r\n\r\n");
    if (head_size == std::string_view::npos) {
      return wrong(window.size() < limits_.max_part_head_bytes ? "has no end of its header"
                                                               : "has too large a header");
    }
    FormPart part;
    if (std::string_view problem = read_head(window.substr(0, head_size), part); !problem.empty()) {
      return wrong(problem);
    }
    // An empty part's delimiter may share the blank line's CRLF.
    std::size_t body_begin = at_ + head_size + 4;
    std::size_t body_end = find_bytes(body_, delimiter_, body_begin - 2);
    if (body_end == std::string_view::npos) return wrong("is not ended by the boundary");
    part.body = body_end < body_begin ? std::string_view()
                                      : body_.substr(body_begin, body_end - body_begin);
    at_ = body_end + delimiter_.size();
    TRY_VOID(finish_delimiter());
    return part;
  }

  // What is wrong with the header block; empty when nothing is.
  std::string_view read_head(std::string_view head, FormPart& part) {
    bool has_disposition = false;
    while (!head.empty()) {
      std::string_view line = head.substr(0, std::min(head.find("\r\n"), head.size()));
      head.remove_prefix(std::min(line.size() + 2, head.size()));
      std::size_t colon = line.find(':');
      if (colon == std::string_view::npos || colon == 0 ||
          line.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos) {
        return "has a malformed header line";
      }
      std::string name = lower_case(line.substr(0, colon));
      std::string_view value = trim(line.substr(colon + 1));
      if (name == "content-disposition") {
        if (std::exchange(has_disposition, true)) return "has two Content-Disposition headers";
        if (media_type(value) != "form-data") return "is not form-data";
        std::optional<std::string> field = header_parameter(value, "name");
        if (!field) return "has no name";
        part.name = unescape_name(*field);
        if (auto filename = header_parameter(value, "filename")) {
          part.filename = unescape_name(*filename);
        }
      } else if (name == "content-type") {
        part.content_type = std::string(value);
      } else if (name == "content-transfer-encoding") {
        std::string encoding = lower_case(value);
        if (encoding != "binary" && encoding != "8bit" && encoding != "7bit") {
          return "uses a Content-Transfer-Encoding that is not supported";
        }
      }
    }
    if (!has_disposition) return "has no Content-Disposition header";
    return {};
  }

  std::string_view body_;
  std::string delimiter_;
  const MultipartLimits& limits_;
  std::size_t at_ = 0;
  bool ended_ = false;
};

bool is_usable_boundary(std::string_view boundary) {
  if (boundary.empty() || boundary.size() > kMaxBoundaryBytes) return false;
  for (unsigned char c : boundary) {
    if (c < 0x20 || c > 0x7E) return false;
  }
  return boundary.back() != ' ';
}

}  // namespace

Result<std::vector<FormPart>> parse_multipart(std::string_view body, std::string_view boundary,
                                              const MultipartLimits& limits) {
  if (!is_usable_boundary(boundary)) {
    return fail(invalid_input("multipart boundary is empty, too long or not printable"));
  }
  return MultipartReader(body, boundary, limits).read();
}

std::optional<std::string> multipart_boundary(std::string_view content_type) {
  if (media_type(content_type) != "multipart/form-data") return std::nullopt;
  std::optional<std::string> boundary = header_parameter(content_type, "boundary");
  if (!boundary || !is_usable_boundary(*boundary)) return std::nullopt;
  return boundary;
}

std::optional<std::string> sniff_multipart_boundary(std::string_view body) {
  while (body.starts_with("\r\n")) body.remove_prefix(2);
  if (!body.starts_with("--")) return std::nullopt;
  std::size_t line_end = body.substr(0, kMaxBoundaryBytes + 4).find("\r\n");
  if (line_end == std::string_view::npos) return std::nullopt;
  std::string_view boundary = trim(body.substr(2, line_end - 2));
  std::string head = lower_case(body.substr(line_end + 2, 2048));
  std::size_t head_end = head.find("\r\n\r\n");
  std::size_t disposition = head.find("content-disposition:");
  if (head_end == std::string::npos || disposition == std::string::npos || disposition > head_end ||
      !is_usable_boundary(boundary)) {
    return std::nullopt;
  }
  if (media_type(std::string_view(head).substr(disposition + 20)) != "form-data") {
    return std::nullopt;
  }
  return std::string(boundary);
}

}  // namespace atoll::management
