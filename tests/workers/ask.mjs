// One GET request with headers of one's own (fetch cannot set `host`) → the answer parsed as JSON.
import http from 'node:http';

export function askJson({ url, headers }, timeoutMs) {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { headers, agent: false, timeout: timeoutMs });
    request.on('timeout', () => request.destroy(new Error(`no answer within ${timeoutMs} ms`)));
    request.on('error', reject);
    request.on('response', (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk) => { body += chunk; });
      response.on('error', reject);
      response.on('end', () => {
        try {
          resolve(JSON.parse(body));
        } catch {
          reject(new Error(`status ${response.statusCode}: ${body.slice(0, 500)}`));
        }
      });
    });
  });
}
