import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readJson, writeJsonAtomic } from '../base/atomic-file.ts';
import type { DeviceIdentity } from '../identity/device-identity.ts';
import { createClientJobs } from '../jobs/client-jobs.ts';
import { createNodeClient } from '../mesh/node-client.ts';
import type { Organization } from '../organization/organization.ts';
import { coalesce } from './events.ts';
import { createPrintIntake } from './print-intake.ts';
import type { RoleContext } from './role.ts';
import { type OpenShare, openShare } from './share.ts';
import { createSharedSignIn } from './shared-sign-in.ts';

/** What an administrator chose for a node's printer. */
export interface ShareOptions {
  readonly port?: number | undefined;
  /** As people see it in the lists of their devices. */
  readonly name?: string | undefined;
}

export interface SharedPrinter {
  /** Undefined while the organization's policy does not allow it. */
  state(): { readonly name: string; readonly uri: string } | undefined;
}

/** The name is the one that was won on the network: asked for again, so that it stays. */
const ShareFile = z.object({
  uuid: z.uuid(),
  port: z.number().int().min(1).max(65535),
  wanted: z.string(),
  name: z.string()
});

/**
 * A node's printer for everybody in the organization, phones too: discovered by DNS-SD, printed to over TLS with name and PIN, for
 * the job's owner only. Jobs are sealed here at once and kept by the mesh; this machine never has one in the clear on its disk.
 * Open for as long as the organization's policy allows it.
 */
export async function sharePrinter(
  context: RoleContext & {
    readonly host: string;
    readonly share: ShareOptions;
    readonly identity: DeviceIdentity;
    readonly organization: Organization;
    readonly onChange: () => void;
  }
): Promise<SharedPrinter> {
  const { identity, organization, clock, logger, lifecycle, onChange } = context;
  const dataDir = join(context.dataDir, 'shared');
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const transport = createNodeClient({ identity, organization, clock, logger });
  lifecycle.add('mesh connections of the shared printer', () => transport.close());
  const jobs = await createClientJobs({ dataDir, identity, organization, transport, clock, logger });
  lifecycle.add('jobs of the shared printer', () => jobs.close());
  const signIn = createSharedSignIn({ organization, clock, logger });
  const intake = createPrintIntake({ services: () => ({ jobs, organization }), ownerOf: signIn.sessionOf, logger });
  const changed = coalesce(intake.changed, 1000);
  lifecycle.add('shared printer events', changed.cancel);
  lifecycle.add('organization events of the shared printer', organization.onChange(changed.request));
  lifecycle.add('job events of the shared printer', jobs.onChange(changed.request));

  const file = join(dataDir, 'printer.json');
  const wanted = context.share.name ?? `Letterlock ${identity.name}`;
  const known = await readJson(file, ShareFile);
  let now = {
    uuid: known?.uuid ?? randomUUID(),
    port: context.share.port ?? known?.port ?? 0,
    wanted,
    name: known?.wanted === wanted ? known.name : wanted
  };
  let open: OpenShare | null = null;
  let turn = Promise.resolve();

  /** One step after the other: what is under way is finished before the policy is asked again. */
  const follow = (): void => {
    turn = turn.then(step).catch((error) => logger.warn({ error }, 'the shared printer could not be opened or closed'));
  };
  async function step(): Promise<void> {
    const allowed = organization.directory()?.policy.sharedPrinters === true;
    if (allowed === (open !== null)) return;
    if (open) {
      await open.close();
      open = null;
    } else {
      open = await openShare({ ...context, ...now, dataDir, intake, access: signIn.access, onName: rename });
      await save({ port: open.port });
    }
    logger.info({ allowed }, 'shared printer');
    onChange();
  }
  async function save(change: Partial<typeof now>): Promise<void> {
    now = { ...now, ...change };
    await writeJsonAtomic(file, now);
  }
  function rename(name: string): void {
    logger.info({ name }, 'the shared printer goes by this name');
    turn = turn.then(() => save({ name })).catch((error) => logger.warn({ error }, 'the name is not saved'));
    onChange();
  }

  lifecycle.add('shared printer', async () => {
    await turn;
    await open?.close();
  });
  lifecycle.add('policy of the shared printer', organization.onChange(follow));
  follow();
  await turn;
  return { state: () => (open ? { name: now.name, uri: open.uri } : undefined) };
}
