import { createBlobSealer } from '../../src-main/sealing/blob.ts';
import { headerSize } from '../../src-main/sealing/blob-header.ts';
import { flipped } from './mutate.ts';
import { sealWhole } from './seal-whole.ts';
import { seededDocument, seededIds, seededRandom } from './seeded.ts';

/** Small segments, so that the files stay small: the format allows 1 KiB. */
const segmentSize = 1024;
const sealedSegment = segmentSize + 16;
const { job, otherJob } = seededIds;
const contentKey = seededRandom('blob content key')(32);

export function blobVectors(): object[] {
  const valid = (size: number, salt = `salt ${size}`, key = contentKey, id = job) => {
    const document = seededDocument(size);
    const sealer = createBlobSealer({ job: id, contentKey: key, salt: seededRandom(salt)(32), segmentSize });
    const blob = sealWhole(sealer, document);
    return {
      name: `${size} bytes`,
      valid: true,
      job: id,
      contentKey: key,
      size,
      segmentSize,
      blob,
      document,
      released: size
    };
  };
  const whole = [0, 1, 1023, 1024, 1025, 2048, 2100].map((size) => valid(size));

  const base = valid(2100);
  const { blob } = base;
  const last = headerSize + 2 * sealedSegment;
  const segment = (of: Buffer, index: number) =>
    of.subarray(headerSize + index * sealedSegment).subarray(0, sealedSegment);
  const header = blob.subarray(0, headerSize);
  const refused = (name: string, changed: Uint8Array, released: number, others: object = {}) => ({
    ...base,
    name,
    valid: false,
    blob: changed,
    document: base.document.subarray(0, released),
    released,
    ...others
  });
  const joined = (...parts: Uint8Array[]) => Buffer.concat(parts);
  const [first, second, third] = [segment(blob, 0), segment(blob, 1), segment(blob, 2)];
  const otherSalt = valid(2100, 'other salt').blob;
  const otherKey = seededRandom('another content key')(32);
  const twoSegments = valid(2048);

  return [
    ...whole,
    refused('flipped magic', flipped(blob, 0), 0),
    refused('version 2', flipped(blob, 7, 3), 0),
    refused('flipped segment size', flipped(blob, 10), 0),
    refused('flipped job id', flipped(blob, 12), 0),
    refused('flipped salt', flipped(blob, 28), 0),
    refused('flipped commitment', flipped(blob, 60), 0),
    refused('first bit of segment 0', flipped(blob, headerSize), 0),
    refused('tag of segment 0', flipped(blob, headerSize + sealedSegment - 1), 0),
    refused('first bit of segment 1', flipped(blob, headerSize + sealedSegment), 1024),
    refused('last tag', flipped(blob, -1), 2048),
    refused('no bytes', new Uint8Array(), 0),
    refused('header cut', blob.subarray(0, headerSize - 1), 0),
    refused('header alone', header, 0),
    refused('cut inside segment 0', blob.subarray(0, headerSize + 500), 0),
    refused('cut after segment 0', blob.subarray(0, headerSize + sealedSegment), 1024),
    refused('last segment missing', blob.subarray(0, last), 2048),
    refused('last byte missing', blob.subarray(0, -1), 2048),
    refused('one byte more', joined(blob, Buffer.alloc(1)), 2048),
    refused('a segment more', joined(blob, second), 2048),
    refused('another blob behind', joined(blob, blob), 2048),
    refused('segments 0 and 1 exchanged', joined(header, second, first, third), 0),
    refused('segment 0 twice', joined(header, first, first, third), 1024),
    refused('segment 1 left out', joined(header, first, third), 1024),
    refused('last segment first', joined(header, third, first, second), 0),
    refused('segment 1 of a blob with another salt', joined(header, first, segment(otherSalt, 1), third), 1024),
    refused(
      'segments under the header of another blob',
      joined(otherSalt.subarray(0, headerSize), first, second, third),
      0
    ),
    refused('blob of another job', valid(2100, 'salt 2100', contentKey, otherJob).blob, 0),
    refused('another content key', blob, 0, { contentKey: otherKey }),
    refused('job id of the manifest is another', blob, 0, { job: otherJob }),
    refused('segment size of the manifest is another', blob, 0, { segmentSize: 2048 }),
    refused('manifest says one byte more', blob, 2048, { size: 2101 }),
    refused('manifest says one byte less', blob, 2048, { size: 2099 }),
    refused('last segment without its flag: prefix of a longer document', joined(header, first, second), 1024, {
      size: 2048
    }),
    refused('empty last segment appended to a whole number of segments', twoSegments.blob, 2048, {
      size: 2049,
      released: 1024,
      document: twoSegments.document.subarray(0, 1024)
    })
  ];
}
