// The functions of Node's ncrypto that Atoll uses, as the Node binary exports them; no header ships
// with it. https://github.com/nodejs/ncrypto documents them.
#pragma once

#include <openssl/bio.h>
#include <openssl/x509.h>

namespace ncrypto {

// One pointer, as far as a function that only reads it can tell.
class BIOPointer {
 public:
  explicit BIOPointer(BIO* bio) : bio_(bio) {}

 private:
  [[maybe_unused]] BIO* bio_;
};

// Write the extension in a form that a name inside of it cannot forge: values with commas or quotes
// are JSON strings.
bool SafeX509SubjectAltNamePrint(const BIOPointer& out, const X509_EXTENSION* extension);
bool SafeX509InfoAccessPrint(const BIOPointer& out, const X509_EXTENSION* extension);

}  // namespace ncrypto
