// https://urlpattern.spec.whatwg.org/#constructor-string-parsing: a pattern in the form of a URL, cut into components.
import { StringPrototypeSlice } from '../internal/primordials.js';
import { isolate } from '../internal/isolate.js';
import { canonicalProtocol } from './canonicalize.js';
import { Component, matchesSpecialScheme } from './component.js';
import {
  kAsterisk, kChar, kClose, kEnd, kEscapedChar, kInvalidChar, kName, kOpen, kRegExp, tokenize,
} from './tokens.js';

const kInit = 0, kProtocol = 1, kAuthority = 2, kUsername = 3, kPassword = 4, kHostname = 5, kPort = 6, kPathname = 7,
    kSearch = 8, kHash = 9, kDone = 10;

const kNames = [
  undefined, 'protocol', undefined, 'username', 'password', 'hostname', 'port', 'pathname', 'search', 'hash',
];

export const kDefaultOptions = {__proto__: null, delimiter: '', prefix: '', ignoresCase: false};

class ConstructorStringParser {
  static {
    isolate(this);
  }

  constructor(input) {
    this.input = input;
    this.tokens = tokenize(input, true);
    this.result = {__proto__: null};
    this.start = 0;      // the token with which the component begins
    this.index = 0;
    this.increment = 1;
    this.groupDepth = 0;
    this.bracketDepth = 0;
    this.isSpecial = false;
    this.state = kInit;
  }

  parse() {
    for (; this.index < this.tokens.length; this.index += this.increment) {
      this.increment = 1;
      const {type} = this.tokens[this.index];
      if (type === kEnd) {
        if (this.state === kInit) {
          this.rewind();
          if (this.isAt('#')) this.changeState(kHash, 1);
          else if (this.isSearchPrefix()) this.changeState(kSearch, 1);
          else this.changeState(kPathname, 0);
          continue;
        }
        if (this.state === kAuthority) {
          this.rewindTo(kHostname);
          continue;
        }
        this.changeState(kDone, 0);
        break;
      }
      if (type === kOpen) {
        this.groupDepth++;
        continue;
      }
      if (this.groupDepth > 0) {
        if (type !== kClose) continue;
        this.groupDepth--;
      }
      this.step();
    }
    if ('hostname' in this.result && !('port' in this.result)) this.result.port = '';
    return this.result;
  }

  step() {
    switch (this.state) {
      case kInit:
        if (this.isAt(':')) this.rewindTo(kProtocol);
        break;
      case kProtocol:
        if (!this.isAt(':')) break;
        this.isSpecial = matchesSpecialScheme(new Component(this.component(), kDefaultOptions, canonicalProtocol));
        if (this.isChar(this.index + 1, '/') && this.isChar(this.index + 2, '/')) this.changeState(kAuthority, 3);
        else this.changeState(this.isSpecial ? kAuthority : kPathname, 1);
        break;
      case kAuthority:
        if (this.isAt('@')) this.rewindTo(kUsername);
        else if (this.isAt('/') || this.isSearchPrefix() || this.isAt('#')) this.rewindTo(kHostname);
        break;
      case kUsername:
        if (this.isAt(':')) this.changeState(kPassword, 1);
        else if (this.isAt('@')) this.changeState(kHostname, 1);
        break;
      case kPassword:
        if (this.isAt('@')) this.changeState(kHostname, 1);
        break;
      case kHostname:
        if (this.isAt('[')) this.bracketDepth++;
        else if (this.isAt(']')) this.bracketDepth--;
        else if (this.isAt(':') && this.bracketDepth === 0) this.changeState(kPort, 1);
        else this.leaveFor(kPathname);
        break;
      case kPort:
        this.leaveFor(kPathname);
        break;
      case kPathname:
        this.leaveFor(kSearch);
        break;
      case kSearch:
        this.leaveFor(kHash);
        break;
    }
  }

  // Goes on to what begins here, if that is `first` or a component behind it.
  leaveFor(first) {
    if (first <= kPathname && this.isAt('/')) this.changeState(kPathname, 0);
    else if (first <= kSearch && this.isSearchPrefix()) this.changeState(kSearch, 1);
    else if (this.isAt('#')) this.changeState(kHash, 1);
  }

  // Components that are left out are empty where later ones are given.
  changeState(state, skip) {
    const {result} = this;
    const before = this.state;
    const name = kNames[before];
    if (name !== undefined) result[name] = this.component();
    if (before !== kInit && state !== kDone) {
      if (before <= kPassword && state >= kPort && !('hostname' in result)) result.hostname = '';
      if (before <= kPort && state >= kSearch && !('pathname' in result)) result.pathname = this.isSpecial ? '/' : '';
      if (before <= kPathname && state === kHash && !('search' in result)) result.search = '';
    }
    this.state = state;
    this.index += skip;
    this.start = this.index;
    this.increment = 0;
  }

  rewind() {
    this.index = this.start;
    this.increment = 0;
  }

  rewindTo(state) {
    this.rewind();
    this.state = state;
  }

  // The last token stands for all beyond it.
  tokenAt(index) { return this.tokens[index < this.tokens.length ? index : this.tokens.length - 1]; }

  isChar(index, value) {
    const token = this.tokenAt(index);
    return token.value === value && (token.type === kChar || token.type === kEscapedChar || token.type === kInvalidChar);
  }

  isAt(value) { return this.isChar(this.index, value); }

  // A question mark that is no modifier.
  isSearchPrefix() {
    if (this.isAt('?')) return true;
    if (this.tokens[this.index].value !== '?') return false;
    if (this.index === 0) return true;
    const {type} = this.tokenAt(this.index - 1);
    return type !== kName && type !== kRegExp && type !== kClose && type !== kAsterisk;
  }

  component() {
    return StringPrototypeSlice(this.input, this.tokenAt(this.start).index, this.tokenAt(this.index).index);
  }
}

// An object without a prototype that has the components the string gives.
export function parseConstructorString(input) {
  return new ConstructorStringParser(input).parse();
}
