import { limits } from '../../base/limits.ts';
import type { FactsReader } from '../reader.ts';
import { createColorEvidence } from './color.ts';
import { readEntries, type Section, sectionOf, sectionsInForce } from './cross-references.ts';
import { createFileReader, type Place } from './file.ts';
import { createDecoder } from './inflate.ts';
import { createObjectNumbers } from './object-numbers.ts';
import { readObjectStream } from './object-stream.ts';
import { createPageTree, type Met } from './page-tree.ts';
import { asCount, type Dict, type Value } from './values.ts';

/**
 * Pages, paper and colour of a PDF document (ISO 32000-1). Throws when it is broken or beyond our bounds; says nothing when it
 * contradicts itself. An encrypted document shows its pages, as long as they aren't in encrypted object streams, but no colour.
 */
export function createPdfReader(): FactsReader {
  const numbers = createObjectNumbers();
  const tree = createPageTree();
  const color = createColorEvidence();
  const decodeStructure = createDecoder(limits.pdfDecodedStructure);
  const decodeContent = createDecoder(limits.pdfDecodedContent);
  const sections: Section[] = [];
  let table: Place | null = null; // a cross-reference table that waits for its trailer
  let startxref: number | undefined;
  let promised: number | undefined; // pages, as a linearized file says at its beginning
  let revisedAt = Number.POSITIVE_INFINITY; // where an object was defined for the second time
  let use: (body: Buffer | null) => void = () => {};

  const section = (place: Place, trailer: Dict) => {
    if (sections.length === limits.pdfRevisions) throw new RangeError('too many revisions');
    sections.push(sectionOf(place, trailer));
  };

  const define = (number: number, value: Value, met: Met, position: number) => {
    if (!numbers.add(number)) revisedAt = Math.min(revisedAt, position);
    tree.define(number, value, met);
    color.object(number, value);
  };

  const file = createFileReader({
    dict(dict) {
      color.dict(dict);
      if (dict.has('Linearized')) promised ??= asCount(dict.get('N'));
    },
    array: color.array,
    object: (number, value, place) => define(number, value, place, place.at),
    stream(number, dict, place) {
      define(number, dict, place, place.at);
      const type = dict.get('Type');
      if (type === 'ObjStm')
        use = (body) =>
          readObjectStream(dict, decodeStructure(dict, wanted(body)), color, (inner, value, index) =>
            define(inner, value, { stream: number, index }, place.at)
          );
      else if (type === 'XRef') {
        section(place, dict);
        use = (body) =>
          readEntries(dict, decodeStructure(dict, wanted(body)), (target, location) =>
            tree.entry(target, location, place.at)
          );
      } else {
        use = (body) => color.content(decoded(dict, body));
        return color.stream(number, dict);
      }
      return true;
    },
    body: (bytes) => use(bytes),
    table(place) {
      table = place;
    },
    entry(number, offset) {
      if (table) tree.entry(number, offset === null ? null : { offset }, table.at);
    },
    trailer(dict) {
      if (table) section(table, dict);
      table = null;
    },
    startxref(offset) {
      startxref = offset;
    }
  });

  const decoded = (dict: Dict, body: Buffer | null): Buffer | null => {
    try {
      return body && decodeContent(dict, body);
    } catch {
      return null; // costs us the colour, not the pages
    }
  };

  return {
    write: file.write,
    end() {
      if (startxref === undefined) return {};
      const inForce = sectionsInForce(sections, { startxref, revisedAt });
      const catalog = inForce?.find(({ root }) => root !== undefined)?.root;
      const facts = catalog === undefined ? null : tree.facts(catalog);
      const revised = revisedAt < Number.POSITIVE_INFINITY;
      if (!facts || (promised !== undefined && !revised && promised !== facts.pages)) return {};
      const hidden = revised || sections.some(({ encrypted }) => encrypted);
      const colored = hidden ? undefined : color.result();
      const sure = colored !== undefined && !(colored && tree.layered);
      return { ...facts, ...(sure && { color: colored }) };
    }
  };
}

function wanted(body: Buffer | null): Buffer {
  if (!body) throw new RangeError('a stream of PDF is too large');
  return body;
}
