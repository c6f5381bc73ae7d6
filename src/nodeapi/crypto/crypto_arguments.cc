#include "nodeapi/crypto/crypto_arguments.h"

#include <openssl/err.h>
#include <openssl/provider.h>

#include <cctype>

namespace atoll::nodeapi {
namespace {

// Part of the error code, where Node has one for the library.
std::string_view code_prefix(int library) {
  switch (library) {
    case ERR_LIB_BN:
      return "BN_";
    case ERR_LIB_RSA:
      return "RSA_";
    case ERR_LIB_DH:
      return "DH_";
    case ERR_LIB_EVP:
      return "EVP_";
    case ERR_LIB_PEM:
      return "PEM_";
    case ERR_LIB_DSA:
      return "DSA_";
    case ERR_LIB_X509:
      return "X509_";
    case ERR_LIB_ASN1:
      return "ASN1_";
    case ERR_LIB_CRYPTO:
      return "CRYPTO_";
    case ERR_LIB_EC:
      return "EC_";
    case ERR_LIB_PKCS12:
      return "PKCS12_";
    case ERR_LIB_RAND:
      return "RAND_";
    case ERR_LIB_OSSL_STORE:
      return "OSSL_STORE_";
    default:
      return "";
  }
}

void throw_with(const js::Arguments& arguments, unsigned long code, std::string_view message) {
  v8::Isolate* isolate = arguments.GetIsolate();
  v8::Local<v8::Context> context = isolate->GetCurrentContext();
  v8::Local<v8::Object> error = v8::Exception::Error(js::to_v8(isolate, message)).As<v8::Object>();
  const char* library = code == 0 ? nullptr : ERR_lib_error_string(code);
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  bool good =
      library == nullptr || set_value(context, error, "library", js::to_v8(isolate, library));
  if (reason != nullptr && good) {
    std::string name = "ERR_OSSL_" + std::string(code_prefix(ERR_GET_LIB(code))) + reason;
    for (char& letter : name) {
      letter =
          letter == ' ' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
    }
    good = set_value(context, error, "reason", js::to_v8(isolate, reason)) &&
           set_value(context, error, "code", js::to_v8(isolate, name));
  }
  if (good) isolate->ThrowException(error);
}

}  // namespace

Bytes bytes_at(const js::Arguments& arguments, int index) {
  return some_bytes_at(arguments, index).value_or(Bytes());
}

std::optional<Bytes> some_bytes_at(const js::Arguments& arguments, int index) {
  if (!arguments[index]->IsArrayBufferView()) return std::nullopt;
  return Bytes(*js::bytes_of(arguments[index]));
}

std::string text_at(const js::Arguments& arguments, int index) {
  return arguments[index]->IsString() ? js::to_utf8(arguments.GetIsolate(), arguments[index])
                                      : std::string();
}

int int_at(const js::Arguments& arguments, int index, int otherwise) {
  return arguments[index]->IsInt32() ? arguments[index].As<v8::Int32>()->Value() : otherwise;
}

bool is_given(const js::Arguments& arguments, int index) {
  return !arguments[index]->IsNullOrUndefined();
}

bool is_handle(v8::Local<v8::Value> value) { return value->IsArrayBuffer(); }

Bytes secret_at(const js::Arguments& arguments, int index) {
  if (is_handle(arguments[index])) {
    return webapi::key_argument(arguments, index).secret.view();
  }
  return bytes_at(arguments, index);
}

void use_old_algorithms() {
  // Loading one provider turns the automatic choice of the default one off.
  static const bool done = OSSL_PROVIDER_load(nullptr, "default") != nullptr &&
                           OSSL_PROVIDER_load(nullptr, "legacy") != nullptr;
  (void)done;
}

const EVP_MD* digest_at(const js::Arguments& arguments, int index) {
  use_old_algorithms();
  return EVP_get_digestbyname(text_at(arguments, index).c_str());
}

void throw_openssl(const js::Arguments& arguments, std::string_view message) {
  const unsigned long code = ERR_peek_last_error();
  if (code == 0) {
    throw_with(arguments, 0, message);
    return;
  }
  char text[256];
  ERR_error_string_n(code, text, sizeof(text));
  throw_with(arguments, code, text);
}

void throw_failure(const js::Arguments& arguments, std::string_view message) {
  throw_with(arguments, ERR_peek_last_error(), message);
}

}  // namespace atoll::nodeapi
