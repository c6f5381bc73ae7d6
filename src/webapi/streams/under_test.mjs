// The streams as one bundle, in Node's own realm, for the tests beside the source.
import esbuild from 'esbuild';

const { text } = esbuild.buildSync({
  stdin: {
    contents: `export * from './index.js'; export * from './internal.js';
        export * from '../internal/behaviours.js';`,
    resolveDir: import.meta.dirname,
  },
  bundle: true, format: 'iife', globalName: 'streams', target: 'esnext', write: false,
}).outputFiles[0];

const natives = { utf8Encode: (string) => new TextEncoder().encode(string) };

export const streams = new Function('natives', `${text}; return streams;`)(natives);
