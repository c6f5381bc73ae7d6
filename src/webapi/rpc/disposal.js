import {ObjectDefineProperty, ReflectApply, SymbolDispose} from '../internal/primordials.js';
import {isObject} from '../internal/webidl.js';

export function defineDisposer(object, dispose) {
  ObjectDefineProperty(object, SymbolDispose, {
    __proto__: null, value: dispose, writable: true, enumerable: false, configurable: true,
  });
}

export function callDisposer(value) {
  if (!isObject(value)) return;
  const dispose = value[SymbolDispose];
  if (typeof dispose === 'function') ReflectApply(dispose, value, []);
}
