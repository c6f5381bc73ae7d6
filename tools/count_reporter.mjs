// A reporter for `node --test`: one line per failed test with its error, one per file, and as the last line
// "N passed, N failed", which tools/test.mjs sums.
import { inspect } from 'node:util';
import { relative } from 'node:path';

export default async function* report(source) {
  let passed = 0;
  let failed = 0;
  for await (const { type, data } of source) {
    const isSuite = data?.details?.type === 'suite';
    if (type === 'test:pass' && !isSuite && data.skip === undefined) {
      passed += 1;
      if (process.env.ATOLL_VERBOSE) yield `ok    ${data.name} (${Math.round(data.details.duration_ms)} ms)\n`;
    } else if (type === 'test:pass' && data.skip !== undefined) {
      yield `skip  ${data.name}: ${data.skip}\n`;
    } else if (type === 'test:fail' && !(isSuite && data.details.error?.failureType === 'subtestsFailed')) {
      failed += 1;
      const error = data.details.error?.cause ?? data.details.error;
      const place = data.file ? `${relative(process.cwd(), data.file)}:${data.line}` : '';
      const text = error?.stack ?? inspect(error);
      yield `FAIL  ${data.name}  ${place}\n${text.replace(/^/gm, '      ')}\n`;
    } else if (type === 'test:stderr' || type === 'test:stdout') {
      yield data.message;
    }
  }
  yield `${passed} passed, ${failed} failed\n`;
}
