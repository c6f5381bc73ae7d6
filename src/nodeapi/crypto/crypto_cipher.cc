// Streaming ciphers, and RSA encryption.
#include <openssl/rsa.h>

#include <climits>

#include "nodeapi/crypto/crypto_arguments.h"
#include "nodeapi/crypto/crypto_bindings.h"

namespace atoll::nodeapi {
namespace {

constexpr std::size_t kContextCost = 1000;
constexpr int kNoTag = -1;
constexpr std::size_t kMostTagBytes = 16;

struct CipherStream {
  webapi::CipherState context{EVP_CIPHER_CTX_new()};
  bool encrypts = true;
  bool finished = false;
  bool authenticated = false;  // GCM and its like
  bool whole = false;          // CCM: the whole message in one update
  bool tag_is_set = false;     // the expected one, when decrypting
  bool failed = false;         // CCM found a wrong tag
  int tag_bytes = kNoTag;
  unsigned char tag[kMostTagBytes] = {};
};

CipherStream& stream_at(const js::Arguments& arguments) {
  return js::held<CipherStream>(arguments[0]);
}

bool is_gcm_tag(int bytes) { return bytes == 4 || bytes == 8 || (bytes >= 12 && bytes <= 16); }

void throw_plain(const js::Arguments& arguments, ErrorClass kind, std::string_view code,
                 std::string_view message) {
  throw_coded(arguments.GetIsolate(), kind, code, message);
}

// Sets the lengths that come before the key. False, with an exception pending, if they are wrong.
bool prepare(const js::Arguments& arguments, CipherStream& stream, const EVP_CIPHER* cipher,
             std::size_t iv_bytes, int tag_bytes) {
  EVP_CIPHER_CTX* context = stream.context.get();
  const int mode = EVP_CIPHER_get_mode(cipher);
  stream.authenticated = (EVP_CIPHER_get_flags(cipher) & EVP_CIPH_FLAG_AEAD_CIPHER) != 0;
  stream.whole = mode == EVP_CIPH_CCM_MODE;
  if (!stream.authenticated) return true;
  if (EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, static_cast<int>(iv_bytes), nullptr) !=
      1) {
    throw_plain(arguments, ErrorClass::TypeError, "ERR_CRYPTO_INVALID_IV",
                "Invalid initialization vector");
    return false;
  }
  const bool has_fixed_tag = mode == EVP_CIPH_CCM_MODE || mode == EVP_CIPH_OCB_MODE;
  if (tag_bytes == kNoTag) {
    if (!has_fixed_tag) return true;
    throw_plain(arguments, ErrorClass::TypeError, "ERR_CRYPTO_INVALID_AUTH_TAG",
                "authTagLength required for " + text_at(arguments, 1));
    return false;
  }
  bool good = tag_bytes > 0 && tag_bytes <= static_cast<int>(kMostTagBytes);
  if (mode == EVP_CIPH_GCM_MODE) good = is_gcm_tag(tag_bytes);
  if (good && has_fixed_tag) {
    good = EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, tag_bytes, nullptr) == 1;
  }
  if (!good) {
    throw_plain(arguments, ErrorClass::TypeError, "ERR_CRYPTO_INVALID_AUTH_TAG",
                "Invalid authentication tag length: " + std::to_string(tag_bytes));
    return false;
  }
  stream.tag_bytes = tag_bytes;
  return true;
}

// (encrypt, name, key, iv or null, bytes of the tag or -1) → handle
void cipher_new(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  use_old_algorithms();
  const EVP_CIPHER* cipher = EVP_get_cipherbyname(text_at(arguments, 1).c_str());
  if (cipher == nullptr) {
    throw_plain(arguments, ErrorClass::Error, "ERR_CRYPTO_UNKNOWN_CIPHER", "Unknown cipher");
    return;
  }
  const Bytes key = secret_at(arguments, 2);
  const auto iv = some_bytes_at(arguments, 3);
  const int expected_iv = EVP_CIPHER_get_iv_length(cipher);
  const bool authenticated = (EVP_CIPHER_get_flags(cipher) & EVP_CIPH_FLAG_AEAD_CIPHER) != 0;
  if ((!iv && expected_iv != 0) || (iv && iv->empty() && authenticated) ||
      (iv && !authenticated && static_cast<int>(iv->size()) != expected_iv) ||
      (iv && EVP_CIPHER_is_a(cipher, "ChaCha20-Poly1305") == 1 && iv->size() > 12)) {
    throw_plain(arguments, ErrorClass::TypeError, "ERR_CRYPTO_INVALID_IV",
                "Invalid initialization vector");
    return;
  }
  auto stream = std::make_shared<CipherStream>();
  stream->encrypts = arguments[0]->IsTrue();
  EVP_CIPHER_CTX* context = stream->context.get();
  const int encrypt = stream->encrypts ? 1 : 0;
  if (EVP_CIPHER_get_mode(cipher) == EVP_CIPH_WRAP_MODE) {
    EVP_CIPHER_CTX_set_flags(context, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
  }
  if (EVP_CipherInit_ex(context, cipher, nullptr, nullptr, nullptr, encrypt) != 1) {
    throw_openssl(arguments, "Failed to initialize cipher");
    return;
  }
  if (!prepare(arguments, *stream, cipher, iv ? iv->size() : 0, int_at(arguments, 4, kNoTag))) {
    return;
  }
  if (EVP_CIPHER_CTX_set_key_length(context, static_cast<int>(key.size())) != 1) {
    throw_plain(arguments, ErrorClass::RangeError, "ERR_CRYPTO_INVALID_KEYLEN",
                "Invalid key length");
    return;
  }
  if (EVP_CipherInit_ex(context, nullptr, nullptr, webapi::start_of(key),
                        iv ? webapi::start_of(*iv) : nullptr, encrypt) != 1) {
    throw_openssl(arguments, "Failed to initialize cipher");
    return;
  }
  return_held(arguments, std::move(stream), kContextCost);
}

// Gives OpenSSL the expected tag, when it has not got it yet.
bool pass_tag(CipherStream& stream) {
  if (stream.encrypts || !stream.authenticated || !stream.tag_is_set) return true;
  stream.tag_is_set = false;
  return EVP_CIPHER_CTX_ctrl(stream.context.get(), EVP_CTRL_AEAD_SET_TAG, stream.tag_bytes,
                             stream.tag) == 1;
}

void cipher_update(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  CipherStream& stream = stream_at(arguments);
  const Bytes data = bytes_at(arguments, 1);
  if (stream.finished || data.size() > INT_MAX - 64) {
    throw_plain(arguments, ErrorClass::Error, "ERR_CRYPTO_INVALID_STATE", "Unsupported state");
    return;
  }
  if (stream.whole && !stream.encrypts && !pass_tag(stream)) {
    throw_openssl(arguments, "Trying to add data in unsupported state");
    return;
  }
  EVP_CIPHER_CTX* context = stream.context.get();
  webapi::Secret result(data.size() + 2 * EVP_MAX_BLOCK_LENGTH);
  int written = 0;
  const int done = EVP_CipherUpdate(context, result.data(), &written, webapi::start_of(data),
                                    static_cast<int>(data.size()));
  if (done != 1) {
    if (stream.whole && !stream.encrypts) {
      stream.failed = true;  // final() says so
      written = 0;
    } else {
      throw_openssl(arguments, "Trying to add data in unsupported state");
      return;
    }
  }
  webapi::return_bytes(arguments, result.view().first(static_cast<std::size_t>(written)));
}

void cipher_final(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  CipherStream& stream = stream_at(arguments);
  if (stream.finished) {
    throw_plain(arguments, ErrorClass::Error, "ERR_CRYPTO_INVALID_STATE", "Unsupported state");
    return;
  }
  constexpr std::string_view kCannot = "Unsupported state or unable to authenticate data";
  EVP_CIPHER_CTX* context = stream.context.get();
  unsigned char block[EVP_MAX_BLOCK_LENGTH];
  int written = 0;
  bool good = !stream.failed && pass_tag(stream);
  if (good && !(stream.whole && !stream.encrypts)) {
    good = EVP_CipherFinal_ex(context, block, &written) == 1;
  }
  if (good && stream.encrypts && stream.authenticated) {
    if (stream.tag_bytes == kNoTag) stream.tag_bytes = kMostTagBytes;
    good = EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, stream.tag_bytes, stream.tag) == 1;
  }
  stream.finished = true;
  if (!good) {
    if (stream.authenticated) {
      throw_failure(arguments, kCannot);
    } else {
      throw_openssl(arguments, "Unsupported state");
    }
    return;
  }
  webapi::return_bytes(arguments, Bytes(block, static_cast<std::size_t>(written)));
  OPENSSL_cleanse(block, sizeof(block));
}

// (handle, bytes, length of the plain text or -1) → whether it was possible
void cipher_set_aad(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  CipherStream& stream = stream_at(arguments);
  const Bytes data = bytes_at(arguments, 1);
  if (stream.finished || !stream.authenticated) {
    arguments.GetReturnValue().Set(false);
    return;
  }
  EVP_CIPHER_CTX* context = stream.context.get();
  int written = 0;
  if (stream.whole) {
    const int length = int_at(arguments, 2, -1);
    if (length < 0) {
      throw_plain(arguments, ErrorClass::Error, "ERR_MISSING_ARGS",
                  "options.plaintextLength required for CCM mode with AAD");
      return;
    }
    if (!pass_tag(stream) || EVP_CipherUpdate(context, nullptr, &written, nullptr, length) != 1) {
      arguments.GetReturnValue().Set(false);
      return;
    }
  }
  arguments.GetReturnValue().Set(EVP_CipherUpdate(context, nullptr, &written,
                                                  webapi::start_of(data),
                                                  static_cast<int>(data.size())) == 1);
}

void cipher_set_tag(const js::Arguments& arguments) {
  CipherStream& stream = stream_at(arguments);
  const Bytes tag = bytes_at(arguments, 1);
  if (stream.finished || !stream.authenticated || stream.encrypts || stream.tag_is_set) {
    arguments.GetReturnValue().Set(false);
    return;
  }
  const int size = static_cast<int>(std::min(tag.size(), kMostTagBytes + 1));
  const bool gcm = EVP_CIPHER_CTX_get_mode(stream.context.get()) == EVP_CIPH_GCM_MODE;
  const bool good =
      gcm ? is_gcm_tag(size) && (stream.tag_bytes == kNoTag || stream.tag_bytes == size)
          : size > 0 && size <= static_cast<int>(kMostTagBytes) &&
                (stream.tag_bytes == kNoTag || stream.tag_bytes == size);
  if (!good) {
    throw_plain(arguments, ErrorClass::TypeError, "ERR_CRYPTO_INVALID_AUTH_TAG",
                "Invalid authentication tag length: " + std::to_string(tag.size()));
    return;
  }
  stream.tag_bytes = size;
  stream.tag_is_set = true;
  std::copy(tag.begin(), tag.end(), stream.tag);
  arguments.GetReturnValue().Set(true);
}

// The tag; undefined before final() and for other ciphers.
void cipher_tag(const js::Arguments& arguments) {
  const CipherStream& stream = stream_at(arguments);
  if (!stream.finished || !stream.encrypts || !stream.authenticated || stream.tag_bytes < 0) return;
  webapi::return_bytes(arguments, Bytes(stream.tag, static_cast<std::size_t>(stream.tag_bytes)));
}

void cipher_set_padding(const js::Arguments& arguments) {
  CipherStream& stream = stream_at(arguments);
  arguments.GetReturnValue().Set(
      !stream.finished &&
      EVP_CIPHER_CTX_set_padding(stream.context.get(), arguments[1]->IsTrue() ? 1 : 0) == 1);
}

const char* mode_name(int mode) {
  switch (mode) {
    case EVP_CIPH_CBC_MODE:
      return "cbc";
    case EVP_CIPH_CCM_MODE:
      return "ccm";
    case EVP_CIPH_CFB_MODE:
      return "cfb";
    case EVP_CIPH_CTR_MODE:
      return "ctr";
    case EVP_CIPH_ECB_MODE:
      return "ecb";
    case EVP_CIPH_GCM_MODE:
      return "gcm";
    case EVP_CIPH_OCB_MODE:
      return "ocb";
    case EVP_CIPH_OFB_MODE:
      return "ofb";
    case EVP_CIPH_WRAP_MODE:
      return "wrap";
    case EVP_CIPH_XTS_MODE:
      return "xts";
    case EVP_CIPH_SIV_MODE:
      return "siv";
    case EVP_CIPH_GCM_SIV_MODE:
      return "gcm-siv";
    default:
      return "stream";
  }
}

// (name or NID, key length or -1, iv length or -1) → [name, nid, mode, blockSize, ivLength,
// keyLength], absent ones 0; undefined if there is no such cipher or it does not take such lengths.
void cipher_info(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  v8::Isolate* isolate = arguments.GetIsolate();
  const EVP_CIPHER* cipher = arguments[0]->IsInt32()
                                 ? EVP_get_cipherbynid(int_at(arguments, 0, 0))
                                 : EVP_get_cipherbyname(text_at(arguments, 0).c_str());
  if (cipher == nullptr) return;
  const int mode = EVP_CIPHER_get_mode(cipher);
  int key_length = EVP_CIPHER_get_key_length(cipher);
  int iv_length = EVP_CIPHER_get_iv_length(cipher);
  const int asked_key = int_at(arguments, 1, -1);
  const int asked_iv = int_at(arguments, 2, -1);
  if (asked_key >= 0 || asked_iv >= 0) {
    webapi::CipherState context(EVP_CIPHER_CTX_new());
    if (EVP_CipherInit_ex(context.get(), cipher, nullptr, nullptr, nullptr, 1) != 1) return;
    if (asked_key >= 0) {
      if (EVP_CIPHER_CTX_set_key_length(context.get(), asked_key) != 1) return;
      key_length = asked_key;
    }
    if (asked_iv >= 0) {
      const bool authenticated = (EVP_CIPHER_get_flags(cipher) & EVP_CIPH_FLAG_AEAD_CIPHER) != 0;
      if (authenticated) {
        if (EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_IVLEN, asked_iv, nullptr) != 1) {
          return;
        }
      } else if (asked_iv != iv_length) {
        return;
      }
      iv_length = asked_iv;
    }
  }
  std::string name = OBJ_nid2sn(EVP_CIPHER_get_nid(cipher));
  for (char& letter : name) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter + ('a' - 'A'));
  }
  const char* mode_text = mode_name(mode);
  v8::Local<v8::Value> values[] = {
      js::to_v8(isolate, name),
      v8::Integer::New(isolate, EVP_CIPHER_get_nid(cipher)),
      mode_text == nullptr ? v8::Undefined(isolate).As<v8::Value>()
                           : js::to_v8(isolate, mode_text).As<v8::Value>(),
      v8::Integer::New(isolate,
                       mode == EVP_CIPH_STREAM_CIPHER ? 0 : EVP_CIPHER_get_block_size(cipher)),
      v8::Integer::New(isolate, iv_length),
      v8::Integer::New(isolate, key_length)};
  arguments.GetReturnValue().Set(v8::Array::New(isolate, values, std::size(values)));
}

void cipher_names(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  struct List {
    v8::Isolate* isolate;
    std::vector<v8::Local<v8::Value>> names;
  } list{arguments.GetIsolate(), {}};
  EVP_CIPHER_do_all_sorted(
      [](const EVP_CIPHER* cipher, const char* from, const char*, void* to) {
        if (cipher == nullptr || from == nullptr || EVP_get_cipherbyname(from) == nullptr) return;
        auto* into = static_cast<List*>(to);
        into->names.push_back(js::to_v8(into->isolate, from));
      },
      &list);
  arguments.GetReturnValue().Set(
      v8::Array::New(list.isolate, list.names.data(), list.names.size()));
}

using Init = int (*)(EVP_PKEY_CTX*);
using Run = int (*)(EVP_PKEY_CTX*, unsigned char*, std::size_t*, const unsigned char*, std::size_t);
struct RsaOperation {
  Init init;
  Run run;
};
// 0 public encrypt, 1 private decrypt, 2 private encrypt, 3 public decrypt
constexpr RsaOperation kRsaOperations[] = {
    {EVP_PKEY_encrypt_init, EVP_PKEY_encrypt},
    {EVP_PKEY_decrypt_init, EVP_PKEY_decrypt},
    {EVP_PKEY_sign_init, EVP_PKEY_sign},
    {EVP_PKEY_verify_recover_init, EVP_PKEY_verify_recover},
};

// (operation, key, data, padding, digest or undefined, label or undefined, MGF1 digest or
// undefined) → ArrayBuffer
void rsa_cipher(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  const int number = int_at(arguments, 0, -1);
  if (number < 0 || number > 3 || !is_handle(arguments[1])) return;
  const RsaOperation& operation = kRsaOperations[number];
  const webapi::Key& key = webapi::key_argument(arguments, 1);
  if (key.pkey == nullptr) return;
  webapi::PkeyOperation context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.pkey.get(), nullptr));
  const int padding = int_at(arguments, 3, RSA_PKCS1_PADDING);
  if (context == nullptr || operation.init(context.get()) <= 0 ||
      EVP_PKEY_CTX_set_rsa_padding(context.get(), padding) <= 0) {
    throw_openssl(arguments, "Failed to set RSA padding");
    return;
  }
  const bool oaep = padding == RSA_PKCS1_OAEP_PADDING && number < 2;
  if (oaep && (is_given(arguments, 4) || is_given(arguments, 6))) {
    const EVP_MD* digest = is_given(arguments, 4) ? digest_at(arguments, 4) : nullptr;
    const EVP_MD* mask = is_given(arguments, 6) ? digest_at(arguments, 6) : digest;
    if ((is_given(arguments, 4) && digest == nullptr) || mask == nullptr) {
      throw_coded(arguments.GetIsolate(), ErrorClass::Error, "ERR_OSSL_EVP_INVALID_DIGEST",
                  "Invalid digest: " + text_at(arguments, is_given(arguments, 4) ? 4 : 6));
      return;
    }
    if ((digest != nullptr && EVP_PKEY_CTX_set_rsa_oaep_md(context.get(), digest) <= 0) ||
        EVP_PKEY_CTX_set_rsa_mgf1_md(context.get(), mask) <= 0) {
      throw_openssl(arguments, "Failed to set the OAEP digest");
      return;
    }
  }
  if (auto label = some_bytes_at(arguments, 5); label && !label->empty() && number < 2) {
    if (!oaep) {
      throw_coded(arguments.GetIsolate(), ErrorClass::Error, "ERR_CRYPTO_OPERATION_FAILED",
                  "Failed to set the OAEP label");
      return;
    }
    void* copy = OPENSSL_memdup(label->data(), label->size());
    if (EVP_PKEY_CTX_set0_rsa_oaep_label(context.get(), copy, static_cast<int>(label->size())) <=
        0) {
      OPENSSL_free(copy);
      throw_failure(arguments, "Failed to set the OAEP label");
      return;
    }
  }
  const Bytes data = bytes_at(arguments, 2);
  std::size_t size = 0;
  if (operation.run(context.get(), nullptr, &size, webapi::start_of(data), data.size()) <= 0) {
    throw_openssl(arguments, "RSA operation failed");
    return;
  }
  webapi::Secret result(size);
  if (operation.run(context.get(), result.data(), &size, webapi::start_of(data), data.size()) <=
      0) {
    throw_openssl(arguments, "RSA operation failed");
    return;
  }
  webapi::return_bytes(arguments, result.view().first(size));
}

constexpr js::NativeFunction kFunctions[] = {
    {"cipherNew", cipher_new},
    {"cipherUpdate", cipher_update},
    {"cipherFinal", cipher_final},
    {"cipherSetAad", cipher_set_aad},
    {"cipherSetTag", cipher_set_tag},
    {"cipherTag", cipher_tag},
    {"cipherSetPadding", cipher_set_padding},
    {"cipherInfo", cipher_info},
    {"cipherNames", cipher_names},
    {"rsaCipher", rsa_cipher},
};

}  // namespace

const Binding kCryptoCipherBinding{"crypto_cipher", kFunctions};

}  // namespace atoll::nodeapi
