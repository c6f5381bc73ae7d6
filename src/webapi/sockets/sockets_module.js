// The names that the module cloudflare:sockets exports.
import {connect} from './socket.js';

export const socketsModule = () => ({__proto__: null, connect});
