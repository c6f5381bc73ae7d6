'use strict';
const {Promise} = primordials;
const {codes: {ERR_INVALID_THIS}} = require('internal/errors');
const {validateAbortSignal, validateObject, kValidateObjectAllowObjects} = require('internal/validators');
const {webValue} = require('atoll/platform');

const AbortSignal = webValue('AbortSignal');

// Fulfilled once the signal is aborted.
async function aborted(signal, resource) {
  if (signal === undefined) throw new ERR_INVALID_THIS('AbortSignal');
  validateAbortSignal(signal, 'signal');
  validateObject(resource, 'resource', kValidateObjectAllowObjects);
  if (signal.aborted) return undefined;
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), {once: true}));
}

module.exports = {
  AbortController: webValue('AbortController'),
  AbortSignal,
  aborted,
  transferableAbortController: () => new (webValue('AbortController'))(),
  transferableAbortSignal: (signal) => signal,
};
