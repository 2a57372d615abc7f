import { type Command, Option } from 'commander';
import { type ClientState, type DeviceId, JobId, type JobView } from '../../src-preload/contract/index.ts';
import { callControl } from '../app/control-client.ts';
import { roleFolder } from '../app/role-folder.ts';
import { LetterlockError } from '../base/errors.ts';
import { globals } from './globals.ts';
import { placementReasons } from './placement-reasons.ts';
import { print, table } from './report.ts';

/** `letterlock why JOB`: why it lies where it lies, whether this machine may be switched off, and why it was refused, if it was. */
export function addWhyCommand(program: Command): void {
  program
    .command('why <job>')
    .description('why these nodes keep a job, whether you may close the lid, and why it was refused')
    .addOption(new Option('--json', 'machine-readable output'))
    .action(async (text: string, options: { json?: boolean }, command: Command) => {
      const id = JobId.safeParse(text).data;
      const folder = roleFolder(globals(command).data, 'client');
      const { jobs }: ClientState = await callControl(folder, 'client.state', {});
      const job = jobs.find((each) => each.id === id);
      if (!job) throw new LetterlockError('not-found', 'job: an id from `letterlock jobs`');
      const { state, forecast, why = [], failure } = job;
      print({ id: job.id, state, forecast, nodes: why, holders: job.holders, failure }, options.json === true, () =>
        explain(job)
      );
    });
}

function explain({ forecast, why = [], failure, holders }: JobView): string {
  const lines: string[] = [];
  const keeps = (node: DeviceId) => holders.some(({ id }) => id === node);
  if (failure) lines.push(`${failure.message}${failure.detail ? ` (${failure.detail})` : ''}`, '');
  if (forecast) lines.push(lid[forecast.reason](forecast));
  if (forecast?.heard && (forecast.reason === 'enough' || forecast.reason === 'too-few'))
    lines.push(`Whether they are about to go is known as of ${forecast.heard}.`);
  if (forecast) lines.push('');
  lines.push(
    table(
      ['NODE', 'KEEPS IT', 'WEIGHT', 'WHY'],
      why.map(({ node, name, chosen, weight, reason }) => [
        name,
        keeps(node) ? 'yes' : 'no',
        weight.toFixed(2),
        keeps(node) && !chosen ? 'took it over from another node' : placementReasons[reason]
      ]),
      'No node was chosen: none was in reach, or the job came from another machine.'
    )
  );
  return lines.join('\n');
}

type Forecast = NonNullable<JobView['forecast']>;
const awake = ({ awake, wanted }: Forecast) =>
  awake < wanted
    ? `${awake} of ${wanted} other awake ${wanted === 1 ? 'machine' : 'machines'}`
    : `${awake} other awake ${awake === 1 ? 'machine' : 'machines'}`;
const lid: Record<Forecast['reason'], (forecast: Forecast) => string> = {
  enough: (forecast) => `You can close the lid: ${awake(forecast)} ${forecast.awake === 1 ? 'holds' : 'hold'} it.`,
  ended: () => 'You can close the lid: nothing is kept any more.',
  sealing: () => 'Leave this computer on: it is being sealed and sent.',
  outbox: () => 'Leave this computer on: no other machine has it yet.',
  'below-quorum': ({ quorum }) =>
    `Leave this computer on: ${quorum?.have ?? 0} of ${quorum?.need ?? 1} machines have it on disk, fewer than the policy asks for.`,
  strict: () => 'Leave this computer awake: it prints only with your word here.',
  'coordinator-away': () => 'Leave this computer on: without the coordinator nobody knows which machines are awake.',
  unregistered: () => 'Leave this computer on: the coordinator has not heard of the job yet.',
  'too-few': (forecast) => `Leave this computer on: only ${awake(forecast)} hold it and stay.`
};
