import { equal, throws } from '../check.js';

const pathname = (pattern, input) => new URLPattern({ pathname: pattern }).exec({ pathname: input })?.pathname.groups ?? null;

export const groups_have_names_or_numbers = {
  test() {
    equal(pathname('/books/:id', '/books/12'), { id: '12' });
    equal(pathname('/books/:id(\\d+)', '/books/twelve'), null);
    equal(pathname('/*/x/*', '/a/b/x/c'), { 0: 'a/b', 1: 'c' });
    equal(pathname('/:a/:b?', '/1'), { a: '1' });
    equal(pathname('/:parts+', '/1/2/3'), { parts: '1/2/3' });
    equal(pathname('/x{.:ending}?', '/x.png'), { ending: 'png' });
  },
};

export const a_string_is_cut_into_components = {
  test() {
    const pattern = new URLPattern('https://*.example.com:8080/api/:version/*\\?q=:query#part');
    equal([pattern.protocol, pattern.hostname, pattern.port], ['https', '*.example.com', '8080']);
    equal([pattern.pathname, pattern.search, pattern.hash], ['/api/:version/*', 'q=:query', 'part']);
    equal([pattern.username, pattern.password], ['*', '*']);
    const match = pattern.exec('https://eu.example.com:8080/api/v2/users/1?q=ann#part');
    equal(match.hostname, { input: 'eu.example.com', groups: { 0: 'eu' } });
    equal(match.pathname.groups, { 0: 'users/1', version: 'v2' });
    equal(match.search.groups, { query: 'ann' });
    equal(match.inputs, ['https://eu.example.com:8080/api/v2/users/1?q=ann#part']);
    equal(pattern.test('https://eu.example.com/api/v2/users/1?q=ann#part'), false);
  },
};

export const a_base_gives_what_is_left_out = {
  test() {
    const pattern = new URLPattern('/users/:id', 'https://example.com');
    equal([pattern.protocol, pattern.hostname, pattern.pathname], ['https', 'example.com', '/users/:id']);
    equal(pattern.test('/users/7', 'https://example.com'), true);
    equal(pattern.test('/users/7', 'https://example.org'), false);
    equal(pattern.test('not a URL'), false);
    throws(() => new URLPattern('/users/:id'), 'TypeError');
  },
};

export const components_are_made_canonical = {
  test() {
    const pattern = new URLPattern({ protocol: 'https', hostname: 'EXÄMPLE.com', port: '443', pathname: '/a b/../ü' });
    equal([pattern.protocol, pattern.hostname, pattern.port], ['https', 'xn--exmple-cua.com', '']);
    equal(pattern.pathname, '/%C3%BC');
  },
};

export const letter_case_can_be_ignored = {
  test() {
    const exact = new URLPattern({ pathname: '/Foo' });
    const free = new URLPattern({ pathname: '/Foo' }, { ignoreCase: true });
    equal([exact.test({ pathname: '/foo' }), free.test({ pathname: '/foo' })], [false, true]);
  },
};

export const regular_expressions_are_known_of = {
  test() {
    equal(new URLPattern({ pathname: '/:id' }).hasRegExpGroups, false);
    equal(new URLPattern({ pathname: '/:id([a-z]+)' }).hasRegExpGroups, true);
  },
};

export const malformed_patterns_are_refused = {
  test() {
    for (const pattern of ['/(', '/{a', '/a}', '/:', '/(?<n>a)', '/:a/:a', '/(\\', '/([)']) {
      throws(() => new URLPattern({ pathname: pattern }), 'TypeError');
    }
    throws(() => new URLPattern({ hostname: 'a b' }), 'TypeError');
    throws(() => new URLPattern({ port: 'x' }), 'TypeError');
    throws(() => new URLPattern({}, 'https://example.com'), 'TypeError');
  },
};

export const nothing_matches_everything = {
  test() {
    const pattern = new URLPattern();
    equal([pattern.protocol, pattern.pathname, pattern.hash], ['*', '*', '*']);
    equal(pattern.test('https://user:pass@example.com:1/x?y#z'), true);
  },
};

export const scripts_that_patch_the_language_are_not_called = {
  test() {
    const { exec } = RegExp.prototype;
    let calls = 0;
    RegExp.prototype.exec = function (...rest) {
      calls += 1;
      return exec.apply(this, rest);
    };
    try {
      equal(new URLPattern({ pathname: '/:a' }).test({ pathname: '/b' }), true);
    } finally {
      RegExp.prototype.exec = exec;
    }
    equal(calls, 0);
  },
};
