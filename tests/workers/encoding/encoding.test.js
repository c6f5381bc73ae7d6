import { equal, throws } from '../check.js';

const bytes = (...list) => new Uint8Array(list);

export const encode_gives_utf8 = {
  test() {
    equal([...new TextEncoder().encode('aé😀\ud800')], [97, 195, 169, 240, 159, 152, 128, 239, 191, 189]);
    equal(new TextEncoder().encode().length, 0);
    equal(new TextEncoder().encoding, 'utf-8');
  },
};

export const encode_into_fills_whole_characters = {
  test() {
    const target = new Uint8Array(5);
    equal(new TextEncoder().encodeInto('aé😀', target), { read: 2, written: 3 });
    equal([...target], [97, 195, 169, 0, 0]);
    equal(new TextEncoder().encodeInto('😀', new Uint8Array(4)), { read: 2, written: 4 });
    throws(() => new TextEncoder().encodeInto('a', new Uint16Array(1)), 'TypeError');
  },
};

export const decode_replaces_or_refuses_broken_bytes = {
  test() {
    equal(new TextDecoder().decode(bytes(0x61, 0xff, 0xe2, 0x82, 0x62)), 'a\ufffd\ufffdb');
    throws(() => new TextDecoder('utf-8', { fatal: true }).decode(bytes(0xff)), 'TypeError');
    equal(new TextDecoder('utf-8', { fatal: true }).decode(bytes(0xe2, 0x82, 0xac)), '€');
  },
};

export const a_byte_order_mark_is_dropped_unless_asked_for = {
  test() {
    const marked = bytes(0xef, 0xbb, 0xbf, 0x61);
    equal([new TextDecoder().decode(marked), new TextDecoder('utf-8', { ignoreBOM: true }).decode(marked)], ['a', '\ufeffa']);
  },
};

export const streaming_keeps_unfinished_characters = {
  test() {
    const decoder = new TextDecoder();
    const parts = [bytes(0xef), bytes(0xbb, 0xbf, 0xf0), bytes(0x9f, 0x98), bytes(0x80, 0xe2)].map((part) => decoder.decode(part, { stream: true }));
    equal([...parts, decoder.decode()], ['', '', '', '😀', '\ufffd']);
    equal(decoder.decode(bytes(0x61)), 'a');
  },
};

export const any_view_can_be_decoded = {
  test() {
    const { buffer } = bytes(0x78, 0x61, 0x62, 0x79);
    equal([new TextDecoder().decode(buffer), new TextDecoder().decode(new DataView(buffer, 1, 2)), new TextDecoder().decode(new Uint16Array(buffer, 2, 1))],
          ['xaby', 'ab', 'by']);
    throws(() => new TextDecoder().decode('text'), 'TypeError');
    equal(new TextDecoder().decode(), '');
  },
};

export const other_encodings_are_known = {
  test() {
    equal(new TextDecoder('utf-16le').decode(bytes(0x61, 0, 0x3d, 0xd8, 0, 0xde)), 'a😀');
    equal(new TextDecoder('utf-16be').decode(bytes(0, 0x61)), 'a');
    equal(new TextDecoder('latin1').encoding, 'windows-1252');
    equal(new TextDecoder('ascii').decode(bytes(0x80, 0xe9)), '€é');
    equal(new TextDecoder('iso-8859-2').decode(bytes(0xb1)), 'ą');
    equal(new TextDecoder('koi8-r').decode(bytes(0xd0)), 'п');
    equal(new TextDecoder('  Shift_JIS\n').decode(bytes(0x82, 0xa0)), 'あ');
    equal(new TextDecoder('euc-kr').decode(bytes(0xb0, 0xa1)), '가');
    equal(new TextDecoder('gbk').decode(bytes(0xc4, 0xe3)), '你');
    throws(() => new TextDecoder('nonsense'), 'RangeError');
  },
};

export const multi_byte_characters_may_be_split = {
  test() {
    const decoder = new TextDecoder('shift_jis');
    equal([decoder.decode(bytes(0x61, 0x82), { stream: true }), decoder.decode(bytes(0xa0), { stream: true }), decoder.decode()], ['a', 'あ', '']);
    const modes = new TextDecoder('iso-2022-jp');
    const parts = [bytes(0x61, 0x1b, 0x24), bytes(0x42, 0x24), bytes(0x22, 0x24, 0x24), bytes(0x1b, 0x28, 0x42, 0x62)];
    equal([...parts.map((part) => modes.decode(part, { stream: true })), modes.decode()].join(''), 'aあいb');
    const wide = new TextDecoder('utf-16le');
    equal([wide.decode(bytes(0x3d), { stream: true }), wide.decode(bytes(0xd8, 0), { stream: true }), wide.decode(bytes(0xde))], ['', '', '😀']);
  },
};

export const base64_both_ways = {
  test() {
    equal([btoa('ab\xff'), atob('YWL/'), atob(' Y W\nJj '), btoa('')], ['YWL/', 'ab\xff', 'abc', '']);
    throws(() => btoa('\u0100'), 'InvalidCharacterError');
    throws(() => atob('*'), 'InvalidCharacterError');
    throws(() => atob('a'), 'InvalidCharacterError');
    throws(() => atob('ab=c'), 'InvalidCharacterError');
  },
};

async function through(stream, chunks) {
  const writer = stream.writable.getWriter();
  const writing = (async () => {
    for (const chunk of chunks) await writer.write(chunk);
    await writer.close();
  })();
  const seen = [];
  for await (const chunk of stream.readable) seen.push(chunk);
  await writing;
  return seen;
}

export const text_streams_keep_characters_whole = {
  async test() {
    const encoded = await through(new TextEncoderStream(), ['a\ud83d', '\ude00']);
    equal(encoded.flatMap((chunk) => [...chunk]), [97, 240, 159, 152, 128]);
    equal((await through(new TextDecoderStream(), [bytes(0xe2, 0x82), bytes(0xac, 0x61)])).join(''), '€a');
  },
};

export const what_is_wrong_takes_no_ascii_with_it = {
  test() {
    const vectors = {
      big5: [[[0x80], '\uFFFD'], [[0x81, 0x40], '\uFFFD@'], [[0x83, 0x5c, 0x41], '\uFFFD\\A'], [[0x81, 0x81], '\uFFFD'], [[0xa4, 0x40], '一']],
      'euc-jp': [
        [[0x8d, 0x8d], '\uFFFD\uFFFD'], [[0x8e, 0x8e], '\uFFFD'], [[0x8e, 0x41], '\uFFFDA'], [[0xa4, 0x80], '\uFFFD'],
        [[0xb0, 0xa1], '亜'], [[0x8e, 0xb1], 'ｱ'], [[0x8f, 0xb0, 0xa1], '丂'],
      ],
    };
    for (const [label, pairs] of Object.entries(vectors)) {
      for (const [input, text] of pairs) equal(new TextDecoder(label).decode(Uint8Array.from(input)), text);
    }
    const decoder = new TextDecoder('big5');
    equal(decoder.decode(bytes(0x81), { stream: true }) + decoder.decode(bytes(0x40)), '\uFFFD@');
  },
};
