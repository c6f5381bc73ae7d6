// ctx.props on their way from the caller to the entrypoint.
import {ArrayIsArray} from '../internal/primordials.js';
import {isObject} from '../internal/webidl.js';
import {readMessage, writeServicesMessage} from '../rpc/message.js';
import {deserialize, serialize} from './structured_clone.js';

const kNone = {__proto__: null, bytes: undefined, externals: undefined};

// {bytes, externals} for natives. Props are plain values, and may hold services.
export function propsToWire(props) {
  if (!isObject(props)) return kNone;
  let failure;
  try {
    return {__proto__: null, bytes: serialize(props), externals: undefined};
  } catch (error) {
    failure = error;
  }
  try {
    return writeServicesMessage(props);
  } catch {
    throw failure;
  }
}

// What natives give: bytes, [bytes, externals], or undefined. Props that are no object count as
// none.
export function propsFromWire(wire) {
  if (wire === undefined) return {};
  const props = ArrayIsArray(wire) ? readMessage(wire[0], wire[1]).value : deserialize(wire);
  return isObject(props) ? props : {};
}
