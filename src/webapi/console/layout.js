// How the entries of an object are laid out: on one line, in columns, or one to a line.
import {
  ArrayPrototypeJoin, ArrayPrototypePush, MathMax, MathMin, RegExpPrototypeExec,
  StringPrototypeIncludes, StringPrototypePadEnd, StringPrototypePadStart, StringPrototypeRepeat,
  StringPrototypeSlice, StringPrototypeStartsWith,
} from '../internal/primordials.js';

const kLineLength = 80;

export const kNoColumns = 0, kColumns = 1, kTypedColumns = 2;

// Long lists of short entries stand in columns.
function inColumns(output, isTyped) {
  let total = 0;
  let longest = 0;
  const more = StringPrototypeStartsWith(output[output.length - 1], '... ') ? 1 : 0;
  const count = output.length - more;
  for (let i = 0; i < count; i++) {
    if (StringPrototypeIncludes(output[i], '\n')) return output;
    total += output[i].length + 2;
    longest = MathMax(longest, output[i].length + 2);
  }
  if (longest * 3 + 2 > kLineLength || total <= kLineLength - 8) return output;
  const columns = MathMin(12, (kLineLength - 4 - ((kLineLength - 4) % longest)) / longest);
  if (columns <= 1) return output;
  const numeric = isTyped || isNumeric(output, count);
  const rows = [];
  for (let i = 0; i < count; i += columns) {
    const row = [];
    const end = MathMin(i + columns, count);
    for (let j = i; j < end; j++) {
      const comma = j < output.length - 1 ? ',' : '';
      const width = columnWidth(output, j - i, columns, count);
      const entry = `${output[j]}${comma}`;
      ArrayPrototypePush(row, numeric ? StringPrototypePadStart(entry, width + comma.length)
          : j < end - 1 ? StringPrototypePadEnd(entry, width + 1) : entry);
    }
    let line = ArrayPrototypeJoin(row, ' ');
    if (line[line.length - 1] === ',') line = StringPrototypeSlice(line, 0, line.length - 1);
    ArrayPrototypePush(rows, line);
  }
  if (more === 1) ArrayPrototypePush(rows, output[output.length - 1]);
  return rows;
}

function columnWidth(output, column, columns, count) {
  let width = 0;
  for (let i = column; i < count; i += columns) width = MathMax(width, output[i].length);
  return width;
}

const kNumeric = /^-?[0-9]/;

function isNumeric(output, count) {
  for (let i = 0; i < count; i++) {
    if (RegExpPrototypeExec(kNumeric, output[i]) === null) return false;
  }
  return true;
}

// One line if it fits and is not too nested, else one entry a line. `columns` is kNoColumns for
// entries that may not share lines. run.deepest and run.indentation tell where we are.
export function combine(run, output, base, open, close, level, columns) {
  const entries = output.length;
  if (columns !== kNoColumns) output = inColumns(output, columns === kTypedColumns);
  if (run.deepest - level < 3 && entries === output.length) {
    let length = output.length + run.indentation + open.length + base.length + 10;
    let fits = !StringPrototypeIncludes(base, '\n');
    for (let i = 0; fits && i < output.length; i++) {
      length += output[i].length;
      fits = length <= kLineLength && !StringPrototypeIncludes(output[i], '\n');
    }
    if (fits) return `${base}${open} ${ArrayPrototypeJoin(output, ', ')} ${close}`;
  }
  const newLine = `\n${StringPrototypeRepeat(' ', run.indentation)}`;
  const lines = ArrayPrototypeJoin(output, `,${newLine}  `);
  return `${base}${open}${newLine}  ${lines}${newLine}${close}`;
}
