import { expect, it } from 'vitest';
import { readFacts } from './testing/read-facts.ts';

const facts = (...lines: string[]) => readFacts('application/postscript', Buffer.from(lines.join('\n'), 'latin1'));
const first = '%!PS-Adobe-3.0';
const a4 = { x: 20990, y: 29704 };

it('believes structuring comments that agree', () => {
  expect(
    facts(first, '%%Pages: 2', '%%EndComments', '%%Page: 1 1', 'showpage', '%%Page: ii 2', 'showpage', '%%EOF')
  ).toEqual({
    pages: 2
  });
  expect(facts(first, '%%Pages: (atend)', '%%Page: (a label) 1', '%%Trailer', '%%Pages: 1 -1', '%%EOF')).toEqual({
    pages: 1
  });
  expect(facts(`\x04${first}`, '%%Pages: 1', '%%Page: 1 1')).toEqual({ pages: 1 });
  expect(facts('\x1b%-12345X@PJL ENTER LANGUAGE=POSTSCRIPT', first, '%%Pages: 1', '%%Page: 1 1')).toEqual({ pages: 1 });
  expect(facts([first, '%%Pages: 1', '%%Page: 1 1', '%%EOF'].join('\r'))).toEqual({ pages: 1 });
});

it('knows paper from the document and from its pages', () => {
  const pages = ['%%Page: 1 1', '%%Page: 2 2', '%%PageBoundingBox: 0 0 842 595', '%%Trailer'];
  expect(facts(first, '%%Pages: 2', '%%DocumentMedia: A4 595 842 80 () ()', ...pages).media).toEqual([
    a4,
    { x: a4.y, y: a4.x }
  ]);
  const several = ['%%DocumentMedia: A4 595 842 80 () ()', '%%+ A3 842 1191 80 () ()'];
  const named = ['%%Page: 1 1', '%%PageMedia: A3', '%%PageBoundingBox: 0 0 10 10', '%%Page: 2 2', '%%PageMedia: A4'];
  expect(facts(first, '%%Pages: 2', ...several, ...named).media).toEqual([{ x: a4.y, y: 42016 }, a4]);
  expect(facts(first, '%%Pages: 2', ...several, ...pages)).toEqual({ pages: 2 });
  expect(facts(first, '%%Pages: 2', ...pages)).toEqual({ pages: 2 });
  expect(facts(first, '%%Pages: 1', '%%Page: 1 1', '%%PageBoundingBox: 72 72 500 700')).toEqual({ pages: 1 });
});

it('passes over documents and data within', () => {
  const within = ['%%BeginDocument: x.eps', first, '%%Pages: 7', '%%Page: 1 1', '%%EndDocument'];
  const data = '\n%%Pages: 9\n%%Page: 2 2\n';
  const binary = [`%%BeginData: ${data.length} Binary Bytes`, data, '%%EndData'];
  expect(facts(first, '%%Pages: 1', '%%Page: 1 1', ...within, ...binary)).toEqual({ pages: 1 });
});

it('says nothing of what does not agree', () => {
  expect(facts('%!', '%%Pages: 1', '%%Page: 1 1')).toEqual({});
  expect(facts(first, '%%Page: 1 1')).toEqual({});
  expect(facts(first, '%%Pages: 2', '%%Page: 1 1')).toEqual({});
  expect(facts(first, '%%Pages: 2', '%%Page: 1 1', '%%Page: 1 1')).toEqual({});
  expect(facts(first, '%%Pages: 1', ' %%Page: 1 1', 'x%%Page: 1 1')).toEqual({});
  expect(facts(first, '%%Pages: 0')).toEqual({});
  expect(facts(first, '%%Pages: 1', '%%Page: 1 1', first, '%%Pages: 1', '%%Page: 1 1')).toEqual({});
  expect(facts(first, '%%Pages: 99999999999999999999')).toEqual({});
});
