// HTMLRewriter: what handlers see, and what comes out.
import { equal, rejects, throws } from '../check.js';

const encoder = new TextEncoder();

function bodyOf(text, size) {
  const bytes = encoder.encode(text);
  return new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
      controller.close();
    },
  });
}

// The output, which must be the same however the input is cut.
async function rewritten(input, prepare, headers = { 'content-type': 'text/html' }) {
  let first;
  for (const size of [1 << 20, 7, 1]) {
    const output = await prepare(new HTMLRewriter()).transform(new Response(bodyOf(input, size), { headers })).text();
    first ??= output;
    equal(output, first);
  }
  return first;
}

// The tag names of elements that match.
async function matches(selector, html) {
  const seen = [];
  await new HTMLRewriter().on(selector, { element: (e) => { seen.push(e.getAttribute('i') ?? e.tagName); } })
    .transform(new Response(html)).text();
  return seen.join(' ');
}

const kTree = `<div i=1 class="a b" id=x lang=en-US><p i=2 class=a title="Hello world"><span i=3>s</span></p><p i=4 data-n=5><em i=5><span i=6></span></em></p><br i=7><P i=8 CLASS=B></P></div><section i=9><p i=10 class="c a"></p></section>`;

export const selectorsMatchTheOpenElements = {
  async test() {
    const cases = {
      '*': '1 2 3 4 5 6 7 8 9 10', p: '2 4 8 10', P: '2 4 8 10', '.a': '1 2 10', '.a.b': '1', '#x': '1', 'p.a': '2 10', 'div p': '2 4 8',
      'div > p': '2 4 8', 'div > span': '', 'div span': '3 6', 'div > p > span': '3', 'div p span': '3 6', 'p em > span': '6',
      '[title]': '2', '[title="Hello world"]': '2', '[title=Hello]': '', '[title~=world]': '2', '[title^=Hello]': '2', '[title$=world]': '2',
      '[title*="lo w"]': '2', '[lang|=en]': '1', '[title="hello WORLD" i]': '2', '[class=B]': '8', 'p, em': '2 4 5 8 10',
      'p:first-child': '2 10', 'p:nth-child(2)': '4', 'p:nth-child(2n+1)': '2 10', 'p:nth-child(even)': '4 8', 'p:nth-of-type(3)': '8',
      'br:nth-of-type(1)': '7', 'p:first-of-type': '2 10', 'p:not(.a)': '4 8', '*:not(p):not(span)': '1 5 7 9', '[data-n="5"] span': '6',
      ':not(div) > p': '10',
    };
    const found = {};
    for (const selector of Object.keys(cases)) found[selector] = await matches(selector, kTree);
    equal(found, cases);
  },
};

export const badSelectorsThrow = {
  test() {
    for (const selector of ['', 'p +', 'p >', 'a + b', 'a ~ b', 'p:hover', 'p::before', '[', 'p:nth-child(x)', '!', 'p,']) {
      throws(() => new HTMLRewriter().on(selector, {}), 'TypeError');
    }
  },
};

export const untouchedInputComesOutAsItIs = {
  async test() {
    const html = '<!doctype html><!-- c --><HTML\nlang=en><p a=1 b = "2" c=\'3\' d/>x &amp; < y</P><br/><script>if (a < b) "</p>"</script><style>p > a {}</style>'
      + '<textarea><b></textarea><svg><path d=""/></svg></nothing><a href="<b>">é✓</a><?php x ?><!bogus></html>';
    equal(await rewritten(html, (r) => r), html);
    equal(await rewritten(html, (r) => r.on('*', { element() {}, text() {}, comments() {} }).onDocument({ doctype() {}, text() {}, comments() {}, end() {} })), html);
    equal(await rewritten('<div', (r) => r.on('*', { element() { throw new Error('seen'); } })), '<div');
  },
};

export const attributesAreReadAndWritten = {
  async test() {
    const seen = [];
    const output = await rewritten('<a Href="x&amp;y" b=\'"q"\' c=d e f="" B=2>t</a>', (r) => r.on('a', {
      element(e) {
        if (seen.length === 0) seen.push([...e.attributes], e.getAttribute('HREF'), e.getAttribute('none'), e.hasAttribute('E'));
        e.setAttribute('c', 'a "quoted" <value> &').setAttribute('New', '1').removeAttribute('b');
      },
    }));
    equal(seen[0].slice(0, 5), [['href', 'x&amp;y'], ['b', '"q"'], ['c', 'd'], ['e', ''], ['f', '']]);
    equal(seen.slice(1), ['x&amp;y', null, true]);
    equal(output.startsWith('<a Href="x&amp;y" c="a &quot;quoted&quot; <value> &" e f=""'), true);
    equal(output.endsWith(' new="1">t</a>'), true);
  },
};

export const contentIsPutAroundElements = {
  async test() {
    const put = (e) => e.before('1<', { html: true }).before('2<').after('3').after('4').prepend('5').prepend('6').append('7').append('<8>', { html: true });
    equal(await rewritten('<p>x</p>', (r) => r.on('p', { element: put })), '1<2&lt;<p>65x7<8></p>43');
    equal(await rewritten('<br>x', (r) => r.on('br', { element: put })), '1<2&lt;<br>43x');
    equal(await rewritten('<p>x', (r) => r.on('p', { element: put })).then((s) => s.slice(0, 14)), '1<2&lt;<p>65x');
  },
};

export const elementsAreReplacedAndRemoved = {
  async test() {
    const html = 'a<p>b<i>c</i></p>d';
    const using = (element) => rewritten(html, (r) => r.on('p', { element }));
    equal(await using((e) => { e.remove(); }), 'ad');
    equal(await using((e) => { e.removeAndKeepContent(); }), 'ab<i>c</i>d');
    equal(await using((e) => { e.replace('<b>', { html: true }); }), 'a<b>d');
    equal(await using((e) => { e.setInnerContent('<x>'); }), 'a<p>&lt;x&gt;</p>d');
    equal(await using((e) => { e.setInnerContent('1').prepend('0').append('2'); }), 'a<p>012</p>d');
    equal(await using((e) => { e.before('[').after(']').remove(); }), 'a[]d');
    equal(await using((e) => { e.tagName = 'h1'; }), 'a<h1>b<i>c</i></h1>d');
    equal(await using((e) => { e.remove(); e.replace('r'); }), 'ard');
  },
};

export const innerHandlersRunInsideRemovedElements = {
  async test() {
    const seen = [];
    const output = await new HTMLRewriter().on('p', { element(e) { e.setInnerContent('new'); } })
      .on('i', { element(e) { seen.push(e.tagName); e.before('!'); }, text(t) { seen.push(t.text); } })
      .transform(new Response('<p>old<i>inner</i></p>')).text();
    equal([output, seen], ['<p>new</p>', ['i', 'inner', '']]);
  },
};

export const endTagsHaveHandlers = {
  async test() {
    const output = await rewritten('<p>a<i>b</p>c</p>', (r) => r.on('p', {
      element(e) {
        e.onEndTag((tag) => { tag.before(`[${tag.name}`).after(']'); });
      },
    }));
    equal(output, '<p>a<i>b[p</p>]c</p>');
    equal(await rewritten('<p>a</p>', (r) => r.on('p', { element(e) { e.onEndTag((tag) => { tag.name = 'h2'; }); } })), '<p>a</h2>');
    equal(await rewritten('<p>a</p>b', (r) => r.on('p', { element(e) { e.onEndTag((tag) => { tag.remove(); }); } })), '<p>ab');
    await rejects(new HTMLRewriter().on('br', { element(e) { e.onEndTag(() => {}); } }).transform(new Response('<br>')).text(), 'TypeError', 'No end tag');
  },
};

export const textComesInChunksWithAnEmptyLastOne = {
  async test() {
    const seen = [];
    await new HTMLRewriter().on('p', { text(t) { seen.push([t.text, t.lastInTextNode]); } })
      .transform(new Response('out<p>one &amp; two<b>three</b></p>out')).text();
    equal(seen, [['one &amp; two', false], ['', true], ['three', false], ['', true]]);
    const joined = await rewritten('<p>é✓𝒳 text</p>', (r) => {
      let text = '';
      return r.on('p', {
        text(t) {
          text += t.text;
          if (t.lastInTextNode) t.replace(`<${text}>`);
          else t.remove();
        },
      });
    });
    equal(joined, '<p>&lt;é✓𝒳 text&gt;</p>');
  },
};

export const scriptsAndTheLikeAreText = {
  async test() {
    const seen = [];
    let script = '';  // comes in pieces
    const html = '<script><p>a</p></script><style><p></style><title><p>t</title><textarea><p></textarea><p i=1></p>'
      + '<script><!-- <script> </script> <p> --></script><p i=2></p><iframe><p></iframe><noscript><b></noscript>';
    await new HTMLRewriter().on('p', { element(e) { seen.push(e.getAttribute('i')); } })
      .on('script', { text(t) { script += t.text; if (t.lastInTextNode) { seen.push(script); script = ''; } } }).transform(new Response(html)).text();
    equal(seen, ['<p>a</p>', '1', '<!-- <script> </script> <p> -->', '2']);
  },
};

export const commentsAreSeenAndChanged = {
  async test() {
    const seen = [];
    const output = await rewritten('<!--a--><p><!-- b --><!----><!--c--!><!x></p>', (r) => r.on('p', {
      comments(c) {
        seen.push(c.text);
        if (c.text === ' b ') { c.before('<').after('>', { html: true }); c.text = 'B'; }
        if (c.text === 'c') c.replace('gone');
      },
    }));
    equal(output, '<!--a--><p>&lt;<!--B-->><!---->gone<!x></p>');
    equal(seen.slice(0, 4), [' b ', '', 'c', 'x']);
    await rejects(new HTMLRewriter().on('p', { comments(c) { c.text = 'x-->'; } }).transform(new Response('<p><!--a--></p>')).text(), 'TypeError', 'comment-closing sequence');
  },
};

export const theDocumentHasHandlers = {
  async test() {
    const seen = [];
    const output = await new HTMLRewriter().onDocument({
      doctype(d) { seen.push([d.name, d.publicId, d.systemId]); },
      comments(c) { seen.push(c.text); c.remove(); },
      text(t) { if (t.text) seen.push(t.text); },
      end(e) { e.append('<end>', { html: true }).append('<'); },
    }).transform(new Response('<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN" "http://x/y.dtd"><!--c-->t<p>u</p>')).text();
    equal(output, '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN" "http://x/y.dtd">t<p>u</p><end>&lt;');
    equal(seen, [['html', '-//W3C//DTD HTML 4.01//EN', 'http://x/y.dtd'], 'c', 't', 'u']);
    const names = [];
    for (const doctype of ['<!doctype html>', '<!doctype>', "<!DOCTYPE x SYSTEM 's'>"]) {
      await new HTMLRewriter().onDocument({ doctype(d) { names.push([d.name, d.publicId, d.systemId]); } }).transform(new Response(doctype)).text();
    }
    equal(names, [['html', null, null], [null, null, null], ['x', null, 's']]);
  },
};

export const handlersRunInOrderAndMayWait = {
  async test() {
    const order = [];
    const wait = (name) => ({ async element() { await scheduler.wait(1); order.push(name); } });
    await new HTMLRewriter().on('p', wait('first')).on('*', wait('second')).on('p', wait('third'))
      .transform(new Response('<p></p><b></b>')).text();
    equal(order, ['first', 'second', 'third', 'second']);
  },
};

export const tokensAreDeadAfterTheirHandler = {
  async test() {
    let kept;
    await new HTMLRewriter().on('p', { element(e) { kept = e; } }).transform(new Response('<p></p>')).text();
    for (const use of [() => kept.tagName, () => kept.setAttribute('a', 'b'), () => kept.before('x'), () => kept.removed]) {
      throws(use, 'TypeError', 'This content token is no longer valid.');
    }
  },
};

export const foreignContentHasItsNamespaces = {
  async test() {
    const seen = {};
    await new HTMLRewriter().on('*', { element(e) { seen[e.tagName] = e.namespaceURI.split('/').pop(); } })
      .transform(new Response('<div><svg><g><foreignObject><b></b></foreignObject><title><i></i></title></g></svg><math><mi><u></u></mi><mrow></mrow></math></div>')).text();
    equal(seen, { div: 'xhtml', svg: 'svg', g: 'svg', foreignobject: 'svg', b: 'xhtml', title: 'svg', i: 'xhtml', math: 'MathML', mi: 'MathML', u: 'xhtml', mrow: 'MathML' });
    equal(await rewritten('<svg><p i=1/>x</svg>', (r) => r.on('svg', { element(e) { e.append('!'); } })), '<svg><p i=1/>x!</svg>');
  },
};

export const otherEncodingsKeepTheirBytes = {
  async test() {
    const bytes = new Uint8Array([...encoder.encode('<p t="'), 0xe9, ...encoder.encode('">'), 0xe8, ...encoder.encode('</p>')]);
    const seen = [];
    const response = new HTMLRewriter().on('p', {
      element(e) { seen.push(e.getAttribute('t')); e.append('ü✓'); },
      text(t) { if (t.text) seen.push(t.text); },
    }).transform(new Response(bytes, { headers: { 'content-type': 'text/html; charset=windows-1252' } }));
    const output = new Uint8Array(await response.arrayBuffer());
    equal(seen, ['é', 'è']);
    equal([...output.slice(0, bytes.length - 4)], [...bytes.slice(0, bytes.length - 4)]);
    throws(() => new HTMLRewriter().transform(new Response('', { headers: { 'content-type': 'text/html; charset=utf-16' } })), 'TypeError', 'ASCII-compatible');
  },
};

export const responsesKeepTheirHead = {
  async test() {
    const response = new HTMLRewriter().on('p', {}).transform(new Response('<p>', { status: 404, headers: { 'x-a': 'b' } }));
    equal([response.status, response.headers.get('x-a'), await response.text()], [404, 'b', '<p>']);
    const empty = new Response(null);
    equal(new HTMLRewriter().transform(empty) === empty, true);
    throws(() => new HTMLRewriter().transform('x'), 'TypeError');
    throws(() => new HTMLRewriter().on('p', { element: 5 }), 'TypeError');
    throws(() => new HTMLRewriter().on('p'), 'TypeError');
  },
};

export const namesOfTagsAreChecked = {
  async test() {
    const errors = [];
    await new HTMLRewriter().on('p', {
      element(e) {
        for (const set of [() => { e.tagName = ''; }, () => { e.tagName = '1'; }, () => { e.tagName = 'a/b'; }, () => e.setAttribute('', 'x'),
          () => e.setAttribute('a b', 'x')]) {
          try { set(); } catch (error) { errors.push(`${error.name}: ${error.message}`); }
        }
      },
    }).transform(new Response('<p>')).text();
    equal(errors, ["TypeError: Parser error: Tag name can't be empty.",
      'TypeError: Parser error: The first character of the tag name should be an ASCII alphabetical character.',
      'TypeError: Parser error: `/` character is forbidden in the tag name', "TypeError: Parser error: Attribute name can't be empty.",
      'TypeError: Parser error: ` ` character is forbidden in the attribute name']);
  },
};

export const largeDocumentsStream = {
  async test() {
    const row = '<tr><td class="a">cell &amp; text</td><td>more</td></tr>\n';
    let rows = 20_000;
    const stream = new ReadableStream({
      pull(controller) {
        controller.enqueue(encoder.encode(row.repeat(100)));
        if ((rows -= 100) === 0) controller.close();
      },
    });
    let count = 0;
    const response = new HTMLRewriter().on('td.a', { element(e) { count++; e.setAttribute('n', '1'); } }).transform(new Response(stream));
    let size = 0;
    for await (const chunk of response.body) size += chunk.byteLength;
    equal([count, size], [20_000, 20_000 * (row.length + ' n="1"'.length)]);
  },
};
