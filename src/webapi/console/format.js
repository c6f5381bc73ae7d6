// https://console.spec.whatwg.org/#formatter: the arguments of a console method as one line of
// text.
import {
  JSONStringify, StringPrototypeIndexOf, StringPrototypeSlice, parseFloat,
  parseInt,
} from '../internal/primordials.js';
import {inspect} from './inspect.js';
import {formatNumber} from './primitives.js';

// The arguments from `start` on.
export function format(args, start = 0) {
  let text = '';
  let next = start;
  const template = args[start];
  if (args.length - start > 1 && typeof template === 'string' && indexOfPercent(template, 0) >= 0) {
    next = start + 1;
    let from = 0;
    for (let at = indexOfPercent(template, 0); at >= 0; at = indexOfPercent(template, at)) {
      const specifier = template[at + 1];
      if (specifier === '%') {
        text += `${StringPrototypeSlice(template, from, at)}%`;
        from = at += 2;
        continue;
      }
      const replaced = next < args.length ? specify(specifier, args[next]) : undefined;
      if (replaced === undefined) {
        at += 1;
        continue;
      }
      text += StringPrototypeSlice(template, from, at) + replaced;
      next++;
      from = at += 2;
    }
    text += StringPrototypeSlice(template, from);
  } else if (next < args.length) {
    text = plain(args[next++]);
  }
  for (; next < args.length; next++) text += ` ${plain(args[next])}`;
  return text;
}

function indexOfPercent(text, from) {
  return StringPrototypeIndexOf(text, '%', from);
}

function isNoNumber(value) {
  return typeof value === 'symbol' || typeof value === 'object';
}

function plain(value) {
  return typeof value === 'string' ? value : inspect(value);
}

function specify(specifier, value) {
  switch (specifier) {
    case 's':
      if (typeof value === 'string') return value;
      return typeof value === 'object' && value !== null ? inspect(value, 0) : inspect(value);
    case 'd':
      if (typeof value === 'bigint') return `${value}n`;
      return isNoNumber(value) ? 'NaN' : formatNumber(+value);
    case 'i':
      if (typeof value === 'bigint') return `${value}n`;
      return isNoNumber(value) ? 'NaN' : formatNumber(parseInt(value, 10));
    case 'f':
      return isNoNumber(value) ? 'NaN' : formatNumber(parseFloat(value));
    case 'j':
      try {
        return `${JSONStringify(value)}`;
      } catch {
        return '[Circular]';
      }
    case 'o': return inspect(value, 4);
    case 'O': return inspect(value);
    case 'c': return '';
  }
  return undefined;
}
