import { z } from 'zod';
import { callers, errorCodes } from '../../src-preload/contract/index.ts';

/**
 * What the shell (Electron main) and the engine (utility process) say to each other over the process's message port. The
 * engine is started with `--role=client|station --data=DIR`; each side parses what the other sends. Structured clone, not JSON:
 * bytes cross as Uint8Array.
 *
 *   engine → shell   ready once, then result for each call, event as they happen, protect/reveal when it needs a secret kept;
 *                    fatal when it cannot start (it exits afterwards and is started again with back-off)
 *   shell → engine   call, secret (the answer to protect and reveal), stop (the engine closes what it holds and exits with 0)
 */
const Id = z.number().int().nonnegative();
const ErrorCode = z.enum(errorCodes);
const Bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array);

/** `Result` of the contract with a value that the receiver still has to parse. */
export const UnparsedResult = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), value: z.unknown() }),
  z.object({ ok: z.literal(false), code: ErrorCode, message: z.string(), detail: z.string().exactOptional() })
]);

export const EngineMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('fatal'), code: ErrorCode, message: z.string() }),
  z.object({ type: z.literal('result'), id: Id, result: UnparsedResult }),
  z.object({ type: z.literal('event'), name: z.string(), payload: z.unknown() }),
  /** Keep these bytes for the operating system user only; `reveal` takes what `protect` gave. */
  z.object({ type: z.enum(['protect', 'reveal']), id: Id, bytes: Bytes })
]);
export type EngineMessage = z.infer<typeof EngineMessage>;

export const ShellMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('call'), id: Id, caller: z.enum(callers), procedure: z.string(), input: z.unknown() }),
  z.object({
    type: z.literal('secret'),
    id: Id,
    result: z.discriminatedUnion('ok', [
      z.object({ ok: z.literal(true), bytes: Bytes }),
      z.object({ ok: z.literal(false), code: ErrorCode })
    ])
  }),
  z.object({ type: z.literal('stop') })
]);
export type ShellMessage = z.infer<typeof ShellMessage>;
