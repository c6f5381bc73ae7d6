// The parameters of permessage-deflate, https://www.rfc-editor.org/rfc/rfc7692#section-7.1
#include <array>
#include <utility>
#include <vector>

#include "http/codec/text_scan.h"
#include "http/websocket/handshake.h"

namespace atoll::http {
namespace {

struct Parameter {
  std::string_view name;
  std::optional<std::string_view> value;
};

struct Extension {
  std::string_view name;
  std::vector<Parameter> parameters;
};

// Takes what lies before `separator` off the front of `rest`. Separators within quotes do not occur
// in any extension we know; an element that has one is then malformed and not chosen.
std::string_view take_until(std::string_view& rest, char separator) {
  std::size_t at = rest.find(separator);
  std::string_view taken = rest.substr(0, at);
  rest = at == std::string_view::npos ? std::string_view() : rest.substr(at + 1);
  return trim_blanks(taken);
}

Extension parse_extension(std::string_view text) {
  Extension extension{take_until(text, ';'), {}};
  while (!text.empty()) {
    std::string_view parameter = take_until(text, ';');
    std::size_t equals = parameter.find('=');
    if (equals == std::string_view::npos) {
      extension.parameters.push_back({parameter, std::nullopt});
      continue;
    }
    std::string_view value = trim_blanks(parameter.substr(equals + 1));
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
      value = value.substr(1, value.size() - 2);
    }
    extension.parameters.push_back({trim_blanks(parameter.substr(0, equals)), value});
  }
  return extension;
}

// 8 to 15, without leading zeros; 0 for anything else.
int window_bits(const Parameter& parameter) {
  if (!parameter.value) return 0;
  std::string_view text = *parameter.value;
  if (text == "8" || text == "9") return text[0] - '0';
  if (text.size() == 2 && text[0] == '1' && text[1] >= '0' && text[1] <= '5') {
    return 10 + (text[1] - '0');
  }
  return 0;
}

// Both sides' wishes or decisions; the two directions are named after who compresses.
struct DeflateParameters {
  bool server_no_context_takeover = false;
  bool client_no_context_takeover = false;
  int server_max_window_bits = 0;  // 0: not given
  int client_max_window_bits = 0;
  bool client_window_bits_named = false;  // perhaps without a value
};

enum class Side { Offer, Answer };

// Nothing when a parameter is unknown, given twice or malformed.
std::optional<DeflateParameters> read_parameters(const Extension& extension, Side side) {
  DeflateParameters read;
  std::array<bool, 4> seen{};
  for (const Parameter& parameter : extension.parameters) {
    std::size_t which;
    if (equals_lower(parameter.name, "server_no_context_takeover")) {
      which = 0;
      if (parameter.value) return std::nullopt;
      read.server_no_context_takeover = true;
    } else if (equals_lower(parameter.name, "client_no_context_takeover")) {
      which = 1;
      if (parameter.value) return std::nullopt;
      read.client_no_context_takeover = true;
    } else if (equals_lower(parameter.name, "server_max_window_bits")) {
      which = 2;
      read.server_max_window_bits = window_bits(parameter);
      if (read.server_max_window_bits == 0) return std::nullopt;
    } else if (equals_lower(parameter.name, "client_max_window_bits")) {
      which = 3;
      read.client_window_bits_named = true;
      read.client_max_window_bits = window_bits(parameter);
      bool valueless_offer = side == Side::Offer && !parameter.value;
      if (read.client_max_window_bits == 0 && !valueless_offer) return std::nullopt;
    } else {
      return std::nullopt;
    }
    if (std::exchange(seen[which], true)) return std::nullopt;
  }
  return read;
}

constexpr int kSmallestWindowBits = 9;  // zlib cannot compress with 8

}  // namespace

std::optional<DeflateAnswer> answer_deflate_offer(std::string_view extensions,
                                                  DeflateWishes wishes) {
  while (!extensions.empty()) {
    Extension extension = parse_extension(take_until(extensions, ','));
    if (!equals_lower(extension.name, "permessage-deflate")) continue;
    auto offer = read_parameters(extension, Side::Offer);
    if (!offer) continue;
    if (offer->server_max_window_bits != 0 && offer->server_max_window_bits < kSmallestWindowBits) {
      continue;
    }
    DeflateAnswer answer;
    answer.header = "permessage-deflate";
    answer.agreement.keeps_own_context = wishes.keep_contexts && !offer->server_no_context_takeover;
    answer.agreement.keeps_peer_context =
        wishes.keep_contexts && !offer->client_no_context_takeover;
    if (!answer.agreement.keeps_own_context) answer.header += "; server_no_context_takeover";
    if (!answer.agreement.keeps_peer_context) answer.header += "; client_no_context_takeover";
    if (offer->server_max_window_bits != 0) {
      answer.agreement.own_window_bits = offer->server_max_window_bits;
      answer.header += "; server_max_window_bits=" + std::to_string(offer->server_max_window_bits);
    }
    return answer;
  }
  return std::nullopt;
}

std::string deflate_offer() {
  return "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
}

std::optional<DeflateAgreement> read_deflate_answer(std::string_view extensions) {
  Extension extension = parse_extension(take_until(extensions, ','));
  if (!extensions.empty() || !equals_lower(extension.name, "permessage-deflate")) {
    return std::nullopt;
  }
  auto answer = read_parameters(extension, Side::Answer);
  if (!answer || answer->client_window_bits_named) return std::nullopt;  // was not offered
  DeflateAgreement agreement;
  agreement.keeps_peer_context = !answer->server_no_context_takeover;
  // We are free to forget; a server that lets us keep our context loses nothing.
  agreement.keeps_own_context = false;
  return agreement;
}

}  // namespace atoll::http
