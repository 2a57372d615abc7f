import { describe, expect, it } from 'vitest';
import { readFacts } from './testing/read-facts.ts';

const chunk = (type: string, data: Buffer | string = '') => {
  const bytes = Buffer.from(data as string, 'latin1');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, Buffer.from(type), bytes, Buffer.alloc(4)]);
};
const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
const header = (colorType: number) => chunk('IHDR', Buffer.of(0, 0, 0, 1, 0, 0, 0, 1, 8, colorType, 0, 0, 0));
const png = (...chunks: Buffer[]) => readFacts('image/png', Buffer.concat([signature, ...chunks, chunk('IDAT', 'x')]));

describe('PNG', () => {
  it('is one page, grey or not by its colour type', () => {
    expect(png(header(0))).toEqual({ pages: 1, color: false });
    expect(png(header(4))).toEqual({ pages: 1, color: false });
    expect(png(header(2), chunk('PLTE', '\0\0\0'))).toEqual({ pages: 1, color: true });
    expect(png(header(6))).toEqual({ pages: 1, color: true });
  });

  it('is as grey as its palette', () => {
    expect(png(header(3), chunk('gAMA', '1234'), chunk('PLTE', '\0\0\0\xff\xff\xff'))).toEqual({
      pages: 1,
      color: false
    });
    expect(png(header(3), chunk('PLTE', '\0\0\0\xff\xff\xfe'))).toEqual({ pages: 1, color: true });
    expect(png(header(3))).toEqual({ pages: 1 });
    expect(png(header(3), chunk('PLTE', Buffer.alloc(1000)))).toEqual({ pages: 1 });
  });

  it('is nothing without a header that makes sense', () => {
    expect(png(chunk('tEXt', 'x'))).toEqual({});
    expect(png(header(9))).toEqual({});
    expect(png(chunk('IHDR', 'short'))).toEqual({});
    expect(readFacts('image/png', Buffer.from('GIF89a and more'))).toEqual({});
    expect(readFacts('image/png', signature)).toEqual({});
  });
});

const segment = (marker: number, data: number[]) => [0xff, marker, 0, data.length + 2, ...data];
const frame = (components: number) => [8, 0, 1, 0, 1, components, ...Array<number>(3 * components).fill(0)];
const jpeg = (...parts: number[][]) => readFacts('image/jpeg', Buffer.from([0xff, 0xd8, ...parts.flat(), 0xff, 0xd9]));

describe('JPEG', () => {
  it('is one page, grey or not by its components', () => {
    expect(jpeg(segment(0xe0, [1, 2, 3]), segment(0xc0, frame(1)))).toEqual({ pages: 1, color: false });
    expect(jpeg(segment(0xc4, [1]), [0xff, 0xff], segment(0xc2, frame(3)))).toEqual({ pages: 1, color: true });
    expect(jpeg(segment(0xfe, Array<number>(200).fill(0xff)), segment(0xc1, frame(4)))).toEqual({
      pages: 1,
      color: true
    });
  });

  it('is nothing without a frame that makes sense', () => {
    expect(jpeg()).toEqual({});
    expect(jpeg(segment(0xc0, frame(2)))).toEqual({});
    expect(jpeg(segment(0xda, [1, 2, 3, 4, 5, 6, 7, 8]), segment(0xc0, frame(3)))).toEqual({});
    expect(jpeg([1, 2, 3], segment(0xc0, frame(3)))).toEqual({});
    expect(jpeg([0xff, 0xe0, 0xff, 0xff], segment(0xc0, frame(3)))).toEqual({});
    expect(readFacts('image/jpeg', Buffer.from('no JPEG at all'))).toEqual({});
  });
});
