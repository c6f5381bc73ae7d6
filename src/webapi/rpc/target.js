// What scripts extend to give objects away that others can call.
import {defineInterface} from '../internal/webidl.js';

export class RpcTarget {}
defineInterface(RpcTarget, 'RpcTarget');
