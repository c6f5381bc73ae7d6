// How build/ compiles each source: file → arguments without compiler launcher, input and output.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

export function compileCommands(folder = 'build') {
  const commands = new Map();
  for (const { file, command } of JSON.parse(readFileSync(`${folder}/compile_commands.json`, 'utf8'))) {
    const words = command.split(/\s+/).filter(Boolean);
    const start = words.findIndex((word) => /clang\+\+/.test(word));
    const args = [];
    for (let i = start + 1; i < words.length; i += 1) {
      if (words[i] === '-o' || words[i] === '-c') i += 1;
      else args.push(words[i]);
    }
    commands.set(relative(process.cwd(), file), args.map((word) => word.replaceAll('\\"', '"')));
  }
  return commands;
}

// Runs job(item) for all items, `width` at a time.
export async function forAll(items, width, job) {
  const queue = [...items];
  await Promise.all(Array.from({ length: width }, async () => {
    while (queue.length) await job(queue.shift());
  }));
}
