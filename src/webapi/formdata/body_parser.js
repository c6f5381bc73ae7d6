// https://fetch.spec.whatwg.org/#dom-body-formdata
import {StringPrototypeToLowerCase, TypeError} from '../internal/primordials.js';
import {decodeUtf8} from '../internal/utf8.js';
import {parse as parseUrlEncoded} from '../url/url_search_params.js';
import {createFormData} from './form_data.js';
import {parseParameters} from '../internal/mime_type.js';
import {parseMultipart} from './multipart_parser.js';

// `contentType` is undefined if the message names none.
export function formDataFromBytes(bytes, contentType) {
  if (contentType === undefined) {
    throw new TypeError('Parsing a Body as FormData requires a Content-Type header.');
  }
  const type = parseParameters(contentType);
  if (type.essence === 'multipart/form-data') {
    const {boundary} = type;
    if (boundary === undefined || boundary === '') {
      throw new TypeError(
          'No boundary string in Content-Type header. The multipart/form-data MIME type requires a boundary ' +
          'parameter, e.g. \'Content-Type: multipart/form-data; boundary="abcd"\'. See RFC 7578, section 4.');
    }
    return createFormData(parseMultipart(bytes, boundary));
  }
  if (type.essence === 'application/x-www-form-urlencoded') {
    const charset = type.charset === undefined ? 'utf-8' : StringPrototypeToLowerCase(type.charset);
    if (charset !== 'utf-8' && charset !== 'utf8') {
      throw new TypeError('Non-utf-8 application/x-www-form-urlencoded body.');
    }
    return createFormData(parseUrlEncoded(decodeUtf8(bytes)));
  }
  throw new TypeError(
      'Unrecognized Content-Type header value. FormData can only parse the following MIME types: ' +
      'multipart/form-data, application/x-www-form-urlencoded');
}
