// https://urlpattern.spec.whatwg.org/#canon-encoding-callbacks: pieces of URLs made canonical by the URL parser.
import { Int32Array, RegExpPrototypeExec, StringPrototypeSlice, StringPrototypeToLowerCase, TypeError } from '../internal/primordials.js';
import { isolate } from '../internal/isolate.js';

// As in url_natives.cc.
const kUsername = 2, kPassword = 3, kHostname = 5, kPort = 6, kPathname = 7, kSearch = 8, kHash = 9;

const kDummy = 'https://dummy.invalid/';

// The parts of a URL, without their delimiters.
class UrlParts {
  static {
    isolate(this);
  }

  constructor(href, offsets) {
    const protocolEnd = offsets[0], usernameEnd = offsets[1], hostStart = offsets[2], hostEnd = offsets[3];
    const pathnameStart = offsets[5], searchStart = offsets[6], hashStart = offsets[7];
    const {length} = href;
    const hashBegin = hashStart < 0 ? length : hashStart;
    const searchBegin = searchStart < 0 ? hashBegin : searchStart;
    // "@" stands before the host if there are credentials.
    const host = href[hostStart] === '@' ? hostStart + 1 : hostStart;
    this.protocol = StringPrototypeSlice(href, 0, protocolEnd - 1);
    this.username = protocolEnd + 2 < usernameEnd ? StringPrototypeSlice(href, protocolEnd + 2, usernameEnd) : '';
    this.password = hostStart > usernameEnd ? StringPrototypeSlice(href, usernameEnd + 1, hostStart) : '';
    this.hostname = StringPrototypeSlice(href, host, hostEnd);
    this.port = offsets[4] < 0 ? '' : `${offsets[4]}`;
    this.pathname = StringPrototypeSlice(href, pathnameStart, searchBegin);
    this.search = searchStart < 0 ? '' : StringPrototypeSlice(href, searchStart + 1, hashBegin);
    this.hash = hashStart < 0 ? '' : StringPrototypeSlice(href, hashStart + 1);
    this.hasOpaquePath = href[protocolEnd] !== '/';
  }
}

// undefined if it is no URL.
export function parseParts(url, base) {
  const offsets = new Int32Array(8);
  const href = natives.urlParse(url, base, offsets);
  return href === undefined ? undefined : new UrlParts(href, offsets);
}

function withPart(href, part, value) {
  const offsets = new Int32Array(8);
  const updated = natives.urlUpdate(href, part, value, offsets);
  if (updated === undefined) throw new TypeError('Invalid URL pattern: a part is not valid in a URL.');
  return new UrlParts(updated, offsets);
}

export function canonicalProtocol(value) {
  if (value === '') return value;
  const parts = parseParts(`${value}://dummy.invalid/`, undefined);
  if (parts === undefined) throw new TypeError(`Invalid URL pattern: the protocol "${value}" is not valid.`);
  return parts.protocol;
}

export const canonicalUsername = (value) => (value === '' ? value : withPart(kDummy, kUsername, value).username);
export const canonicalPassword = (value) => (value === '' ? value : withPart(kDummy, kPassword, value).password);
export const canonicalHostname = (value) => (value === '' ? value : withPart(kDummy, kHostname, value).hostname);

const kInAddress = /^[0-9a-fA-F[\]:]*$/;

export function canonicalIpv6Hostname(value) {
  if (RegExpPrototypeExec(kInAddress, value) === null) {
    throw new TypeError(`Invalid URL pattern: the hostname "${value}" is not valid.`);
  }
  return StringPrototypeToLowerCase(value);
}

// `protocol` undefined has no default port.
export function canonicalPort(value, protocol) {
  if (value === '') return value;
  return withPart(`${protocol === undefined || protocol === '' ? 'unknown' : protocol}://dummy.invalid/`, kPort, value).port;
}

export function canonicalPathname(value) {
  if (value === '') return value;
  if (value[0] === '/') return withPart(kDummy, kPathname, value).pathname;
  return StringPrototypeSlice(withPart(kDummy, kPathname, `/-${value}`).pathname, 2);
}

export function canonicalOpaquePathname(value) {
  if (value === '') return value;
  const parts = parseParts(`data:${value}`, undefined);
  if (parts === undefined) throw new TypeError('Invalid URL pattern: the pathname is not valid.');
  return parts.pathname;
}

export const canonicalSearch = (value) => (value === '' ? value : withPart(kDummy, kSearch, `?${value}`).search);
export const canonicalHash = (value) => (value === '' ? value : withPart(kDummy, kHash, `#${value}`).hash);
