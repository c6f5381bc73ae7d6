// Requests answered while the snapshot is made, so that the functions every cold start needs are in it compiled. Nothing of it
// stays but their code: what the natives would do is left out, and the handlers are replaced by the Worker's.
import {setGlobalScope} from '../fetch/body_init.js';
import {Response} from '../fetch/response.js';
import {prepareWorker} from './entry.js';
import {registerModule} from './handlers.js';
import {answer, startFetch} from './start_fetch.js';

const respondNothing = () => undefined;

export function practise() {
  const {flagBits, isEnabled, respond, requireInvocation} = natives;
  natives.flagBits = respondNothing;
  natives.isEnabled = respondNothing;
  natives.respond = respondNothing;
  natives.requireInvocation = respondNothing;
  setGlobalScope(false);
  prepareWorker({bindings: [], serviceWorker: false});
  registerModule({default: {fetch: () => new Response('text')}});
  startFetch(1, 'GET', 'http://practice/', false, undefined, undefined, undefined);
  answer(new Response('text', {headers: {'content-type': 'text/plain'}}));  // as after a promise
  registerModule({});
  setGlobalScope(true);
  natives.flagBits = flagBits;
  natives.isEnabled = isEnabled;
  natives.respond = respond;
  natives.requireInvocation = requireInvocation;
}
