import {
  beginText,
  endText,
  LineJoinStyle,
  type PDFContext,
  type PDFFont,
  type PDFOperator,
  type PDFRef,
  popGraphicsState,
  pushGraphicsState,
  setFillingGrayscaleColor,
  setFontAndSize,
  setGraphicsState,
  setLineJoin,
  setLineWidth,
  setStrokingGrayscaleColor,
  setTextMatrix,
  setTextRenderingMode,
  showText,
  TextRenderingMode
} from 'pdf-lib';
import type { PageGeometry } from './page-geometry.ts';
import type { Mark, Size } from './port.ts';

/**
 * Draws a mark for pages of one shape: a form of its own, so that nothing of the page has a say in it. Its sizes follow from the
 * page's shorter side, not from its unit: it is as large on paper, whatever a page calls a point. In grey, so that a black and
 * white page stays one.
 */
export function createMarks(context: PDFContext, font: PDFFont, { text, place }: Mark) {
  const known = new Map<string, PDFRef>();
  const glyphs = font.encodeText(writable(text, font));
  const widthAtOne = font.widthOfTextAtSize(writable(text, font), 1);
  const resources = context.obj({ Font: { F: font.ref }, ExtGState: { Light: { Type: 'ExtGState', ca: 0.35 } } });
  const draw = { footer, diagonal }[place];

  /** `matrix`, `centre`: where the text goes. */
  const line = (size: number, matrix: Parameters<typeof setTextMatrix>, ...style: PDFOperator[]) => [
    pushGraphicsState(),
    ...style,
    beginText(),
    setFontAndSize('F', size),
    setTextMatrix(...matrix),
    showText(glyphs),
    endText(),
    popGraphicsState()
  ];

  /** On a white edge: to be read on a picture too. */
  function footer({ width, height }: Size): PDFOperator[] {
    const short = Math.min(width, height);
    const size = Math.min(short / 85, (0.92 * width) / widthAtOne);
    const at: Parameters<typeof setTextMatrix> = [1, 0, 0, 1, (width - widthAtOne * size) / 2, short * 0.03];
    return [
      ...line(
        ...([size, at] as const),
        setTextRenderingMode(TextRenderingMode.Outline),
        setLineJoin(LineJoinStyle.Round),
        setLineWidth(size / 3),
        setStrokingGrayscaleColor(1)
      ),
      ...line(size, at, setFillingGrayscaleColor(0.25))
    ];
  }

  /** From the bottom left to the top right, see-through. */
  function diagonal({ width, height }: Size): PDFOperator[] {
    const length = Math.hypot(width, height);
    const size = Math.min(Math.min(width, height) / 9, (0.75 * length) / widthAtOne);
    const [cos, sin] = [width / length, height / length];
    const [back, down] = [(widthAtOne * size) / 2, size * 0.35];
    const x = width / 2 - back * cos + down * sin;
    const y = height / 2 - back * sin - down * cos;
    return line(size, [cos, sin, -sin, cos, x, y], setGraphicsState('Light'), setFillingGrayscaleColor(0.5));
  }

  return ({ upright, toPage }: PageGeometry): PDFRef => {
    const key = [upright.width, upright.height, ...toPage].join(' ');
    const form = known.get(key) ?? context.register(formOf(upright, toPage));
    known.set(key, form);
    return form;
  };

  function formOf(upright: Size, toPage: readonly number[]) {
    const BBox = [0, 0, upright.width, upright.height];
    return context.formXObject(draw(upright), { BBox, Matrix: [...toPage], Resources: resources });
  }
}

/** Standard fonts have the letters of Western Europe. Of others the letter without its accents is taken, or a question mark. */
function writable(text: string, font: PDFFont): string {
  const letters = new Set(font.getCharacterSet());
  const has = (letter: string) => letters.has(letter.codePointAt(0) ?? -1);
  return Array.from(text, (letter) => {
    if (has(letter)) return letter;
    const plain = letter.normalize('NFKD').replace(/\p{M}/gu, '');
    return plain !== '' && Array.from(plain).every(has) ? plain : '?';
  }).join('');
}
