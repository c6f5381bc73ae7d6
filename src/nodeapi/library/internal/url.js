'use strict';
// The platform's URL classes, and what Node adds around them.
const {
  Boolean, Number, StringPrototypeCharCodeAt, StringPrototypeEndsWith, StringPrototypeIncludes, StringPrototypeReplaceAll,
  StringPrototypeSlice, StringPrototypeStartsWith, StringPrototypeToLowerCase, RegExpPrototypeExec, SafeSet, decodeURIComponent,
} = primordials;
const {
  codes: {
    ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_INVALID_FILE_URL_HOST, ERR_INVALID_FILE_URL_PATH, ERR_INVALID_URL_SCHEME,
    ERR_MISSING_ARGS,
  },
} = require('internal/errors');
const {validateObject, validateString, kValidateObjectAllowObjects} = require('internal/validators');
const {webValue} = require('atoll/platform');
const path = require('path');

const URL = webValue('URL');
const URLSearchParams = webValue('URLSearchParams');

function isURL(value) {
  return Boolean(value?.href && value.protocol && value.auth === undefined && value.path === undefined);
}

function domainToASCII(domain) {
  if (arguments.length < 1) throw new ERR_MISSING_ARGS('domain');
  return internalBinding('encoding_binding').toASCII(`${domain}`);
}

function domainToUnicode(domain) {
  if (arguments.length < 1) throw new ERR_MISSING_ARGS('domain');
  return internalBinding('encoding_binding').toUnicode(`${domain}`);
}

function urlToHttpOptions(url) {
  validateObject(url, 'url', kValidateObjectAllowObjects);
  const {hostname, pathname, port, username, password, search} = url;
  const options = {
    __proto__: null,
    ...url,
    protocol: url.protocol,
    hostname: hostname && hostname[0] === '[' ? StringPrototypeSlice(hostname, 1, -1) : hostname,
    hash: url.hash,
    search,
    pathname,
    path: `${pathname || ''}${search || ''}`,
    href: url.href,
  };
  if (port !== '') options.port = Number(port);
  if (username || password) options.auth = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return options;
}

const kEncodedSlash = /%2f/i;
const kEncodedSlashes = /%2f|%5c/i;

function posixPath(url) {
  if (url.hostname !== '') throw new ERR_INVALID_FILE_URL_HOST(process.platform);
  if (RegExpPrototypeExec(kEncodedSlash, url.pathname) !== null) {
    throw new ERR_INVALID_FILE_URL_PATH('must not include encoded / characters', url);
  }
  return decodeURIComponent(url.pathname);
}

function windowsPath(url) {
  if (RegExpPrototypeExec(kEncodedSlashes, url.pathname) !== null) {
    throw new ERR_INVALID_FILE_URL_PATH('must not include encoded \\ or / characters', url);
  }
  const pathname = decodeURIComponent(StringPrototypeReplaceAll(url.pathname, '/', '\\'));
  if (url.hostname !== '') return `\\\\${domainToUnicode(url.hostname)}${pathname}`;
  const letter = StringPrototypeCharCodeAt(pathname, 1) | 0x20;
  if (letter < 97 || letter > 122 || pathname[2] !== ':') throw new ERR_INVALID_FILE_URL_PATH('must be absolute', url);
  return StringPrototypeSlice(pathname, 1);
}

function fileURLToPath(url, options = undefined) {
  if (typeof url === 'string') url = new URL(url);
  else if (!isURL(url)) throw new ERR_INVALID_ARG_TYPE('path', ['string', 'URL'], url);
  if (url.protocol !== 'file:') throw new ERR_INVALID_URL_SCHEME('file');
  return options?.windows ? windowsPath(url) : posixPath(url);
}

function fileURLToPathBuffer(url, options = undefined) {
  return require('buffer').Buffer.from(fileURLToPath(url, options));
}

const kEscapes = [['%', '%25'], ['\n', '%0A'], ['\r', '%0D'], ['\t', '%09'], ['?', '%3F'], ['#', '%23'], ['[', '%5B'], [']', '%5D'], ['^', '%5E'], ['|', '%7C'], ['~', '%7E']];

function escapePath(text, isWindows) {
  for (let i = 0; i < kEscapes.length; i++) text = StringPrototypeReplaceAll(text, kEscapes[i][0], kEscapes[i][1]);
  return isWindows ? text : StringPrototypeReplaceAll(text, '\\', '%5C');
}

function pathToFileURL(filePath, options = undefined) {
  validateString(filePath, 'path');
  const isWindows = options?.windows === true;
  if (isWindows && StringPrototypeStartsWith(filePath, '\\\\?\\') && !StringPrototypeStartsWith(filePath, '\\\\?\\UNC\\')) {
    filePath = StringPrototypeSlice(filePath, 4);
  }
  if (isWindows && StringPrototypeStartsWith(filePath, '\\\\')) {
    const isExtended = StringPrototypeStartsWith(filePath, '\\\\?\\UNC\\');
    const start = isExtended ? 8 : 2;
    const hostEnd = filePath.indexOf('\\', start);
    if (hostEnd === -1) throw new ERR_INVALID_ARG_VALUE('path', filePath, 'Missing UNC resource path');
    if (hostEnd === 2) throw new ERR_INVALID_ARG_VALUE('path', filePath, 'Empty UNC servername');
    const host = StringPrototypeSlice(filePath, start, hostEnd);
    return new URL(
        `file://${host}${escapePath(StringPrototypeReplaceAll(StringPrototypeSlice(filePath, hostEnd), '\\', '/'), true)}`);
  }
  let resolved = isWindows ? path.win32.resolve(filePath) : path.posix.resolve(filePath);
  const separator = isWindows ? '\\' : '/';
  if ((StringPrototypeEndsWith(filePath, '/') || (isWindows && StringPrototypeEndsWith(filePath, '\\'))) &&
      !StringPrototypeEndsWith(resolved, separator)) {
    resolved += separator;
  }
  if (isWindows) return new URL(`file:///${escapePath(StringPrototypeReplaceAll(resolved, '\\', '/'), true)}`);
  return new URL(`file://${escapePath(resolved, false)}`);
}

const unsafeProtocol = new SafeSet(['javascript', 'javascript:']);
const hostlessProtocol = new SafeSet(['javascript', 'javascript:']);
const slashedProtocol = new SafeSet([
  'http', 'http:', 'https', 'https:', 'ftp', 'ftp:', 'gopher', 'gopher:', 'file', 'file:', 'ws', 'ws:', 'wss', 'wss:',
]);

// Everything but letters, digits and ! ' ( ) * - . _ ~ as percent escapes, by the table of the caller.
const {encodeStr} = require('internal/querystring');

module.exports = {
  URL,
  URLSearchParams,
  get URLPattern() { return webValue('URLPattern'); },
  URLParse: URL.parse,
  domainToASCII,
  domainToUnicode,
  encodeStr,
  fileURLToPath,
  fileURLToPathBuffer,
  getURLHref: (url) => url.href,
  getURLOrigin: (url) => new URL(url).origin,
  hostlessProtocol,
  installObjectURLMethods() {},
  isURL,
  isURLInstance: (value) => value instanceof URL,
  pathToFileURL,
  slashedProtocol,
  toPathIfFileURL: (value) => isURL(value) ? fileURLToPath(value) : value,
  unsafeProtocol,
  urlToHttpOptions,
};
