import css from './Folds.module.css';

/** A large letter, folded: lines only, behind the words. Decoration. */
export const Folds = () => (
  <svg className={css.folds} viewBox="0 0 480 800" preserveAspectRatio="xMidYMid slice" fill="none" aria-hidden="true">
    <path d="M-40 300 240 520 520 300V840H-40z" fill="#fff" fillOpacity="0.045" />
    <path d="m-40 840 200-380m360 380L320 460" stroke="#fff" strokeOpacity="0.13" />
    <path d="M-40 300 240 520 520 300" stroke="#fff" strokeOpacity="0.2" />
    <path d="M208-10v820M272-10v820" stroke="#fff" strokeOpacity="0.09" />
    <path d="M196 478h88M196 566h88" stroke="#fff" strokeOpacity="0.28" strokeWidth="3" strokeLinecap="round" />
    <circle cx="240" cy="522" r="27" fill="#b53a31" />
    <circle cx="240" cy="522" r="18" stroke="#fff" strokeOpacity="0.4" strokeWidth="2" />
  </svg>
);
