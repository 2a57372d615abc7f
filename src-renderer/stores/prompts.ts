import { createStore } from 'zustand/vanilla';

export interface Question {
  readonly headline: string;
  readonly hint: string;
  readonly confirm: string;
  readonly danger?: boolean;
}
/** Something that is shown now and never again. */
export interface Secret {
  readonly headline: string;
  readonly hint: string;
  /** One to be copied, or several to be kept. */
  readonly texts: readonly string[];
}
interface Prompts {
  readonly question: Question | null;
  /** The question stays while its dialog closes. */
  readonly asking: boolean;
  /** Null once the person has kept it. */
  readonly secret: Secret | null;
  /** What was just done, in a sentence; gone after a while. */
  readonly notice: string;
  /** One question at a time; a new one answers the old one with no. */
  ask(question: Question): Promise<boolean>;
  answer(yes: boolean): void;
  reveal(secret: Secret): void;
  forgetSecret(): void;
  say(notice: string): void;
}
export type PromptStore = ReturnType<typeof createPrompts>;

const noticeFor = 6_000;

/** Questions before something that cannot be taken back, secrets that are shown once, and a line that says what was done. */
export const createPrompts = () => {
  let settle: ((yes: boolean) => void) | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  return createStore<Prompts>()((set, get) => ({
    question: null,
    asking: false,
    secret: null,
    notice: '',
    ask: (question) => {
      get().answer(false);
      set({ question, asking: true });
      return new Promise((resolve) => {
        settle = resolve;
      });
    },
    answer: (yes) => {
      set({ asking: false });
      settle?.(yes);
      settle = undefined;
    },
    reveal: (secret) => set({ secret }),
    forgetSecret: () => set({ secret: null }),
    say: (notice) => {
      clearTimeout(timer);
      set({ notice });
      timer = setTimeout(() => set({ notice: '' }), noticeFor);
    }
  }));
};
