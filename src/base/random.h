// Randomness from the kernel, and the identifiers made of it.
#pragma once

#include <cstddef>
#include <string>

namespace atoll {

void fill_random(void* data, std::size_t size);

std::string random_hex(std::size_t bytes);  // two digits a byte
std::string random_uuid();                  // version 4, lower case with hyphens

}  // namespace atoll
