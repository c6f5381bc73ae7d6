// What node:process and the global scope tell of rejections, and state that belongs to one request.
import process from 'node:process';
import { equal } from '../check.js';

export const unhandledRejectionsAreToldToBoth = {
  async test() {
    const seen = [];
    const on = (event) => { seen.push([event.type, event.reason?.message ?? null, event.promise instanceof Promise]); };
    const onUnhandled = (reason, promise) => { seen.push(['process', reason.message, promise instanceof Promise]); };
    addEventListener('unhandledrejection', on);
    addEventListener('rejectionhandled', on);
    process.on('unhandledRejection', onUnhandled);
    const rejected = Promise.reject(new Error('nobody cares'));
    await scheduler.wait(5);
    rejected.catch(() => {});
    await scheduler.wait(5);
    removeEventListener('unhandledrejection', on);
    removeEventListener('rejectionhandled', on);
    process.removeListener('unhandledRejection', onUnhandled);
    equal(seen, [
      ['unhandledrejection', 'nobody cares', true], ['process', 'nobody cares', true], ['rejectionhandled', null, true],
    ]);
  },
};

export const theWorkingFolderBelongsToTheRequest = {
  async test() {
    equal(process.cwd(), '/bundle');
    process.chdir('/tmp');
    equal(process.cwd(), '/tmp');
    await scheduler.wait(1);
    equal(process.cwd(), '/tmp');
  },
};

export const theNextRequestHasItsOwn = {
  test() { equal(process.cwd(), '/bundle'); },
};
