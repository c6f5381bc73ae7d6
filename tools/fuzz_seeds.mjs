// Seeds that tests already have: tools/fuzz_seeds.mjs FOLDER fills FOLDER/<target>/.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { requests } from '../tests/e2e/nginx/requests.mjs';
import { responses } from '../tests/e2e/nginx/responses.mjs';

const [folder] = process.argv.slice(2);
const largest = 8000;

// The last byte of an input chooses how the rest is split.
function write(target, texts) {
  mkdirSync(join(folder, target), { recursive: true });
  texts.filter((text) => text.length < largest).forEach((text, number) => {
    writeFileSync(join(folder, target, String(number)), Buffer.from(`${text}\0`, 'latin1'));
  });
}

write('http_request_fuzz', requests.map(({ text }) => text));
write('http_response_fuzz', responses.filter(({ close }) => close).map(({ text }) => text));
