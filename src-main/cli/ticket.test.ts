import { Bitmap } from 'qr';
import decodeQR from 'qr/decode.js';
import { describe, expect, it } from 'vitest';
import { blocksOf, svgOf } from './ticket.ts';

const ticket = `LLT1.${'0123456789ABCDEFGHIJKLMNOPQRSTUV'.repeat(7).slice(0, 213)}`;
/** `dark` of each module, as a camera sees it. */
const seen = (size: number, dark: (x: number, y: number) => boolean) =>
  decodeQR(
    new Bitmap(size)
      .rect(0, size, ({ x, y }) => dark(x, y))
      .scale(5)
      .toImage()
  );

describe('a ticket', () => {
  it('is read back from a terminal, in two colours that it sets itself', () => {
    const lines = blocksOf(ticket).split('\n');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours of a terminal
    const rows = lines.map((line) => /^\u001b\[97;40m([█▀▄ ]+)\u001b\[0m$/.exec(line)?.[1] ?? '');
    const size = rows[0]?.length ?? 0;
    const light = (x: number, y: number) => {
      const block = rows[y >> 1]?.[x];
      return block === '█' || block === (y % 2 === 0 ? '▀' : '▄');
    };
    expect(seen(size, (x, y) => !light(x, y))).toBe(ticket);
  });

  it('is read back from its file, and is dark on white there', () => {
    const svg = svgOf(ticket);
    const size = Number(/viewBox="0 0 (\d+) \1"/.exec(svg)?.[1]);
    expect(svg).toContain(`<path fill="#fff" d="M0 0h${size}v${size}H0z"/>`);
    const dark = new Set([...svg.matchAll(/M(\d+) (\d+)h1v1h-1z/g)].map(([, x, y]) => `${x},${y}`));
    expect(seen(size, (x, y) => dark.has(`${x},${y}`))).toBe(ticket);
  });
});
