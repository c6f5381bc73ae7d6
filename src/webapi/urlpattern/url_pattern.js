// https://urlpattern.spec.whatwg.org/#urlpattern-class
import { TypeError } from '../internal/primordials.js';
import { defineInterface, isObject, toDictionary, toUSVString } from '../internal/webidl.js';
import {
  canonicalHash, canonicalHostname, canonicalIpv6Hostname, canonicalOpaquePathname, canonicalPassword, canonicalPathname,
  canonicalPort, canonicalProtocol, canonicalSearch, canonicalUsername, parseParts,
} from './canonicalize.js';
import { Component, matchesSpecialScheme } from './component.js';
import { kDefaultOptions, parseConstructorString } from './constructor_string.js';
import { processInit, readInit } from './init.js';

const kHostnameOptions = {__proto__: null, delimiter: '.', prefix: '', ignoresCase: false};

const kDefaultPorts = {__proto__: null, http: '80', https: '443', ws: '80', wss: '443', ftp: '21'};

function isIpv6Pattern(hostname) {
  return hostname.length >= 2 &&
      (hostname[0] === '[' || ((hostname[0] === '{' || hostname[0] === '\\') && hostname[1] === '['));
}

// The patterns of all components, as strings.
function patternsFrom(input, base) {
  let init;
  if (typeof input === 'string') {
    init = parseConstructorString(input);
    if (base === undefined && !('protocol' in init)) {
      throw new TypeError('Invalid URL pattern: a relative pattern needs a base URL.');
    }
    if (base !== undefined) init.baseURL = base;
  } else {
    if (base !== undefined) throw new TypeError('Invalid URL pattern: a base URL beside an object is not possible.');
    init = input;
  }
  const all = processInit(init, {
    __proto__: null, protocol: undefined, username: undefined, password: undefined, hostname: undefined, port: undefined,
    pathname: undefined, search: undefined, hash: undefined,
  }, true);
  if (all.port !== undefined && all.protocol !== undefined && kDefaultPorts[all.protocol] === all.port) all.port = '';
  return all;
}

const readInput = (input) => (input === undefined || isObject(input) || input === null ? readInit(input) : toUSVString(input));

const kEmpty = () => ({
  __proto__: null, protocol: '', username: '', password: '', hostname: '', port: '', pathname: '', search: '', hash: '',
});

// What to match, or undefined if it is no URL. `base` undefined is none.
function partsFrom(input, base) {
  if (typeof input === 'string') return parseParts(input, base);
  if (base !== undefined) throw new TypeError('URLPattern: a base URL beside an object is not possible.');
  try {
    return processInit(input, kEmpty(), false);
  } catch {
    return undefined;
  }
}

export class URLPattern {
  #protocol;
  #username;
  #password;
  #hostname;
  #port;
  #pathname;
  #search;
  #hash;

  constructor(input = undefined, baseURL = undefined, options = undefined) {
    if (arguments.length < 3 && (isObject(baseURL) || baseURL === null)) {
      options = baseURL;
      baseURL = undefined;
    }
    input = readInput(input);
    const base = arguments.length < 3 && baseURL === undefined ? undefined : toUSVString(baseURL);
    const ignoresCase = !!toDictionary(options, 'URLPatternOptions').ignoreCase;
    const all = patternsFrom(input, base);
    const compile = (pattern, settings, encode) => new Component(pattern ?? '*', settings, encode);

    this.#protocol = compile(all.protocol, kDefaultOptions, canonicalProtocol);
    this.#username = compile(all.username, kDefaultOptions, canonicalUsername);
    this.#password = compile(all.password, kDefaultOptions, canonicalPassword);
    this.#hostname = compile(all.hostname, kHostnameOptions,
        isIpv6Pattern(all.hostname ?? '') ? canonicalIpv6Hostname : canonicalHostname);
    this.#port = compile(all.port, kDefaultOptions, (port) => canonicalPort(port, undefined));
    const free = {__proto__: null, delimiter: '', prefix: '', ignoresCase};
    this.#pathname = matchesSpecialScheme(this.#protocol)
        ? compile(all.pathname, {__proto__: null, delimiter: '/', prefix: '/', ignoresCase}, canonicalPathname)
        : compile(all.pathname, free, canonicalOpaquePathname);
    this.#search = compile(all.search, free, canonicalSearch);
    this.#hash = compile(all.hash, free, canonicalHash);
  }

  get protocol() { return this.#protocol.pattern; }
  get username() { return this.#username.pattern; }
  get password() { return this.#password.pattern; }
  get hostname() { return this.#hostname.pattern; }
  get port() { return this.#port.pattern; }
  get pathname() { return this.#pathname.pattern; }
  get search() { return this.#search.pattern; }
  get hash() { return this.#hash.pattern; }

  get hasRegExpGroups() {
    return this.#protocol.hasRegExpGroups || this.#username.hasRegExpGroups || this.#password.hasRegExpGroups ||
        this.#hostname.hasRegExpGroups || this.#port.hasRegExpGroups || this.#pathname.hasRegExpGroups ||
        this.#search.hasRegExpGroups || this.#hash.hasRegExpGroups;
  }

  test(input = undefined, baseURL = undefined) {
    const parts = partsFrom(readInput(input), baseURL === undefined ? undefined : toUSVString(baseURL));
    return parts !== undefined && this.#protocol.exec(parts.protocol) !== null &&
        this.#hostname.exec(parts.hostname) !== null && this.#pathname.exec(parts.pathname) !== null &&
        this.#port.exec(parts.port) !== null && this.#search.exec(parts.search) !== null &&
        this.#hash.exec(parts.hash) !== null && this.#username.exec(parts.username) !== null &&
        this.#password.exec(parts.password) !== null;
  }

  exec(input = undefined, baseURL = undefined) {
    const given = readInput(input);
    const base = baseURL === undefined ? undefined : toUSVString(baseURL);
    const parts = partsFrom(given, base);
    if (parts === undefined) return null;
    const protocol = this.#protocol.exec(parts.protocol);
    if (protocol === null) return null;
    const username = this.#username.exec(parts.username);
    if (username === null) return null;
    const password = this.#password.exec(parts.password);
    if (password === null) return null;
    const hostname = this.#hostname.exec(parts.hostname);
    if (hostname === null) return null;
    const port = this.#port.exec(parts.port);
    if (port === null) return null;
    const pathname = this.#pathname.exec(parts.pathname);
    if (pathname === null) return null;
    const search = this.#search.exec(parts.search);
    if (search === null) return null;
    const hash = this.#hash.exec(parts.hash);
    if (hash === null) return null;
    const shown = typeof given === 'string' ? given : {...given};
    return {
      inputs: base === undefined ? [shown] : [shown, base],
      protocol: this.#protocol.result(parts.protocol, protocol),
      username: this.#username.result(parts.username, username),
      password: this.#password.result(parts.password, password),
      hostname: this.#hostname.result(parts.hostname, hostname),
      port: this.#port.result(parts.port, port),
      pathname: this.#pathname.result(parts.pathname, pathname),
      search: this.#search.result(parts.search, search),
      hash: this.#hash.result(parts.hash, hash),
    };
  }
}
defineInterface(URLPattern, 'URLPattern');
