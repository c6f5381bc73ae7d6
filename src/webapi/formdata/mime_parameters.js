// Values such as `form-data; name="a"` and `multipart/form-data; boundary=x`.
import {
  ObjectCreate, StringPrototypeCharCodeAt, StringPrototypeIndexOf, StringPrototypeSlice, StringPrototypeToLowerCase,
  StringPrototypeTrim,
} from '../internal/primordials.js';

// An object without prototype: `essence` in lower case, and each parameter under its lower-case name (the first of a name wins).
// undefined if a quoted string has no end.
export function parseParameters(value) {
  const result = ObjectCreate(null);
  let position = StringPrototypeIndexOf(value, ';');
  if (position < 0) position = value.length;
  result.essence = StringPrototypeToLowerCase(StringPrototypeTrim(StringPrototypeSlice(value, 0, position)));
  while (position < value.length) {
    position++;  // the semicolon
    const equals = StringPrototypeIndexOf(value, '=', position);
    const semicolon = StringPrototypeIndexOf(value, ';', position);
    if (equals < 0 || (semicolon >= 0 && semicolon < equals)) {
      position = semicolon < 0 ? value.length : semicolon;  // a parameter without a value says nothing
      continue;
    }
    const name = StringPrototypeToLowerCase(StringPrototypeTrim(StringPrototypeSlice(value, position, equals)));
    let start = equals + 1;
    while (StringPrototypeCharCodeAt(value, start) === 32) start++;
    let text;
    if (StringPrototypeCharCodeAt(value, start) === 34) {
      text = '';
      let from = start + 1;
      let i = from;
      for (;; i++) {
        if (i >= value.length) return undefined;
        const code = StringPrototypeCharCodeAt(value, i);
        if (code === 34) break;
        // Only a quote is ever escaped: older clients send file names with plain backslashes.
        if (code === 92 && StringPrototypeCharCodeAt(value, i + 1) === 34) {
          text += StringPrototypeSlice(value, from, i);
          from = ++i;
        }
      }
      text += StringPrototypeSlice(value, from, i);
      position = StringPrototypeIndexOf(value, ';', i);
    } else {
      position = StringPrototypeIndexOf(value, ';', start);
      text = StringPrototypeTrim(StringPrototypeSlice(value, start, position < 0 ? value.length : position));
    }
    if (position < 0) position = value.length;
    if (name !== 'essence' && result[name] === undefined) result[name] = text;
  }
  return result;
}
