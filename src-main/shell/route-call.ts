import type { z } from 'zod';
import { type Caller, isProcedure, procedures, type Result } from '../../src-preload/contract/index.ts';
import { failure, LetterlockError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { EngineLink } from './engine-link.ts';

interface Definition {
  readonly callers: readonly Caller[];
  readonly input: z.ZodType;
  readonly output: z.ZodType;
}

/**
 * One call of a window whose identity is already established: known procedure, caller allowed by the contract, input parsed;
 * then the engine, and its answer parsed too. Values are never logged: inputs hold PINs. Never rejects.
 */
export async function routeCall(
  caller: Caller,
  procedure: unknown,
  input: unknown,
  { engine, logger }: { engine: Pick<EngineLink, 'call'>; logger: Logger }
): Promise<Result<unknown>> {
  if (!isProcedure(procedure)) return failure(new LetterlockError('not-found', 'no such procedure'));
  const definition: Definition = procedures[procedure];
  if (!definition.callers.includes(caller)) {
    logger.warn({ caller, procedure }, 'call refused');
    return failure(new LetterlockError('not-allowed', procedure));
  }
  const parsed = definition.input.safeParse(input);
  if (!parsed.success) return failure(new LetterlockError('input-invalid', where(parsed.error)));
  const result = await engine.call(caller, procedure, parsed.data);
  if (!result.ok) return result;
  const output = definition.output.safeParse(result.value);
  if (output.success) return { ok: true, value: output.data };
  logger.error({ procedure, where: where(output.error) }, 'engine answered with something else than the contract says');
  return failure(new LetterlockError('internal'));
}

/** The first place that is wrong; its name, not its value. */
const where = (error: z.ZodError): string => error.issues[0]?.path.map(String).join('.') || 'input';
