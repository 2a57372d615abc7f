import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { MiB } from '../base/limits.ts';
import { deliveryFixture, documentOf, last } from './testing/fixture.ts';

const { secure, held, grantOf, release } = deliveryFixture({ stallSeconds: 0.1 });

describe('a printer that goes silent in the middle', () => {
  /** Released to a printer that takes some of it, and the rest when it is told to. */
  async function stalled(during: { state: string; reasons: string[] }) {
    const document = randomBytes(24 * MiB);
    const { sealed, replica } = await held(document);
    let mend = () => {};
    const until = new Promise<void>((resolve) => {
      mend = resolve;
    });
    secure().can.state = 'processing';
    const begun = () => Object.assign(secure().can, during);
    secure().script.push({ kind: 'hang', begun, leave: 'processing', until });
    return { document, mend, released: release(await grantOf(sealed), replica) };
  }
  const asked = () => secure().requests.filter((each) => each === 'Get-Printer-Attributes').length;

  it.each([
    ['stopped', ['media-empty-error', 'media-needed']],
    ['processing', ['none']]
  ])('is waited for while it is %s: %j', async (state, reasons) => {
    const { document, mend, released } = await stalled({ state, reasons });
    await secure().until(() => asked() === 4);
    mend();
    expect(last(await released)).toEqual({ type: 'completed' });
    expect(documentOf(secure().jobs[0]).equals(document)).toBe(true);
    expect(secure().connections()).toBe(2);
  });

  it('and says that it is idle has lost the job', async () => {
    const { released } = await stalled({ state: 'idle', reasons: ['media-low', 'Say "hello"'] });
    expect(last(await released)).toMatchObject({ code: 'job-uncertain', detail: 'media-low', uncertain: true });
    expect(secure().jobs).toMatchObject([{ state: 'canceled' }]);
  });

  it('while a person cancels the job there has ended it', async () => {
    const { released } = await stalled({ state: 'stopped', reasons: ['media-jam-error'] });
    await secure().until(() => asked() === 3);
    for (const job of secure().jobs) job.state = 'canceled';
    expect(last(await released)).toMatchObject({ detail: 'media-jam-error', uncertain: false });
  });

  it('and does not answer any more is given up', async () => {
    secure().mute.add('Get-Jobs');
    const { released } = await stalled({ state: 'stopped', reasons: ['none'] });
    await secure().until(() => asked() === 2);
    secure().mute.add('Get-Printer-Attributes');
    expect(last(await released)).toMatchObject({ uncertain: true });
  });
});
