// https://console.spec.whatwg.org/#table
import {
  ArrayPrototypeIndexOf, ArrayPrototypeJoin, ArrayPrototypePush, MapPrototypeForEach, MathMax,
  MathMin, ObjectGetOwnPropertyDescriptor, ObjectKeys, SetPrototypeForEach, StringPrototypePadEnd,
  StringPrototypeRepeat, StringPrototypeReplaceAll,
} from '../internal/primordials.js';
import {isObject} from '../internal/webidl.js';
import {inspect} from './inspect.js';
import {kMap, kSet} from './object_heads.js';

const kMostRows = 1000;

function cell(value) {
  return StringPrototypeReplaceAll(inspect(value, 0), '\n', ' ');
}

// The table's text, or undefined if `data` has no rows and columns.
export function table(data, columns) {
  if (!isObject(data)) return undefined;
  const kind = natives.kindOf(data);
  const rows = [];
  let indexTitle = '(index)';
  if (kind === kMap || kind === kSet) {
    indexTitle = '(iteration index)';
    const add = (value) => {
      if (rows.length < kMostRows) ArrayPrototypePush(rows, {index: `${rows.length}`, value});
    };
    if (kind === kSet) SetPrototypeForEach(data, add);
    else MapPrototypeForEach(data, (value, key) => add({Key: key, Values: value}));
  } else {
    const keys = ObjectKeys(data);
    for (let i = 0; i < MathMin(keys.length, kMostRows); i++) {
      ArrayPrototypePush(rows, {index: keys[i], value: valueOf(data, keys[i])});
    }
  }

  const titles = [];
  let hasValues = false;
  for (let i = 0; i < rows.length; i++) {
    if (!isObject(rows[i].value) || typeof rows[i].value === 'function') {
      hasValues = true;
      continue;
    }
    const keys = columns ?? ObjectKeys(rows[i].value);
    for (let j = 0; j < keys.length; j++) {
      if (ArrayPrototypeIndexOf(titles, keys[j]) < 0) ArrayPrototypePush(titles, keys[j]);
    }
  }
  const header = [indexTitle];
  for (let i = 0; i < titles.length; i++) ArrayPrototypePush(header, titles[i]);
  if (hasValues) ArrayPrototypePush(header, 'Values');
  const lines = [];
  for (let i = 0; i < rows.length; i++) {
    const {index, value} = rows[i];
    const line = [index];
    const structured = isObject(value) && typeof value !== 'function';
    for (let j = 0; j < titles.length; j++) {
      const present = structured && ObjectGetOwnPropertyDescriptor(value, titles[j]) !== undefined;
      ArrayPrototypePush(line, present ? cell(valueOf(value, titles[j])) : '');
    }
    if (hasValues) ArrayPrototypePush(line, structured ? '' : cell(value));
    ArrayPrototypePush(lines, line);
  }
  return draw(header, lines);
}

function valueOf(object, key) {
  return ObjectGetOwnPropertyDescriptor(object, key)?.value;
}

function draw(header, lines) {
  const widths = [];
  for (let column = 0; column < header.length; column++) {
    let width = header[column].length;
    for (let i = 0; i < lines.length; i++) width = MathMax(width, lines[i][column].length);
    widths[column] = width + 2;
  }
  const rule = (left, middle, right) => {
    const parts = [];
    for (let i = 0; i < widths.length; i++) {
      ArrayPrototypePush(parts, StringPrototypeRepeat('─', widths[i]));
    }
    return left + ArrayPrototypeJoin(parts, middle) + right;
  };
  const row = (cells) => {
    const parts = [];
    for (let i = 0; i < widths.length; i++) {
      ArrayPrototypePush(parts, StringPrototypePadEnd(` ${cells[i]}`, widths[i]));
    }
    return `│${ArrayPrototypeJoin(parts, '│')}│`;
  };
  const text = [rule('┌', '┬', '┐'), row(header), rule('├', '┼', '┤')];
  for (let i = 0; i < lines.length; i++) ArrayPrototypePush(text, row(lines[i]));
  ArrayPrototypePush(text, rule('└', '┴', '┘'));
  return ArrayPrototypeJoin(text, '\n');
}
