import type { DeviceId } from '../../../src-preload/contract/ids.ts';
import type { Signed } from '../../identity/signed-statement.ts';
import type { MemberWord } from '../../protocol/membership.ts';
import type { Statements } from './statements.ts';

/** What this node says of itself. Its incarnation only grows: it begins with the time, so that nothing has to be kept on disk. */
export interface Self {
  word(): MemberWord;
  /** The newest that is signed. */
  signed(): Signed;
  /** Says it again, above `incarnation`, with what has changed. Resolves once it can be told. */
  raise(incarnation: number, change?: Partial<Pick<MemberWord, 'state' | 'condition'>>): Promise<void>;
}

export async function createSelf(options: {
  readonly id: DeviceId;
  readonly now: number;
  readonly statements: Statements;
  readonly onWord: (signed: Signed) => void;
}): Promise<Self> {
  const { id, now, statements, onWord } = options;
  let word: MemberWord = { id, incarnation: now, state: 'alive', condition: null };
  let signed = await statements.sign('member', word);
  let raising: Promise<void> = Promise.resolve();
  onWord(signed);

  const say = async (said: MemberWord): Promise<void> => {
    const statement = await statements.sign('member', said);
    if (said.incarnation < word.incarnation) return raising;
    signed = statement;
    onWord(signed);
  };
  return {
    word: () => word,
    signed: () => signed,
    raise(incarnation, change) {
      if (incarnation < word.incarnation && !change) return raising;
      word = { ...word, ...change, incarnation: Math.max(word.incarnation, incarnation) + 1 };
      raising = say(word);
      return raising;
    }
  };
}
