// ada's C interface for WHATWG URLs, as the Node binary exports it. No header ships with the
// binary, so the few functions that url/ uses are declared here; https://github.com/ada-url/ada
// documents them. Inputs need not end in NUL.
#pragma once

#include <cstddef>
#include <cstdint>

extern "C" {

// Borrowed from the URL; valid until it changes or is freed.
struct ada_string {
  const char* data;
  std::size_t length;
};

// Offsets into the serialised URL. An absent part is 0xffffffff.
struct ada_url_components {
  std::uint32_t protocol_end;
  std::uint32_t username_end;
  std::uint32_t host_start;
  std::uint32_t host_end;
  std::uint32_t port;
  std::uint32_t pathname_start;
  std::uint32_t search_start;
  std::uint32_t hash_start;
};

using ada_url = void*;

// The result is never null and must be freed; ask ada_is_valid() whether parsing succeeded.
ada_url ada_parse(const char* input, std::size_t length);
ada_url ada_parse_with_base(const char* input, std::size_t input_length, const char* base,
                            std::size_t base_length);
void ada_free(ada_url);
bool ada_is_valid(ada_url);
bool ada_can_parse(const char* input, std::size_t length);
bool ada_can_parse_with_base(const char* input, std::size_t input_length, const char* base,
                             std::size_t base_length);

ada_string ada_get_href(ada_url);
const ada_url_components* ada_get_components(ada_url);

// False: the value was refused and the URL is unchanged.
bool ada_set_href(ada_url, const char* input, std::size_t length);
bool ada_set_protocol(ada_url, const char* input, std::size_t length);
bool ada_set_username(ada_url, const char* input, std::size_t length);
bool ada_set_password(ada_url, const char* input, std::size_t length);
bool ada_set_host(ada_url, const char* input, std::size_t length);
bool ada_set_hostname(ada_url, const char* input, std::size_t length);
bool ada_set_port(ada_url, const char* input, std::size_t length);
bool ada_set_pathname(ada_url, const char* input, std::size_t length);
void ada_set_search(ada_url, const char* input, std::size_t length);
void ada_set_hash(ada_url, const char* input, std::size_t length);

}  // extern "C"
