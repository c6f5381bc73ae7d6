export { isolate } from '../internal/isolate.js';
