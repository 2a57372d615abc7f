import { Bitmap } from 'qr';
import decodeQR from 'qr/decode.js';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { QrCode } from './QrCode.tsx';

/** Draws the picture, then looks at it as a camera does: the text in it. */
function seen(text: string): { readonly text: string; readonly modules: number } {
  const html = renderToStaticMarkup(<QrCode text={text} label="code" />);
  const size = Number(/viewBox="0 0 (\d+) \1"/.exec(html)?.[1]);
  const picture = new Bitmap(size).rect(0, size, false);
  for (const [, x, y] of html.matchAll(/M(\d+) (\d+)h1v1h-1z/g)) picture.rect({ x: Number(x), y: Number(y) }, 1, true);
  return { text: decodeQR(picture.scale(5).toImage()), modules: size - 8 };
}

const link =
  'otpauth://totp/Letterlock%20Demo:admin?issuer=Letterlock%20Demo&secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&algorithm=SHA1&digits=6&period=30';

describe('a QR code', () => {
  it.each([['LETTERLOCK'], ['é'.repeat(10)], [link], ['y'.repeat(300)]])('of %j is read back', (text) => {
    expect(seen(text).text).toBe(text);
  });

  it('of a release ticket is of version 8: small enough for a cheap scanner', () => {
    const ticket = `LLT1.${'0123456789ABCDEFGHIJKLMNOPQRSTUV'.repeat(7).slice(0, 213)}`;
    expect(seen(ticket)).toEqual({ text: ticket, modules: 49 });
  });
});
