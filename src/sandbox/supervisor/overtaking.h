// Tells a read that a change happened while it was under way, so that what it found must not be
// remembered: the message about the change may have gone out before the answer.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace atoll::sandbox {

class Overtaking {
 public:
  class Read {
   public:
    // `subject`: a script key or KV namespace. `keys`: within it; empty means all.
    Read(Overtaking& reads, std::string subject, std::vector<std::string> keys = {})
        : reads_(reads), keys_(std::move(keys)) {
      place_ = reads_.under_way_.emplace(std::move(subject), this);
    }
    ~Read() { reads_.under_way_.erase(place_); }
    Read(const Read&) = delete;

    bool overtaken() const { return overtaken_; }

   private:
    friend class Overtaking;
    Overtaking& reads_;
    std::vector<std::string> keys_;
    std::multimap<std::string, Read*>::iterator place_;
    bool overtaken_ = false;
  };

  // Empty `keys`: everything of the subject.
  void changed(const std::string& subject, const std::vector<std::string>& keys = {}) {
    auto [from, to] = under_way_.equal_range(subject);
    for (; from != to; ++from) {
      Read& read = *from->second;
      bool touched = keys.empty() || read.keys_.empty() ||
                     std::ranges::find_first_of(keys, read.keys_) != keys.end();
      read.overtaken_ = read.overtaken_ || touched;
    }
  }

  // Every subject that begins so.
  void changed_below(const std::string& prefix) {
    for (auto at = under_way_.lower_bound(prefix);
         at != under_way_.end() && at->first.starts_with(prefix); ++at) {
      at->second->overtaken_ = true;
    }
  }

 private:
  std::multimap<std::string, Read*> under_way_;
};

}  // namespace atoll::sandbox
