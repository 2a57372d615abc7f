import { describe, expect, it } from 'vitest';
import { macosPrinter } from './macos.ts';
import { planFor } from './platform.ts';
import type { Queue } from './port.ts';
import type { RunTool, ToolResult } from './run-tool.ts';
import { windowsPrinter } from './windows.ts';
import { installScript, removeScript, statusScript } from './windows-scripts.ts';

/**
 * The exact commands for macOS and Windows, against answers written after the tools' documentation and field reports: lpstat(1)
 * and lpadmin(8) of CUPS 2.3, Get-Printer and Add-Printer of Windows 11. tests/system runs the macOS commands on a real CUPS.
 */
const queue: Queue = {
  name: 'Letterlock',
  port: 47_110,
  credentials: { user: 'letterlock', password: 'se"cret/+' },
  owner: 'anna'
};

interface Call {
  readonly file: string;
  readonly args: readonly string[];
  readonly input: string | undefined;
}

/** Answers each call by the first rule whose words it contains. */
function tools(rules: Record<string, Partial<ToolResult>> = {}): { runTool: RunTool; calls: Call[] } {
  const calls: Call[] = [];
  const runTool: RunTool = async (file, args, input) => {
    calls.push({ file, args, input });
    const line = [file, ...args].join(' ');
    const [, answer] = Object.entries(rules).find(([words]) => line.includes(words)) ?? [];
    return { code: 0, stdout: '', stderr: '', ...answer };
  };
  return { runTool, calls };
}

describe('macOS', () => {
  const open = (rules?: Record<string, Partial<ToolResult>>) => {
    const { runTool, calls } = tools(rules);
    return { system: macosPrinter({ runTool, home: '/nonexistent' }), calls };
  };

  it('installs with lpadmin, and gives the password on standard input', async () => {
    const { system, calls } = open({ ipptool: { stdout: '    /dev/stdin                            [PASS]\n' } });
    await system.install(queue);
    expect(calls.map(({ file, args }) => [file, ...args].join(' '))).toEqual([
      'lpadmin -p Letterlock -E -v ipps://127.0.0.1:47110/ipp/print -m everywhere -D Letterlock -u allow:anna -o printer-is-shared=false -o printer-error-policy=retry-job -o auth-info-required=none',
      '/bin/sh -c cat | ipptool -t "$1" /dev/stdin sh ipp://localhost/'
    ]);
    expect(calls[1]?.input).toContain(
      'ATTR uri device-uri "ipps://letterlock:se%22cret%2F%2B@127.0.0.1:47110/ipp/print"'
    );
  });

  it('does not take the silence of ipptool for success', async () => {
    await expect(open().system.install(queue)).rejects.toMatchObject({
      code: 'print-system-refused',
      detail: 'ipptool'
    });
  });

  it('reads what lpstat says', async () => {
    const { system } = open({
      'lpstat -v': { stdout: 'device for Letterlock: ipps://127.0.0.1:47110/ipp/print\n' },
      'lpstat -a': {
        stdout:
          'Letterlock accepting requests since Sun Nov 22 13:59:51 2026\nprinter Letterlock now printing Letterlock-3.  enabled since Sun Nov 22 13:59:51 2026\n'
      }
    });
    expect(await system.status('Letterlock')).toEqual({
      device: 'ipps://127.0.0.1:47110/ipp/print',
      complete: true,
      busy: true
    });
  });

  const noDestination = { code: 1, stderr: 'lpstat: Invalid destination name in list "Letterlock".\n' };
  it('knows a missing queue from a missing print system', async () => {
    const running = { 'lpstat -v': noDestination, 'lpstat -r': { stdout: 'scheduler is running\n' } };
    const gone = { 'lpstat -v': noDestination, 'lpstat -r': { stdout: 'scheduler is not running\n' } };
    expect(await open(running).system.status('Letterlock')).toBeNull();
    await open(running).system.remove('Letterlock');
    await expect(open(gone).system.status('Letterlock')).rejects.toMatchObject({ code: 'print-system-unavailable' });
  });

  it.each([
    ['lpadmin: Forbidden', 'print-system-refused', /administrators/],
    ['lpadmin: Unable to connect to server: Connection refused', 'print-system-unavailable', /CUPS/],
    ['lpadmin: Bad device-uri "ipps://letterlock:secret@…"!', 'print-system-refused', /^lpadmin$/]
  ])('%s', async (stderr, code, detail) => {
    const { system } = open({ 'lpadmin -p': { code: 1, stderr } });
    await expect(system.install(queue)).rejects.toMatchObject({ code, detail: expect.stringMatching(detail) });
  });
});

describe('Windows', () => {
  const open = (answer: Partial<ToolResult>) => {
    const { runTool, calls } = tools({ powershell: answer });
    return { system: windowsPrinter(runTool), calls };
  };

  it('gives PowerShell a constant script, and the values on standard input', async () => {
    const { system, calls } = open({ stdout: 'null\r\n' });
    await system.install({ ...queue, owner: "anna'; Remove-Item é" });
    await system.remove('Letterlock');
    expect(calls.map(({ args }) => args.slice(0, -1).join(' '))).toEqual([
      '-NoLogo -NoProfile -NonInteractive -EncodedCommand',
      '-NoLogo -NoProfile -NonInteractive -EncodedCommand'
    ]);
    expect(calls.map(({ args }) => Buffer.from(args.at(-1) ?? '', 'base64').toString('utf16le'))).toEqual([
      installScript,
      removeScript
    ]);
    expect(calls.map(({ input }) => input)).toEqual([
      String.raw`{"name":"Letterlock","url":"http://127.0.0.1:47110/ipp/print","owner":"anna'; Remove-Item \u00e9"}`,
      '{"name":"Letterlock"}'
    ]);
  });

  it('its scripts do what was seen to work', () => {
    expect(installScript).toContain('Add-Printer -Name $in.name -IppURL $in.url\n');
    expect(installScript).toContain('Set-Printer -Name $in.name -PermissionSDDL $sddl\n');
    expect(removeScript).toContain('Remove-Printer -InputObject $old; Remove-PrinterPort -Name $old.PortName');
    expect(statusScript).toMatch(/^\$ErrorActionPreference = 'Stop'\n/);
  });

  it('reads what Get-Printer says', async () => {
    const found = '{"driver":"Microsoft IPP Class Driver","jobs":1,"device":"http://127.0.0.1:47110/ipp/print"}\r\n';
    expect(await open({ stdout: found }).system.status('Letterlock')).toEqual({
      device: 'http://127.0.0.1:47110/ipp/print',
      complete: true,
      busy: true
    });
    expect(await open({ stdout: 'null\r\n' }).system.status('Letterlock')).toBeNull();
    await expect(open({ stdout: 'Get-Printer : 1722' }).system.status('Letterlock')).rejects.toMatchObject({
      code: 'print-system-unavailable'
    });
  });

  it('says so where it is not elevated', async () => {
    const stderr = 'Add-Printer : Zugriff verweigert (HRESULT 0x80070005)\r\n + CategoryInfo : PermissionDenied: …';
    await expect(open({ code: 1, stderr }).system.install(queue)).rejects.toMatchObject({
      code: 'print-system-refused',
      detail: expect.stringContaining('elevated')
    });
  });
});

describe('dry run', () => {
  it.each(['linux', 'macos', 'windows'] as const)('%s', (platform) => {
    expect(planFor(platform, { name: 'Letterlock', port: 'PORT', owner: 'anna' })).toMatchSnapshot();
  });
});
