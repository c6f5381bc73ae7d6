#include "http/coding/coded_source.h"

namespace atoll::http {
namespace {

Error too_short(Coding coding) {
  return invalid_input(coding == Coding::Brotli ? "Brotli compressed stream ended prematurely."
                       : coding == Coding::Gzip ? "Gzip compressed stream ended prematurely."
                                                : "The compressed body ended prematurely.");
}

Error undecodable(Coding coding, Error error) {
  if (error.kind() != ErrorKind::InvalidInput) return error;
  return invalid_input(coding == Coding::Brotli ? "Brotli decompression failed."
                       : coding == Coding::Gzip ? "Gzip decompression failed."
                                                : error.message());
}

// Everything but what to do with input, which the two directions answer.
class CodedSource : public ByteSource {
 public:
  CodedSource(std::unique_ptr<ByteSource> inner, Coding coding,
              std::shared_ptr<js::MemoryAccount> account)
      : coding_(coding), account_(std::move(account)), inner_(std::move(inner)) {}

  void read(ReadDone done) override {
    reader_ = std::move(done);
    advance();
  }

 protected:
  // Turns some of input_ into output. Called with input, with input_ended_ set, or with
  // output_full_ set. May set complete_.
  virtual Result<void> work(std::string& output) = 0;
  // The inner source lets its reader wait; what can be given meanwhile is put into `output`.
  virtual Result<void> on_waiting(std::string& output) { return {}; }

  static std::size_t room(const std::string& output) { return kMaxPiece - output.size(); }

  const Coding coding_;
  const std::shared_ptr<js::MemoryAccount> account_;
  std::string input_;
  std::size_t at_ = 0;  // input_ is used up to here
  bool input_ended_ = false;
  bool output_full_ = false;  // the transcoder has more to give without input
  bool complete_ = false;

  std::string_view rest() const { return std::string_view(input_).substr(at_); }

 private:
  // A loop, because sources may answer inside read(). Output is gathered as long as there is input.
  void advance() {
    while (reader_) {
      bool is_enough = output_.size() >= kMaxPiece / 2;
      if (is_enough || (!output_.empty() && (failure_ || complete_))) return give_output();
      if (failure_) return give(fail(*std::exchange(failure_, std::nullopt)));
      if (complete_) return give(std::string());
      if (!rest().empty() || output_full_ || input_ended_) {
        note(work(output_));
        continue;
      }
      if (!asked_) ask();
      if (!asked_) continue;
      note(on_waiting(output_));
      waits_ = true;
      if (!output_.empty()) return give_output();
      if (!failure_) return;
    }
  }

  void ask() {
    asked_ = true;
    inner_->read([weak = std::weak_ptr(alive_), this](Result<std::string> chunk) {
      if (weak.expired()) return;
      asked_ = false;
      if (!chunk) {
        failure_ = std::move(chunk.error());
      } else if (chunk->empty()) {
        input_ended_ = true;
      } else {
        input_ = std::move(*chunk);
        at_ = 0;
      }
      if (waits_) {
        waits_ = false;
        advance();
      }
    });
  }

  void note(Result<void> result) {
    if (!result) failure_ = std::move(result.error());
  }

  void give_output() { give(std::exchange(output_, {})); }
  void give(Result<std::string> chunk) { std::exchange(reader_, nullptr)(std::move(chunk)); }

  std::unique_ptr<ByteSource> inner_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  bool asked_ = false;  // the inner source has not answered yet
  bool waits_ = false;  // its answer goes on with the work
  std::string output_;
  std::optional<Error> failure_;
  ReadDone reader_;
};

class DecodedSource final : public CodedSource {
 public:
  using CodedSource::CodedSource;

 protected:
  Result<void> work(std::string& output) override {
    if (!decoder_) {
      if (rest().empty()) {  // nothing at all, or nothing behind a whole member
        complete_ = true;
        return {};
      }
      decoder_ = TRY(make_decoder(coding_, account_));
    }
    if (input_ended_ && rest().empty() && !output_full_) return fail(too_short(coding_));
    auto step = decoder_->step(rest(), input_ended_ ? InputPiece::Last : InputPiece::More, output,
                               room(output));
    if (!step) return fail(undecodable(coding_, std::move(step.error())));
    at_ += step->consumed;
    output_full_ = step->output_full;
    if (step->ended) {
      decoder_.reset();
      if (coding_ != Coding::Gzip && !rest().empty()) {
        return fail(undecodable(coding_, invalid_input("Bytes follow the compressed body.")));
      }
    }
    return {};
  }

 private:
  std::unique_ptr<Transcoder> decoder_;
};

class EncodedSource final : public CodedSource {
 public:
  using CodedSource::CodedSource;

 protected:
  Result<void> work(std::string& output) override {
    return step(input_ended_ ? InputPiece::Last
                : flushing_  ? InputPiece::Flush
                             : InputPiece::More,
                output);
  }

  Result<void> on_waiting(std::string& output) override {
    if (!unflushed_) return {};
    flushing_ = true;
    return step(InputPiece::Flush, output);
  }

 private:
  Result<void> step(InputPiece piece, std::string& output) {
    if (!encoder_) encoder_ = TRY(make_encoder(coding_, std::nullopt, account_));
    unflushed_ = unflushed_ || !rest().empty();
    Transcoder::Step step = TRY(encoder_->step(rest(), piece, output, room(output)));
    at_ += step.consumed;
    output_full_ = step.output_full;
    complete_ = step.ended;
    if (piece != InputPiece::More && !output_full_) unflushed_ = flushing_ = false;
    return {};
  }

  std::unique_ptr<Transcoder> encoder_;
  bool unflushed_ = false;  // the encoder keeps input that has not come out
  bool flushing_ = false;
};

}  // namespace

std::unique_ptr<ByteSource> decode_source(std::unique_ptr<ByteSource> coded, Coding coding,
                                          std::shared_ptr<js::MemoryAccount> account) {
  return std::make_unique<DecodedSource>(std::move(coded), coding, std::move(account));
}

std::unique_ptr<ByteSource> encode_source(std::unique_ptr<ByteSource> plain, Coding coding,
                                          std::shared_ptr<js::MemoryAccount> account) {
  return std::make_unique<EncodedSource>(std::move(plain), coding, std::move(account));
}

}  // namespace atoll::http
