// Responses that scripts have put into caches, in the memory of one host: least recently used go
// first. Loop thread only.
#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "http/codec/header_block.h"

namespace atoll::bindings {

struct CachedResponse {
  int status = 200;
  std::string status_text;
  http::HeaderBlock headers;
  std::shared_ptr<const std::string> body;
  std::chrono::steady_clock::time_point stored_at;
  std::chrono::steady_clock::time_point stale_at;
};

class ResponseCache {
 public:
  // What all entries may take; one owner gets half of it, one body an eighth.
  explicit ResponseCache(std::size_t budget_bytes) : budget_(budget_bytes) {}

  std::size_t largest_body() const { return budget_ / 8; }

  // Replaces what is kept under that key. `owner`: who pays; a prefix of the key by convention.
  void put(std::string owner, std::string key, CachedResponse response);
  // The fresh one of that key, or null; valid until the next call.
  const CachedResponse* find(const std::string& key, std::chrono::steady_clock::time_point now);
  bool erase(const std::string& key);  // whether there was one

  std::size_t bytes() const { return bytes_; }

 private:
  struct Entry {
    std::string owner;
    std::string key;
    CachedResponse response;
    std::size_t bytes;
  };
  using Entries = std::list<Entry>;  // most recently used first

  void remove(Entries::iterator entry);
  void make_room(const std::string& owner, std::size_t bytes);

  std::size_t budget_;
  std::size_t bytes_ = 0;
  Entries entries_;
  std::unordered_map<std::string_view, Entries::iterator> by_key_;  // keys lie in the entries
  std::unordered_map<std::string, std::size_t> bytes_of_;           // by owner
};

}  // namespace atoll::bindings
