import { statfs } from 'node:fs/promises';
import type { Command } from 'commander';
import { roles } from '../../src-preload/contract/index.ts';
import { callControl } from '../app/control-client.ts';
import { roleFolder, type ServiceRole } from '../app/role-folder.ts';
import { GiB } from '../base/limits.ts';
import { globals } from './globals.ts';
import { print, table } from './report.ts';

interface Finding {
  readonly part: string;
  readonly state: 'good' | 'attention' | 'absent';
  readonly detail: string;
}

/** `letterlock doctor`: what runs here, whether it is paired and connected, and whether there is space. */
export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('look for what is wrong on this machine')
    .option('--json', 'machine-readable output')
    .action(async (options: { json?: boolean }, command: Command) => {
      const { data } = globals(command);
      const findings = [
        await space(data),
        await coordinator(data),
        ...(await Promise.all(roles.map((role) => device(data, role))))
      ];
      print(findings, options.json === true, () =>
        table(
          ['PART', 'STATE', 'DETAIL'],
          findings.map((one) => [one.part, one.state, one.detail]),
          ''
        )
      );
      if (findings.some(({ state }) => state === 'attention')) process.exitCode = 5;
    });
}

async function space(data: string): Promise<Finding> {
  const stat = await statfs(data).catch(() => null);
  if (!stat) return { part: 'data folder', state: 'absent', detail: data };
  const free = stat.bavail * stat.bsize;
  return {
    part: 'data folder',
    state: free < GiB ? 'attention' : 'good',
    detail: `${(free / GiB).toFixed(1)} GiB free`
  };
}

async function coordinator(data: string): Promise<Finding> {
  const report = await callControl(folder(data, 'coordinator'), 'admin.audit.verify', {}).catch(() => null);
  if (!report) return { part: 'coordinator', state: 'absent', detail: 'does not run here' };
  return {
    part: 'coordinator',
    state: report.intact ? 'good' : 'attention',
    detail: `audit log: ${report.intact ? 'intact' : 'BROKEN'}, ${report.rows} rows`
  };
}

async function device(data: string, role: (typeof roles)[number]): Promise<Finding> {
  const state = await callControl(folder(data, role), `${role}.state`, {}).catch(() => null);
  if (!state) return { part: role, state: 'absent', detail: 'does not run here' };
  if (state.pairing.state !== 'paired') return { part: role, state: 'attention', detail: 'not paired' };
  const alive = state.connection.nodes.filter((node) => node.alive).length;
  const online = state.connection.coordinator === 'online';
  return {
    part: role,
    state: online && alive > 0 ? 'good' : 'attention',
    detail: `paired with ${state.pairing.organization}; coordinator ${state.connection.coordinator}; ${alive} of ${state.connection.nodes.length} nodes awake`
  };
}

const folder = (data: string, role: ServiceRole) => roleFolder(data, role);
