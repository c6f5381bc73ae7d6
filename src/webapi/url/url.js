// https://url.spec.whatwg.org/#url-class. A URL is its serialisation and the offsets of its parts;
// parts are cut out when asked for.
import {Error, Int32Array, StringPrototypeSlice, TypeError} from '../internal/primordials.js';
import {
  defineInterface, illegalInvocation, kInternal, requireArguments, toUSVString,
} from '../internal/webidl.js';
import {createUrlSearchParams, resetUrlSearchParams} from './url_search_params.js';

// The same order as Part in url_natives.cc.
const kHref = 0, kProtocol = 1, kUsername = 2, kPassword = 3, kHost = 4, kHostname = 5, kPort = 6,
    kPathname = 7, kSearch = 8, kHash = 9;

let offsets;  // where C++ leaves the offsets of the URL just parsed

export let isURL, urlHref, parseUrl;

export class URL {
  #href;
  #protocolEnd = 0;
  #usernameEnd = 0;
  #hostStart = 0;
  #hostEnd = 0;
  #port = -1;
  #pathnameStart = 0;
  #searchStart = -1;
  #hashStart = -1;
  #searchParams = null;

  constructor(url, base = undefined) {
    requireArguments(arguments.length, 1, 'URL');
    if (url === kInternal) {  // `base` is what urlParse() has just returned
      this.#adopt(base);
      return;
    }
    // Strings go to C++ as they are: it replaces lone surrogates itself.
    if (typeof url !== 'string') url = `${url}`;
    if (base !== undefined && typeof base !== 'string') base = `${base}`;
    const href = natives.urlParse(url, base, offsets ??= new Int32Array(8));
    if (href === undefined) throw new TypeError('Invalid URL string.');
    this.#adopt(href);
  }

  static parse(url, base = undefined) {
    requireArguments(arguments.length, 1, 'URL.parse');
    url = toUSVString(url);
    if (base !== undefined) base = toUSVString(base);
    return parseUrl(url, base);
  }

  static canParse(url, base = undefined) {
    requireArguments(arguments.length, 1, 'URL.canParse');
    url = toUSVString(url);
    return natives.urlCanParse(url, base === undefined ? undefined : toUSVString(base));
  }

  // There is no page whose life could bound an object URL.
  static createObjectURL() {
    throw new Error('URL.createObjectURL() is not implemented.');
  }

  static revokeObjectURL() {
    throw new Error('URL.revokeObjectURL() is not implemented.');
  }

  get href() { return this.#href; }
  set href(value) {
    if (!this.#update(kHref, value)) throw new TypeError('Invalid URL string.');
  }

  get origin() {
    const href = this.#href;
    const scheme = StringPrototypeSlice(href, 0, this.#protocolEnd);
    switch (scheme) {
      case 'http:':
      case 'https:':
      case 'ws:':
      case 'wss:':
      case 'ftp:':
        return `${scheme}//${this.host}`;
      case 'blob:': {
        const inner = parseUrl(this.pathname, undefined);
        if (inner === null) return 'null';
        const innerScheme = inner.protocol;
        return innerScheme === 'http:' || innerScheme === 'https:' ? inner.origin : 'null';
      }
      default:
        return 'null';
    }
  }

  get protocol() { return StringPrototypeSlice(this.#href, 0, this.#protocolEnd); }
  set protocol(value) { this.#update(kProtocol, value); }

  get username() {
    if (this.#protocolEnd + 2 >= this.#usernameEnd) return '';
    return StringPrototypeSlice(this.#href, this.#protocolEnd + 2, this.#usernameEnd);
  }
  set username(value) { this.#update(kUsername, value); }

  get password() {
    if (this.#hostStart <= this.#usernameEnd) return '';
    return StringPrototypeSlice(this.#href, this.#usernameEnd + 1, this.#hostStart);
  }
  set password(value) { this.#update(kPassword, value); }

  get host() {
    const start = this.#hostBegin();
    // "/." may stand between an empty host and the path.
    if (start === this.#hostEnd) return '';
    return StringPrototypeSlice(this.#href, start, this.#pathnameStart);
  }
  set host(value) { this.#update(kHost, value); }

  get hostname() { return StringPrototypeSlice(this.#href, this.#hostBegin(), this.#hostEnd); }
  set hostname(value) { this.#update(kHostname, value); }

  get port() { return this.#port < 0 ? '' : `${this.#port}`; }
  set port(value) { this.#update(kPort, value); }

  get pathname() {
    const end = this.#searchStart >= 0 ? this.#searchStart
        : this.#hashStart >= 0 ? this.#hashStart
        : this.#href.length;
    return StringPrototypeSlice(this.#href, this.#pathnameStart, end);
  }
  set pathname(value) { this.#update(kPathname, value); }

  get search() {
    if (this.#searchStart < 0) return '';
    const end = this.#hashStart >= 0 ? this.#hashStart : this.#href.length;
    if (end - this.#searchStart <= 1) return '';
    return StringPrototypeSlice(this.#href, this.#searchStart, end);
  }
  set search(value) { this.#update(kSearch, value); }

  get searchParams() {
    if (!(#href in this)) illegalInvocation();
    return (this.#searchParams ??= createUrlSearchParams(this.#query(), (params) => {
      const query = params.toString();
      const href = natives.urlUpdate(this.#href, kSearch, query, offsets);
      if (href !== undefined) this.#adopt(href);
    }));
  }

  get hash() {
    if (this.#hashStart < 0 || this.#href.length - this.#hashStart <= 1) return '';
    return StringPrototypeSlice(this.#href, this.#hashStart);
  }
  set hash(value) { this.#update(kHash, value); }

  toString() { return this.#href; }
  toJSON() { return this.#href; }

  // `href` and the offsets that C++ has just left.
  #adopt(href) {
    this.#href = href;
    this.#protocolEnd = offsets[0];
    this.#usernameEnd = offsets[1];
    this.#hostStart = offsets[2];
    this.#hostEnd = offsets[3];
    this.#port = offsets[4];
    this.#pathnameStart = offsets[5];
    this.#searchStart = offsets[6];
    this.#hashStart = offsets[7];
  }

  #update(part, value) {
    if (!(#href in this)) illegalInvocation();
    const href = natives.urlUpdate(this.#href, part, `${value}`, offsets);
    if (href === undefined) return false;
    this.#adopt(href);
    if (this.#searchParams !== null && (part === kHref || part === kSearch)) {
      resetUrlSearchParams(this.#searchParams, this.#query());
    }
    return true;
  }

  #hostBegin() {
    const start = this.#hostStart;
    return this.#hostEnd > start && this.#href[start] === '@' ? start + 1 : start;
  }

  #query() { return StringPrototypeSlice(this.search, 1); }

  static {
    isURL = (value) => typeof value === 'object' && value !== null && #href in value;
    urlHref = (url) => url.#href;

    // A URL, or null if `url` is none. Both are strings, base may be undefined.
    parseUrl = (url, base) => {
      const href = natives.urlParse(url, base, offsets ??= new Int32Array(8));
      if (href === undefined) return null;
      return new URL(kInternal, href);
    };
  }
}
defineInterface(URL, 'URL');

export function createURL(text) { return new URL(text); }
