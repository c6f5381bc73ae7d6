// X.509 certificates.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "js/node_ncrypto.h"
#include "nodeapi/crypto/crypto_arguments.h"
#include "nodeapi/crypto/crypto_bindings.h"

namespace atoll::nodeapi {

using webapi::Bio;
using webapi::Certificate;

namespace {

constexpr unsigned long kNameFlags = ASN1_STRFLGS_ESC_2253 | ASN1_STRFLGS_ESC_CTRL |
                                     ASN1_STRFLGS_UTF8_CONVERT | XN_FLAG_SEP_MULTILINE |
                                     XN_FLAG_FN_SN;

struct X509Holder {
  Certificate certificate;
};

const X509* certificate_at(const js::Arguments& arguments, int index = 0) {
  return js::held<X509Holder>(arguments[index]).certificate.get();
}

Bio memory() { return Bio(BIO_new(BIO_s_mem())); }

void return_text(const js::Arguments& arguments, BIO* bio) {
  arguments.GetReturnValue().Set(js::to_v8(arguments.GetIsolate(), webapi::bio_text(bio)));
}

// (bytes, PEM or DER) → handle; undefined if they are no certificate
void certificate_new(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  const Bytes bytes = bytes_at(arguments, 0);
  Bio bio(BIO_new_mem_buf(webapi::start_of(bytes), static_cast<int>(bytes.size())));
  Certificate certificate(PEM_read_bio_X509_AUX(bio.get(), nullptr, nullptr, nullptr));
  if (certificate == nullptr) {
    const unsigned char* at = webapi::start_of(bytes);
    certificate.reset(d2i_X509(nullptr, &at, static_cast<long>(bytes.size())));
  }
  if (certificate == nullptr) return;
  auto holder = std::make_shared<X509Holder>();
  holder->certificate = std::move(certificate);
  return_held(arguments, std::move(holder), 6000 + 2 * bytes.size());
}

void print_name(const js::Arguments& arguments, const X509_NAME* name) {
  Bio bio = memory();
  if (X509_NAME_print_ex(bio.get(), name, 0, kNameFlags) > 0) return_text(arguments, bio.get());
}

void certificate_subject(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  print_name(arguments, X509_get_subject_name(certificate_at(arguments)));
}

void certificate_issuer(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  print_name(arguments, X509_get_issuer_name(certificate_at(arguments)));
}

using Print = bool (*)(const ncrypto::BIOPointer&, const X509_EXTENSION*);

// Undefined if the certificate has no such extension.
void print_extension(const js::Arguments& arguments, int nid, Print print) {
  webapi::OpensslScope scope;
  const X509* certificate = certificate_at(arguments);
  const int index = X509_get_ext_by_NID(certificate, nid, -1);
  if (index < 0) return;
  Bio bio = memory();
  if (print(ncrypto::BIOPointer(bio.get()), X509_get_ext(certificate, index))) {
    return_text(arguments, bio.get());
  }
}

void certificate_alternative_names(const js::Arguments& arguments) {
  print_extension(arguments, NID_subject_alt_name, ncrypto::SafeX509SubjectAltNamePrint);
}

void certificate_access(const js::Arguments& arguments) {
  print_extension(arguments, NID_info_access, ncrypto::SafeX509InfoAccessPrint);
}

// (handle, is the end) → [text, seconds since 1970]
void certificate_time(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  v8::Isolate* isolate = arguments.GetIsolate();
  const X509* certificate = certificate_at(arguments);
  const ASN1_TIME* time =
      arguments[1]->IsTrue() ? X509_get0_notAfter(certificate) : X509_get0_notBefore(certificate);
  Bio bio = memory();
  ASN1_TIME_print(bio.get(), time);
  tm parts{};
  ASN1_TIME_to_tm(time, &parts);
  v8::Local<v8::Value> values[] = {js::to_v8(isolate, webapi::bio_text(bio.get())),
                                   v8::Number::New(isolate, static_cast<double>(timegm(&parts)))};
  arguments.GetReturnValue().Set(v8::Array::New(isolate, values, std::size(values)));
}

// (handle, digest) → the sum in pairs of digits with colons between
void certificate_fingerprint(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  const EVP_MD* digest = digest_at(arguments, 1);
  unsigned char sum[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (digest == nullptr || X509_digest(certificate_at(arguments), digest, sum, &size) != 1) return;
  std::string text;
  for (unsigned int i = 0; i < size; ++i) {
    if (i > 0) text += ':';
    text += "0123456789ABCDEF"[sum[i] >> 4];
    text += "0123456789ABCDEF"[sum[i] & 15];
  }
  arguments.GetReturnValue().Set(js::to_v8(arguments.GetIsolate(), text));
}

std::string oid_text(const ASN1_OBJECT* object) {
  char text[256];
  OBJ_obj2txt(text, sizeof(text), object, 1);
  return text;
}

// → array of OIDs; undefined if the certificate has none
void certificate_key_usage(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  v8::Isolate* isolate = arguments.GetIsolate();
  auto* usages = static_cast<EXTENDED_KEY_USAGE*>(
      X509_get_ext_d2i(certificate_at(arguments), NID_ext_key_usage, nullptr, nullptr));
  if (usages == nullptr) return;
  std::vector<v8::Local<v8::Value>> values;
  for (int i = 0; i < sk_ASN1_OBJECT_num(usages); ++i) {
    values.push_back(js::to_v8(isolate, oid_text(sk_ASN1_OBJECT_value(usages, i))));
  }
  sk_ASN1_OBJECT_pop_free(usages, ASN1_OBJECT_free);
  arguments.GetReturnValue().Set(v8::Array::New(isolate, values.data(), values.size()));
}

void certificate_serial(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  webapi::Number number(
      ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate_at(arguments)), nullptr));
  char* text = number == nullptr ? nullptr : BN_bn2hex(number.get());
  if (text == nullptr) return;
  arguments.GetReturnValue().Set(js::to_v8(arguments.GetIsolate(), text));
  OPENSSL_free(text);
}

// → [name, OID]
void certificate_algorithm(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  v8::Isolate* isolate = arguments.GetIsolate();
  const X509_ALGOR* algorithm = nullptr;
  X509_get0_signature(nullptr, &algorithm, certificate_at(arguments));
  const ASN1_OBJECT* object = nullptr;
  X509_ALGOR_get0(&object, nullptr, nullptr, algorithm);
  const int nid = OBJ_obj2nid(object);
  v8::Local<v8::Value> values[] = {nid == NID_undef
                                       ? v8::Undefined(isolate).As<v8::Value>()
                                       : js::to_v8(isolate, OBJ_nid2ln(nid)).As<v8::Value>(),
                                   js::to_v8(isolate, oid_text(object))};
  arguments.GetReturnValue().Set(v8::Array::New(isolate, values, std::size(values)));
}

void certificate_raw(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  webapi::return_text_bytes(arguments, webapi::der_of(i2d_X509, certificate_at(arguments)));
}

void certificate_pem(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  Bio bio = memory();
  if (PEM_write_bio_X509(bio.get(), certificate_at(arguments)) == 1) {
    return_text(arguments, bio.get());
  }
}

void certificate_public_key(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  auto key =
      webapi::make_key(webapi::Key::Kind::Public,
                       webapi::Pkey(X509_get_pubkey(const_cast<X509*>(certificate_at(arguments)))));
  if (key == nullptr) {
    throw_openssl(arguments, "Failed to read the public key");
    return;
  }
  webapi::return_key(arguments, std::move(key));
}

void certificate_is_authority(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  arguments.GetReturnValue().Set(X509_check_ca(const_cast<X509*>(certificate_at(arguments))) == 1);
}

// (handle, kind 0 host 1 email 2 address, name, flags) → what matches; undefined if nothing does
void certificate_check(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  v8::Isolate* isolate = arguments.GetIsolate();
  auto* certificate = const_cast<X509*>(certificate_at(arguments));
  const std::string name = text_at(arguments, 2);
  const auto flags = static_cast<unsigned int>(int_at(arguments, 3, 0));
  int answer = 0;
  std::string matched = name;
  switch (int_at(arguments, 1, 0)) {
    case 0: {
      char* peer = nullptr;
      answer = X509_check_host(certificate, name.data(), name.size(), flags, &peer);
      if (peer != nullptr) matched = peer;
      OPENSSL_free(peer);
      break;
    }
    case 1:
      answer = X509_check_email(certificate, name.data(), name.size(), flags);
      break;
    default:
      answer = X509_check_ip_asc(certificate, name.c_str(), flags);
      break;
  }
  if (answer == -2) {
    throw_coded(isolate, ErrorClass::TypeError, "ERR_INVALID_ARG_VALUE", "Invalid name");
  } else if (answer == 1) {
    arguments.GetReturnValue().Set(js::to_v8(isolate, matched));
  }
}

// (handle, handle of the issuer's certificate) → boolean
void certificate_issued_by(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  arguments.GetReturnValue().Set(X509_check_issued(const_cast<X509*>(certificate_at(arguments, 1)),
                                                   const_cast<X509*>(certificate_at(arguments))) ==
                                 X509_V_OK);
}

// (handle, private key) → whether they belong together
void certificate_check_key(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  arguments.GetReturnValue().Set(
      X509_check_private_key(certificate_at(arguments),
                             webapi::key_argument(arguments, 1).pkey.get()) == 1);
}

// (handle, public key) → whether the key has signed the certificate
void certificate_verify(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  arguments.GetReturnValue().Set(X509_verify(const_cast<X509*>(certificate_at(arguments)),
                                             webapi::key_argument(arguments, 1).pkey.get()) == 1);
}

// (handle, is issuer) → [short name of an attribute, value, …]
void certificate_name_parts(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  v8::Isolate* isolate = arguments.GetIsolate();
  const X509* certificate = certificate_at(arguments);
  const X509_NAME* name = arguments[1]->IsTrue() ? X509_get_issuer_name(certificate)
                                                 : X509_get_subject_name(certificate);
  std::vector<v8::Local<v8::Value>> values;
  for (int i = 0; i < X509_NAME_entry_count(name); ++i) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, i);
    const ASN1_OBJECT* object = X509_NAME_ENTRY_get_object(entry);
    const int nid = OBJ_obj2nid(object);
    unsigned char* text = nullptr;
    const int size = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(entry));
    if (size < 0) continue;
    values.push_back(js::to_v8(isolate, nid == NID_undef ? oid_text(object) : OBJ_nid2sn(nid)));
    values.push_back(
        js::to_v8(isolate, {reinterpret_cast<char*>(text), static_cast<std::size_t>(size)}));
    OPENSSL_free(text);
  }
  arguments.GetReturnValue().Set(v8::Array::New(isolate, values.data(), values.size()));
}

constexpr js::NativeFunction kFunctions[] = {
    {"certificateNew", certificate_new},
    {"certificateSubject", certificate_subject},
    {"certificateIssuer", certificate_issuer},
    {"certificateAlternativeNames", certificate_alternative_names},
    {"certificateAccess", certificate_access},
    {"certificateTime", certificate_time},
    {"certificateFingerprint", certificate_fingerprint},
    {"certificateKeyUsage", certificate_key_usage},
    {"certificateSerial", certificate_serial},
    {"certificateAlgorithm", certificate_algorithm},
    {"certificateRaw", certificate_raw},
    {"certificatePem", certificate_pem},
    {"certificatePublicKey", certificate_public_key},
    {"certificateIsAuthority", certificate_is_authority},
    {"certificateCheck", certificate_check},
    {"certificateIssuedBy", certificate_issued_by},
    {"certificateCheckKey", certificate_check_key},
    {"certificateVerify", certificate_verify},
    {"certificateNameParts", certificate_name_parts},
};

}  // namespace

const Binding kCryptoCertificateBinding{"crypto_certificate", kFunctions};

}  // namespace atoll::nodeapi
