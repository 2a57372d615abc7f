import { z } from 'zod';
import { LetterlockError } from '../base/errors.ts';
import type { OsPrinter, Plan, PlannedQueue } from './port.ts';
import type { RunTool } from './run-tool.ts';
import { defaultScript, installScript, removeScript, statusScript } from './windows-scripts.ts';

/**
 * Windows 11 (PrintManagement with `Add-Printer -IppURL`): the class driver that Windows brings for IPP printers, on a queue
 * that its owner alone may use. Needs an elevated process.
 *
 * That driver speaks plain HTTP to a loopback printer and holds no credentials for it. Who may print is therefore decided by
 * the queue's permissions; another program of the machine that speaks IPP itself is the virtual printer's to refuse.
 */
export function windowsPrinter(runTool: RunTool): OsPrinter {
  async function run(script: string, values: Record<string, string>): Promise<unknown> {
    const { code, stdout, stderr } = await runTool(powershell, argumentsFor(script), asciiJson(values));
    if (code === 0) return jsonOf(stdout);
    const detail = accessDenied.test(stderr) ? 'only an elevated administrator may add printers' : 'PowerShell';
    throw new LetterlockError('print-system-refused', detail);
  }

  return {
    async status(name) {
      const found = Found.nullable().safeParse(await run(statusScript, { name }));
      if (!found.success) throw new LetterlockError('print-system-unavailable', 'Get-Printer');
      const queue = found.data;
      return queue && { device: queue.device, complete: queue.driver === classDriver, busy: queue.jobs > 0 };
    },
    async install(queue) {
      await run(installScript, { name: queue.name, url: address(queue), owner: queue.owner });
    },
    async remove(name) {
      await run(removeScript, { name });
    },
    pause: async () => undefined, // whoever starts without elevation could not open it again
    async makeDefault(name) {
      await run(defaultScript, { name });
    },
    forgetDefault: async () => undefined, // Windows chooses another one when the queue goes
    address,
    watch: () => () => undefined
  };
}

/** The same for a person to type, elevated. */
export const windowsPlan = (queue: PlannedQueue): Plan => ({
  status: [`Get-Printer -Name '${queue.name}' | Select-Object Name, PortName, DriverName, JobCount`],
  install: [
    `Add-Printer -Name '${queue.name}' -IppURL '${address(queue)}'`,
    `# Then its permissions: printing for ${queue.owner} alone (Set-Printer -PermissionSDDL).`
  ],
  remove: [
    `$port = (Get-Printer -Name '${queue.name}').PortName`,
    `Remove-Printer -Name '${queue.name}'`,
    'Remove-PrinterPort -Name $port'
  ]
});

const address = ({ port }: Pick<PlannedQueue, 'port'>): string => `http://127.0.0.1:${port}/ipp/print`;

/** By its path: whatever else has this name in somebody's PATH is not asked. */
const powershell = `${process.env.SystemRoot ?? 'C:\\Windows'}\\System32\\WindowsPowerShell\\v1.0\\powershell.exe`;

/** UTF-16, as -EncodedCommand wants it; standard input stays free for the values. */
const argumentsFor = (script: string): string[] => [
  '-NoLogo',
  '-NoProfile',
  '-NonInteractive',
  '-EncodedCommand',
  Buffer.from(script, 'utf16le').toString('base64')
];

/** What PowerShell reads alike in every code page. */
const asciiJson = (values: Record<string, string>): string =>
  JSON.stringify(values).replaceAll(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

const Found = z.object({ device: z.string(), driver: z.string(), jobs: z.number().default(0) });
const classDriver = 'Microsoft IPP Class Driver';
/** In whatever language, the number is the same: E_ACCESSDENIED. */
const accessDenied = /0x80070005|PermissionDenied|UnauthorizedAccess/i;

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
