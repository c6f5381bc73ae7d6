import { equal, throws } from '../check.js';

export const parts_are_cut_out = {
  test() {
    const url = new URL('https://user:pa%20ss@example.com:8080/a/b?x=1&y=2#frag');
    equal([url.protocol, url.username, url.password, url.host, url.hostname, url.port, url.pathname, url.search, url.hash, url.origin],
          ['https:', 'user', 'pa%20ss', 'example.com:8080', 'example.com', '8080', '/a/b', '?x=1&y=2', '#frag',
           'https://example.com:8080']);
    equal([`${url}`, JSON.stringify(url)], [url.href, `"${url.href}"`]);
  },
};

export const absent_parts_are_empty = {
  test() {
    const url = new URL('http://h');
    equal([url.href, url.username, url.password, url.port, url.pathname, url.search, url.hash], ['http://h/', '', '', '', '/', '', '']);
    const mail = new URL('mailto:a@b');
    equal([mail.host, mail.pathname, mail.origin], ['', 'a@b', 'null']);
    equal(new URL('web+demo:/.//not-a-host/').host, '');
    equal(new URL('blob:https://a.example/x').origin, 'https://a.example');
  },
};

export const input_is_normalised = {
  test() {
    equal(new URL('HTTP://EXAMPLE.com:80/../a b/%7Ex?q=ü#ü').href, 'http://example.com/a%20b/%7Ex?q=%C3%BC#%C3%BC');
    equal(new URL('//bücher.example/', 'https://a/').hostname, 'xn--bcher-kva.example');
    equal(new URL('http://0x7f.1/').hostname, '127.0.0.1');
    equal(new URL('../c?d', 'http://h/a/b/').href, 'http://h/a/c?d');
    equal(new URL('http://h/\ud800').href, 'http://h/%EF%BF%BD');
  },
};

export const setters_reparse = {
  test() {
    const url = new URL('http://h/a');
    url.protocol = 'https';
    url.username = 'u';
    url.password = 'p';
    url.host = 'other:99';
    url.hostname = 'third';
    url.port = '443';
    url.pathname = 'x y';
    url.search = 'a=b';
    url.hash = 'z';
    equal(url.href, 'https://u:p@third/x%20y?a=b#z');
    url.href = 'ftp://q/';
    equal([url.protocol, url.search, url.searchParams.size], ['ftp:', '', 0]);
    throws(() => { url.href = 'nope'; }, 'TypeError');
    url.port = 'nonsense';
    equal(url.href, 'ftp://q/');
  },
};

export const search_params_and_url_follow_each_other = {
  test() {
    const url = new URL('http://h/?a=1&b=2');
    const { searchParams } = url;
    equal(url.searchParams === searchParams, true);
    searchParams.append('c', 'x y&');
    equal(url.search, '?a=1&b=2&c=x+y%26');
    searchParams.delete('a');
    equal(url.href, 'http://h/?b=2&c=x+y%26');
    url.search = '?z=9';
    equal([...searchParams], [['z', '9']]);
    searchParams.delete('z');
    equal(url.href, 'http://h/');
  },
};

export const bad_input_is_refused = {
  test() {
    throws(() => new URL(), 'TypeError');
    throws(() => new URL('/relative'), 'TypeError', 'Invalid URL');
    throws(() => new URL('http://[::1'), 'TypeError');
    throws(() => new URL('a', 'b'), 'TypeError');
    equal([URL.canParse('http://a'), URL.canParse('x'), URL.canParse('x', 'http://a')], [true, false, true]);
    equal([URL.parse('x'), URL.parse('x', 'http://a').href], [null, 'http://a/x']);
  },
};

export const getters_need_a_url = {
  test() {
    const { get } = Object.getOwnPropertyDescriptor(URL.prototype, 'href');
    throws(() => get.call({}), 'TypeError');
  },
};
