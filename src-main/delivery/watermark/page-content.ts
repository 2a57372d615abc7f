import {
  decodePDFRawStream,
  PDFArray,
  type PDFContext,
  PDFDict,
  PDFName,
  PDFNumber,
  type PDFObject,
  type PDFPageLeaf,
  PDFRawStream,
  PDFRef
} from 'pdf-lib';
import { limits } from '../../base/limits.ts';
import { type Box, cornersOf } from './page-geometry.ts';

/**
 * Turns what pages draw into forms (ISO 32000-1 section 8.10), so that it can be drawn like a picture: what a page leaves open at
 * its end (a clipping path, a hidden layer, a string without its end) ends with the form and cannot swallow what is drawn after it.
 * Bytes stay as they are, but where a page has several streams: those are joined.
 */
export function createContentForms(context: PDFContext) {
  const shared = new Map<PDFObject, PDFRef>();
  const forms = new Map<PDFObject, { readonly form: PDFRef; readonly shape: string }>();
  let copied = 0;

  /** Undefined: an empty page. Throws where it is not clear what is drawn, and where joining takes too much. */
  return (page: PDFPageLeaf, box: Box): PDFRef | undefined => {
    const resources = sharedRef(page.getInheritableAttribute(PDFName.of('Resources')) ?? context.obj({}));
    const contents = page.get(PDFName.of('Contents'));
    const found = context.lookup(contents);
    const refs = (found instanceof PDFArray ? found.asArray() : [contents]).filter((ref) => context.lookup(ref));
    const streams = refs.map((each) => {
      const stream = context.lookup(each);
      if (stream instanceof PDFRawStream) return stream;
      throw new TypeError('what a page draws');
    });
    const [ref] = refs;
    const [only, another] = streams;
    if (!ref || !only) return undefined;
    return another ? context.register(joined(streams, box, resources)) : formOf(ref, only, box, resources);
  };

  /** The same for all pages that have them in common. */
  function sharedRef(object: PDFObject): PDFRef {
    if (object instanceof PDFRef) return object;
    const ref = shared.get(object) ?? context.register(object);
    shared.set(object, ref);
    return ref;
  }

  /** In the stream's own place, so that the file has it once; beside it where something else has a use for it. */
  function formOf(ref: PDFObject, stream: PDFRawStream, box: Box, resources: PDFRef): PDFRef {
    const shape = [resources, ...cornersOf(box)].join(' ');
    const known = forms.get(ref);
    if (known?.shape === shape) return known.form;
    const dict = formDict(box, resources);
    for (const name of ['Filter', 'DecodeParms'].map((each) => PDFName.of(each))) {
      const value = stream.dict.get(name);
      if (value) dict.set(name, value);
    }
    const made = PDFRawStream.of(dict, stream.contents);
    const free = ref instanceof PDFRef && !stream.dict.has(PDFName.of('Subtype'));
    if (!free) take(stream.contents.length);
    if (free) context.assign(ref, made);
    const form = free ? ref : context.register(made);
    forms.set(ref, { form, shape });
    return form;
  }

  function joined(streams: readonly PDFRawStream[], box: Box, resources: PDFRef): PDFRawStream {
    const pieces = streams.flatMap((stream) => [decoded(stream), Buffer.from('\n')]);
    const bytes = Buffer.concat(pieces);
    take(bytes.length);
    return PDFRawStream.of(formDict(box, resources), bytes);
  }

  /** What the file gets larger by, before it does. */
  function take(bytes: number): void {
    copied += bytes;
    if (copied > limits.watermarkBytes) throw new RangeError('too much to draw');
  }

  function formDict(box: Box, resources: PDFRef): PDFDict {
    return context.obj({ Type: 'XObject', Subtype: 'Form', BBox: cornersOf(box), Resources: resources });
  }
}

/** pdf-lib knows no predictors (section 7.4.4.4), which nobody uses for what pages draw. */
function decoded(stream: PDFRawStream): Uint8Array {
  const parameters = stream.dict.lookup(PDFName.of('DecodeParms'));
  const all =
    parameters instanceof PDFArray ? parameters.asArray().map((_, index) => parameters.lookup(index)) : [parameters];
  for (const one of all) {
    const predictor = one instanceof PDFDict ? one.lookup(PDFName.of('Predictor')) : undefined;
    if (predictor instanceof PDFNumber && predictor.asNumber() > 1) throw new TypeError('a predictor');
  }
  return decodePDFRawStream(stream).decode();
}
