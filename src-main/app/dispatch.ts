import {
  type Caller,
  isProcedure,
  type Output,
  type ParsedInput,
  type Procedure,
  procedures,
  type Result
} from '../../src-preload/contract/index.ts';
import { failure, LetterlockError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';

/** What answers a procedure. Input is parsed already; errors are thrown. */
export type Handlers = {
  [P in Procedure]?: (input: ParsedInput<P>, caller: Caller) => Promise<Output<P>>;
};

/** `caller` is known from the channel, `procedure` and `input` come from outside and are believed in nothing. */
export type Dispatch = (caller: Caller, procedure: unknown, input: unknown) => Promise<Result<unknown>>;

/** Checks the caller, then parses the input, then answers. Never throws: what fails crosses as a coded failure. */
export function createDispatch(handlers: Handlers, logger: Logger): Dispatch {
  return async (caller, procedure, input) => {
    try {
      return { ok: true, value: await answer(handlers, caller, procedure, input) };
    } catch (error) {
      const failed = failure(error);
      if (failed.code === 'internal') logger.error({ procedure, error }, 'a procedure failed unexpectedly');
      return failed;
    }
  };
}

async function answer(handlers: Handlers, caller: Caller, name: unknown, input: unknown): Promise<unknown> {
  if (!isProcedure(name)) throw new LetterlockError('not-found', 'procedure');
  const procedure = procedures[name];
  if (!(procedure.callers as readonly Caller[]).includes(caller)) throw new LetterlockError('not-allowed', name);
  const handler = handlers[name] as ((input: unknown, caller: Caller) => Promise<unknown>) | undefined;
  if (!handler) throw new LetterlockError('not-found', `${name} is not served by this role`);
  const parsed = procedure.input.safeParse(input ?? {});
  if (!parsed.success) throw new LetterlockError('input-invalid', describeIssue(parsed.error.issues[0]));
  return handler(parsed.data, caller);
}

/** Path and expectation of the first problem; never the value, which may be a PIN. */
function describeIssue(issue: { path: PropertyKey[]; code: string } | undefined): string {
  return issue ? `${issue.path.join('.') || 'input'}: ${issue.code}` : 'input';
}
