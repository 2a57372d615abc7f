import { join } from 'node:path';
import { z } from 'zod';
import { readJson, writeJsonAtomic } from '../base/atomic-file.ts';
import { LetterlockError } from '../base/errors.ts';

/** TCP ports of the three listeners: paired machines and tokens know them, so once given they stay over restarts. */
export interface Ports {
  readonly device: number;
  readonly pairing: number;
  readonly web: number;
}

const Port = z.int().min(0).max(65535);
const PortsFile = z.strictObject({ device: Port, pairing: Port, web: Port });

/** What was asked for; where that is 0, what was used before. */
export async function portsToUse(dataDir: string, asked: Ports): Promise<Ports> {
  const before = await readJson(join(dataDir, 'ports.json'), PortsFile);
  return {
    device: asked.device || (before?.device ?? 0),
    pairing: asked.pairing || (before?.pairing ?? 0),
    web: asked.web || (before?.web ?? 0)
  };
}

export const rememberPorts = (dataDir: string, ports: Ports): Promise<void> =>
  writeJsonAtomic(join(dataDir, 'ports.json'), ports);

/** Names the port instead of an error number. */
export async function listening(
  server: { listen(address: { host: string; port: number }): Promise<{ readonly port: number }> },
  host: string,
  port: number
): Promise<number> {
  try {
    return (await server.listen({ host, port })).port;
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'EADDRINUSE') throw new LetterlockError('conflict', `port ${port} is in use`, { cause });
    if (code === 'EACCES') throw new LetterlockError('not-allowed', `port ${port}`, { cause });
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
      throw new LetterlockError('input-invalid', `host ${host}`, { cause });
    throw cause;
  }
}
