// The storage behind KV bindings when the tests run on the reference runtime, which brings only the client half:
// a Worker in memory that answers that client's HTTP requests.
const entries = new Map();

function find(key) {
  const entry = entries.get(key);
  if (!entry) return undefined;
  if (entry.expiration && entry.expiration * 1000 <= Date.now()) {
    entries.delete(key);
    return undefined;
  }
  return entry;
}

function list(query) {
  const prefix = query.get('prefix') ?? '';
  const limit = Number(query.get('key_count_limit') ?? query.get('limit') ?? 1000);
  const after = query.get('cursor') ? atob(query.get('cursor')) : '';
  const bytes = (text) => new TextEncoder().encode(text);
  const inByteOrder = (left, right) => {
    const [a, b] = [bytes(left), bytes(right)];
    for (let i = 0; i < a.length && i < b.length; i += 1) if (a[i] !== b[i]) return a[i] - b[i];
    return a.length - b.length;
  };
  const all = [...entries.keys()].filter((key) => find(key) && key.startsWith(prefix)).sort(inByteOrder);
  const rest = after ? all.slice(all.indexOf(after) + 1) : all;
  const keys = rest.slice(0, limit).map((name) => {
    const { expiration, metadata } = entries.get(name);
    return { name, ...(expiration && { expiration }), ...(metadata !== null && { metadata: JSON.parse(metadata) }) };
  });
  const complete = rest.length <= limit;
  return Response.json({
    keys,
    list_complete: complete,
    ...(!complete && { cursor: btoa(keys.at(-1).name) }),
    cacheStatus: null,
  });
}

async function bulkGet(request) {
  const { keys, type, withMetadata } = await request.json();
  const result = {};
  for (const key of keys) {
    const entry = find(key);
    if (!entry) {
      result[key] = null;
      continue;
    }
    const text = new TextDecoder().decode(entry.value);
    const value = type === 'json' ? JSON.parse(text) : text;
    const metadata = entry.metadata === null ? null : JSON.parse(entry.metadata);
    result[key] = withMetadata ? { value, metadata } : value;
  }
  return Response.json(result);
}

async function put(request, key, query) {
  const ttl = query.get('expiration_ttl');
  const expiration = query.get('expiration') ?? (ttl && Math.floor(Date.now() / 1000) + Number(ttl));
  entries.set(key, {
    value: await request.arrayBuffer(),
    metadata: request.headers.get('CF-KV-Metadata'),
    expiration: expiration ? Number(expiration) : undefined,
  });
  return new Response(null);
}

export default {
  async fetch(request) {
    const url = new URL(request.url);
    if (request.method === 'POST' && url.pathname === '/bulk/get') return bulkGet(request);
    if (request.method === 'GET' && url.pathname === '/') return list(url.searchParams);
    const path = url.pathname.slice(1);
    const key = url.searchParams.get('urlencoded') ? decodeURIComponent(path) : path;
    if (request.method === 'PUT') return put(request, key, url.searchParams);
    if (request.method === 'DELETE') {
      entries.delete(key);
      return new Response(null);
    }
    const entry = find(key);
    if (!entry) return new Response(null, { status: 404 });
    const headers = entry.metadata === null ? {} : { 'CF-KV-Metadata': entry.metadata };
    return new Response(entry.value, { headers });
  },
};
