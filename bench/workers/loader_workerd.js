// The reference runtime's way to many small Workers: its worker loader, one id per path.
import source from './small.txt';

export default {
  async fetch(request, env) {
    const id = request.url.slice(request.url.lastIndexOf('/') + 1);
    const worker = env.LOADER.get(id, () => ({
      compatibilityDate: '2026-08-22',
      mainModule: 'small.js',
      modules: { 'small.js': source },
    }));
    return worker.getEntrypoint().fetch(request);
  },
};
