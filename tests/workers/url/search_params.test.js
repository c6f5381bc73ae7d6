import { equal, throws } from '../check.js';

export const init_takes_text_pairs_and_records = {
  test() {
    equal([...new URLSearchParams('?a=1&a=2&b&=c&&d=%20+%')], [['a', '1'], ['a', '2'], ['b', ''], ['', 'c'], ['d', '  %']]);
    equal([...new URLSearchParams([['x', 1], ['y', 2]])], [['x', '1'], ['y', '2']]);
    equal([...new URLSearchParams({ x: 1, y: 'z' })], [['x', '1'], ['y', 'z']]);
    equal([...new URLSearchParams(new URLSearchParams('q=1'))], [['q', '1']]);
    equal([...new URLSearchParams(new Map([['k', 'v']]))], [['k', 'v']]);
    throws(() => new URLSearchParams([['only']]), 'TypeError');
  },
};

export const decoding_survives_broken_input = {
  test() {
    equal(new URLSearchParams('a=%E4%BD%A0%zz%').get('a'), '你%zz%');
    equal(new URLSearchParams('a=%FF').get('a'), '\ufffd');
    equal(new URLSearchParams('a=\ud800').get('a'), '\ufffd');
    equal(new URLSearchParams('%EF%BB%BFa=1').get('\ufeffa'), '1');
  },
};

export const text_is_form_encoded = {
  test() {
    equal(`${new URLSearchParams([['a b', "*-._~!'()&=+é😀"]])}`, 'a+b=*-._%7E%21%27%28%29%26%3D%2B%C3%A9%F0%9F%98%80');
  },
};

export const methods_change_the_list = {
  test() {
    const params = new URLSearchParams('a=1&b=2&a=3&c=4');
    equal([params.get('a'), params.getAll('a'), params.get('z'), params.has('b'), params.has('b', '3'), params.size], ['1', ['1', '3'], null, true, false, 4]);
    params.set('a', 'x');
    equal(`${params}`, 'a=x&b=2&c=4');
    params.append('b', '5');
    params.delete('b', '2');
    equal(`${params}`, 'a=x&c=4&b=5');
    params.sort();
    equal(`${params}`, 'a=x&b=5&c=4');
  },
};

export const iteration_is_live = {
  test() {
    const params = new URLSearchParams('a=1&b=2&c=3');
    const seen = [];
    for (const [name] of params) {
      seen.push(name);
      params.delete('b');
    }
    equal(seen, ['a', 'c']);
    equal([[...params.keys()], [...params.values()]], [['a', 'c'], ['1', '3']]);
    const visited = [];
    params.forEach(function (value, name, object) { visited.push(value, name, object === params, this.t); }, { t: 1 });
    equal(visited, ['1', 'a', true, 1, '3', 'c', true, 1]);
  },
};

export const arguments_are_checked = {
  test() {
    throws(() => new URLSearchParams().get(), 'TypeError');
    throws(() => new URLSearchParams().append('a'), 'TypeError');
    throws(() => URLSearchParams.prototype.get.call({}, 'a'), 'TypeError');
  },
};
