// The natives of the mini platform that have nothing to do with invocations.
import { randomFillSync, randomUUID, createHash } from 'node:crypto';
import { types } from 'node:util';
import { deserialize, serialize } from 'node:v8';

const bytesOf = (source) => ArrayBuffer.isView(source) ?
    new Uint8Array(source.buffer, source.byteOffset, source.byteLength) :
    new Uint8Array(source);

function leaveOffsets(href, target) {
  const protocolEnd = href.indexOf(':') + 1;
  const hasAuthority = href.startsWith('//', protocolEnd);
  const hashStart = href.indexOf('#');
  const beforeHash = hashStart < 0 ? href.length : hashStart;
  const question = href.indexOf('?');
  const searchStart = question >= 0 && question < beforeHash ? question : -1;
  let usernameEnd = protocolEnd, hostStart = protocolEnd, hostEnd = protocolEnd, port = -1,
      pathnameStart = protocolEnd;
  if (hasAuthority) {
    const start = protocolEnd + 2;
    pathnameStart = start + href.slice(start).search(/[/?#]|$/);
    const authority = href.slice(start, pathnameStart);
    const at = authority.lastIndexOf('@');
    const colon = authority.indexOf(':');
    usernameEnd = at < 0 ? start : start + (colon >= 0 && colon < at ? colon : at);
    hostStart = at < 0 ? start : start + at;
    const portMatch = /:(\d+)$/.exec(authority.slice(at + 1));
    hostEnd = pathnameStart - (portMatch ? portMatch[0].length : 0);
    if (portMatch) port = Number(portMatch[1]);
  }
  target.set(
      [protocolEnd, usernameEnd, hostStart, hostEnd, port, pathnameStart, searchStart, hashStart]);
}

const kDigests = ['md5', 'sha1', 'sha256', 'sha384', 'sha512'];

// In the order of Kind in console_natives.cc.
const kKinds = [
  () => false,
  types.isProxy,
  (value) => typeof value === 'function',
  Array.isArray,
  types.isNativeError,
  types.isDate,
  types.isRegExp,
  types.isMap,
  types.isSet,
  types.isPromise,
  types.isTypedArray,
  types.isAnyArrayBuffer,
  types.isDataView,
  (value) => types.isWeakMap(value) || types.isWeakSet(value),
  (value) => types.isMapIterator(value) || types.isSetIterator(value),
  types.isBoxedPrimitive,
  types.isGeneratorObject,
  types.isArgumentsObject,
  types.isExternal,
  types.isModuleNamespaceObject,
];

const orUndefined = (convert) => (text) => {
  try {
    return convert(text);
  } catch {
    return undefined;
  }
};

const kUrlParts = [
  'href', 'protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search',
  'hash'
];

// `realm` has the Uint8Array and ArrayBuffer of the scripts under test.
export function pureNatives(log, realm) {
  return {
    urlParse(url, base, offsets) {
      const parsed = URL.parse(url, base);
      if (parsed === null) return undefined;
      leaveOffsets(parsed.href, offsets);
      return parsed.href;
    },
    urlUpdate(href, part, value, offsets) {
      const url = new URL(href);
      try {
        url[kUrlParts[part]] = value;
      } catch {
        return undefined;
      }
      leaveOffsets(url.href, offsets);
      return url.href;
    },
    urlCanParse: (url, base) => URL.canParse(url, base),
    utf8Encode: (text) => new realm.Uint8Array(new TextEncoder().encode(text)),
    utf8EncodeInto: (text, target) => new TextEncoder().encodeInto(text, target),
    utf8Decode(source, start, end, flags) {
      const bytes = bytesOf(source);
      try {
        return new TextDecoder('utf-8', { fatal: (flags & 1) !== 0, ignoreBOM: (flags & 2) === 0 })
            .decode(bytes.subarray(start, Math.min(end, bytes.length)));
      } catch {
        return undefined;
      }
    },
    encodingOf: (label) => (/^utf-?8$/i.test(label) ? 'utf-8' : undefined),
    base64Encode: orUndefined(btoa),
    base64Decode: orUndefined(atob),
    digest: async (number, data) =>
        new realm.Uint8Array(createHash(kDigests[number]).update(bytesOf(data)).digest()).buffer,
    kindOf: (value) => Math.max(0, kKinds.findIndex((isKind) => isKind(value))),
    constructorName: (value) => value.constructor?.name ?? '',
    proxyTarget: () => null,
    promiseState: () => [0, undefined],
    iteratorEntries: () => undefined,
    isSharedArrayBuffer: types.isSharedArrayBuffer,
    fillRandom: (view) => {
      randomFillSync(bytesOf(view));
    },
    randomUUID: () => randomUUID(),
    defineLazy: () => {},  // the mini platform has nothing of Node's
    now: () => Date.now(),
    log: (level, text) => {
      log.push(`${level} ${text}`);
    },
    reportException: (name, message) => {
      log.push(`uncaught ${name}: ${message}`);
    },
    serialize: (value) => new realm.Uint8Array(serialize(value)),
    deserialize: (bytes) => deserialize(bytes),
    structuredClone: (value, transfer) => structuredClone(value, { transfer: transfer ?? [] }),
  };
}
