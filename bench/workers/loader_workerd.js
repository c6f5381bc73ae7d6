// The reference runtime's way to many Workers: its worker loader, one id per path.
import source from './many.txt';

export default {
  async fetch(request, env) {
    const id = request.url.slice(request.url.lastIndexOf('/') + 1);
    const worker = env.LOADER.get(id, () => ({
      compatibilityDate: '2026-08-22',
      mainModule: 'main.js',
      modules: { 'main.js': source },
    }));
    return worker.getEntrypoint().fetch(request);
  },
};
