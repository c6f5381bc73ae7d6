// URLPatternInit: https://urlpattern.spec.whatwg.org/#canon-processing-for-init
import {
  StringPrototypeEndsWith, StringPrototypeLastIndexOf, StringPrototypeSlice, StringPrototypeStartsWith, TypeError,
} from '../internal/primordials.js';
import { toDictionary, toUSVString } from '../internal/webidl.js';
import {
  canonicalHash, canonicalHostname, canonicalOpaquePathname, canonicalPassword, canonicalPathname, canonicalPort,
  canonicalProtocol, canonicalSearch, canonicalUsername, parseParts,
} from './canonicalize.js';
import { escapeForPattern, isSpecialScheme } from './component.js';

const kMembers = ['baseURL', 'hash', 'hostname', 'password', 'pathname', 'port', 'protocol', 'search', 'username'];

// The members a script gives, in an object without a prototype.
export function readInit(value) {
  const dictionary = toDictionary(value, 'URLPatternInit');
  const init = {__proto__: null};
  for (let i = 0; i < kMembers.length; i++) {
    const member = dictionary[kMembers[i]];
    if (member !== undefined) init[kMembers[i]] = toUSVString(member);
  }
  return init;
}

const withoutFirst = (value, first) => (StringPrototypeStartsWith(value, first) ? StringPrototypeSlice(value, 1) : value);
const withoutColon = (value) =>
  (StringPrototypeEndsWith(value, ':') ? StringPrototypeSlice(value, 0, value.length - 1) : value);

function isAbsolutePathname(pathname, isPattern) {
  if (pathname[0] === '/') return true;
  return isPattern && (pathname[0] === '\\' || pathname[0] === '{') && pathname[1] === '/';
}

// Each component comes from the base URL only if nothing before it is given.
function inherit(result, init, base, isPattern) {
  const given = (text) => (isPattern ? escapeForPattern(text) : text);
  const {protocol, username, password, hostname, port, pathname, search, hash} = init;
  if (protocol !== undefined) return;
  result.protocol = given(base.protocol);
  const isAuthorityFree = hostname === undefined && port === undefined;
  if (!isPattern && isAuthorityFree && username === undefined) {
    result.username = base.username;
    if (password === undefined) result.password = base.password;
  }
  if (hostname !== undefined) return;
  result.hostname = given(base.hostname);
  if (port !== undefined) return;
  result.port = base.port;
  if (pathname !== undefined) return;
  result.pathname = given(base.pathname);
  if (search !== undefined) return;
  result.search = given(base.search);
  if (hash === undefined) result.hash = given(base.hash);
}

function joinedPathname(pathname, base, isPattern) {
  if (base === undefined || base.hasOpaquePath || isAbsolutePathname(pathname, isPattern)) return pathname;
  const path = isPattern ? escapeForPattern(base.pathname) : base.pathname;
  return StringPrototypeSlice(path, 0, StringPrototypeLastIndexOf(path, '/') + 1) + pathname;
}

// Puts the components of `init` (see readInit) over those of `result`: as patterns they stay as they are, else they are
// made canonical. Throws a TypeError if one cannot be.
export function processInit(init, result, isPattern) {
  let base;
  if (init.baseURL !== undefined) {
    base = parseParts(init.baseURL, undefined);
    if (base === undefined) throw new TypeError('Invalid URL pattern: the base URL is not valid.');
    inherit(result, init, base, isPattern);
  }
  const put = (name, value, canonical) => { result[name] = isPattern ? value : canonical(value); };
  if (init.protocol !== undefined) put('protocol', withoutColon(init.protocol), canonicalProtocol);
  if (init.username !== undefined) put('username', init.username, canonicalUsername);
  if (init.password !== undefined) put('password', init.password, canonicalPassword);
  if (init.hostname !== undefined) put('hostname', init.hostname, canonicalHostname);
  const protocol = result.protocol ?? '';
  if (init.port !== undefined) put('port', init.port, (port) => canonicalPort(port, protocol));
  if (init.pathname !== undefined) {
    put('pathname', joinedPathname(init.pathname, base, isPattern),
        protocol === '' || isSpecialScheme(protocol) ? canonicalPathname : canonicalOpaquePathname);
  }
  if (init.search !== undefined) put('search', withoutFirst(init.search, '?'), canonicalSearch);
  if (init.hash !== undefined) put('hash', withoutFirst(init.hash, '#'), canonicalHash);
  return result;
}
